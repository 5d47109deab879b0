// Many servers at start: each is started once, and all are there about as soon as without the gateway.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import { test } from 'node:test';
import { Client } from './lib/client.mjs';
import { withGateway } from './lib/gateway.mjs';
import { start } from './lib/process.mjs';
import { scratchFile } from './lib/scratch.mjs';
import { stdioCommand } from './lib/servers.mjs';

const lines = (file) => fs.readFileSync(file, 'utf8').trim().split('\n').filter(Boolean);

// All of them by themselves, as many at a time as there are processors: how long until the last one reads. On a machine
// that does nothing else all at once take as long; on a busy one those would get more of it than their share.
async function msDirectly(count, env) {
  const begin = Date.now();
  const { command, args } = stdioCommand();
  const all = [];
  const startSome = async () => {
    while (all.length < count) {
      const one = start(command, args, { env: { ...env, SAY_READY: '1' } });
      all.push(one);
      await one.find(/^reads$/m, 60_000);
    }
  };
  await Promise.all(Array.from({ length: os.availableParallelism() }, startSome));
  const ms = Date.now() - begin;
  for (const each of all) await each.stop('SIGKILL');
  return ms;
}

async function msBehindGateway(count, env) {
  const starts = scratchFile('starts.txt', '');
  const upstreams = {};
  for (let i = 0; i < count; i++) upstreams[`s${i}`] = stdioCommand({ ...env, STARTS: starts });
  const begin = Date.now();
  const ms = await withGateway({ upstreams, timeouts: { first_list_wait: '60s' } }, async (gateway) => {
    const client = await new Client(gateway.url()).open();
    const { tools } = (await client.request('tools/list')).result;
    const listed = Date.now() - begin;
    const names = new Set(tools.map(({ name }) => name.split('-')[0]));
    assert.equal(names.size, count, `only ${[...names].sort()}`);
    await client.close();
    return listed;
  });
  assert.equal(lines(starts).length, count, 'each was started once');
  return ms;
}

// What else runs on the machine changes from one moment to the next: so it is done directly before and after. Who waits
// for a time that is set, or starts servers anew, takes longer than this by far.
const assertAbout = (ms, direct) => assert.ok(ms <= 3 * Math.max(...direct) + 10_000, `${ms} ms, directly ${direct}`);

test('sixteen servers that work hard when they start are all there about as soon as directly', { timeout: 280_000 }, async () => {
  const env = { BURN: '250' };
  const before = await msDirectly(16, env);
  const ms = await msBehindGateway(16, env);
  assertAbout(ms, [before, await msDirectly(16, env)]);
});

test('servers that only wait when they start do not keep others from it', { timeout: 280_000 }, async () => {
  const count = 4 * os.availableParallelism();
  const ms = await msBehindGateway(count, { READ_AFTER: '8000' });
  // One after the other on each processor would be 32 s.
  assert.ok(ms < 28_000, `${ms} ms`);
});
