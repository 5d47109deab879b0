// Settings of child processes.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { Client } from './lib/client.mjs';
import { withGateway } from './lib/gateway.mjs';
import { isAlive, until } from './lib/process.mjs';
import { scratchFile } from './lib/scratch.mjs';
import { stdioCommand } from './lib/servers.mjs';
import { setting } from './lib/setting.mjs';

const open = (gateway, name = 'child') => new Client(gateway.url(name)).open();
const pidOf = async (client) => Number((await client.call('pid')).result?.content[0].text);
const hasFailed = (answer) => Boolean(answer.error || answer.result.isError);

// More sessions than processes are allowed: one that is idle ends for the next, one with a running call does not.
async function assertAtMost(most, processes, names, limit) {
  const record = scratchFile('record.txt', '');
  const upstreams = Object.fromEntries(names.map((name) => [name, stdioCommand({ RECORD: record })]));
  const settings = { processes, upstreams, timeouts: { call: '20s' } };
  await withGateway(settings, async (gateway) => {
    const clients = [];
    const seen = new Set();
    for (let i = 0; i < 2 * most + 1; i++) {
      clients.push(await open(gateway, names[i % names.length]));
      seen.add(await pidOf(clients.at(-1)));
      assert.ok([...seen].filter(isAlive).length <= most);
    }
    assert.equal(seen.size, clients.length);
    await gateway.process.find(/its session's state is lost/);
    const busy = clients.slice(-most).map((client) => client.call('sleep').catch(() => {}));
    const sleeping = () => fs.readFileSync(record, 'utf8').split('"sleep"').length - 1;
    await until(() => sleeping() === most, 'the calls at the processes', 30_000);
    const pids = [...seen].slice(-most);
    await until(async () => hasFailed(await clients[0].call('pid')), 'the refusal while all are in use');
    assert.match(JSON.stringify(await clients[0].call('pid')), limit);
    assert.ok(pids.every(isAlive), 'those with a running call live');
    await clients.at(-1).close();
    assert.ok((await pidOf(clients[0])) > 0, 'who leaves makes room');
    for (const client of clients.slice(0, -1)) await client.close();
    await Promise.all(busy);
  });
}

setting('processes.max', () => assertAtMost(4, { max: 4 }, ['child', 'other'], /processes\.max/));
setting('processes.per_upstream_max', () => assertAtMost(2, { per_upstream_max: 2 }, ['child'], /processes\.per_upstream_max/));

setting('processes.idle_timeout', async () => {
  const settings = { processes: { idle_timeout: '1s' }, upstreams: { child: stdioCommand() } };
  await withGateway(settings, async (gateway) => {
    const client = await open(gateway);
    const pid = await pidOf(client);
    await until(() => !isAlive(pid), 'the end of the idle process');
    const next = await pidOf(client);
    assert.ok(next > 0 && next !== pid);
    await client.close();
  });
});

// Runs `body` with what calls a server that crashes at once, and says how often that was started.
async function withCrashing(processes, body) {
  const record = scratchFile('record.txt', '');
  // The other one works, so that there is something to open a session for.
  const upstreams = { child: stdioCommand({ CRASH: '1', RECORD: record }), other: stdioCommand() };
  const settings = { processes, upstreams, timeouts: { first_list_wait: '30s' } };
  const starts = () => fs.readFileSync(record, 'utf8').split('started').length - 1;
  return withGateway(settings, async (gateway) => {
    const client = await new Client(gateway.url()).open();
    const call = async () => {
      const answer = await client.call('child-echo');
      assert.ok(hasFailed(answer));
      return JSON.stringify(answer);
    };
    const outcome = await body(call, starts);
    await client.close();
    return outcome;
  });
}

// Calls until the server is not started any more, and then some more: how often it was.
const startsBeforeRefusal = (processes) =>
  withCrashing({ restart_window: '10m', ...processes }, async (call, starts) => {
    await until(async () => /processes\.restarts_max/.test(await call()), 'the refusal', 30_000);
    const had = starts();
    for (let i = 0; i < 20; i++) assert.match(await call(), /processes\.restarts_max/);
    assert.equal(starts(), had);
    return had;
  });

setting('processes.restarts_max', async () => {
  // The first start is no restart.
  assert.equal(await startsBeforeRefusal({ restarts_max: 0 }), 1);
  const some = await startsBeforeRefusal({ restarts_max: 1 });
  assert.ok(some <= 2, `${some} starts`);
  const more = await startsBeforeRefusal({ restarts_max: 4 });
  assert.ok(more > 2 && more <= 5, `${more} starts`);
});

setting('processes.restart_window', async () => {
  const patient = await startsBeforeRefusal({ restarts_max: 1 });
  const isStartedAgain = async (call, starts) => until(async () => (await call()) && starts() > patient + 1, 'more starts', 30_000);
  await withCrashing({ restarts_max: 1, restart_window: '100ms' }, isStartedAgain);
});

setting('processes.inherit', async () => {
  const env = { FOR_CHILDREN: 'yes', NOT_FOR_CHILDREN: 'no' };
  for (const inherit of [[], ['FOR_CHILDREN', 'NOT_SET']]) {
    const settings = { processes: { inherit }, upstreams: { child: stdioCommand() } };
    const body = async (gateway) => {
      const client = await open(gateway);
      const seen = JSON.parse((await client.call('environment')).result.content[0].text);
      assert.equal(seen.FOR_CHILDREN, inherit.length > 0 ? 'yes' : undefined);
      assert.equal(seen.NOT_FOR_CHILDREN, undefined);
      await client.close();
    };
    await withGateway(settings, body, { env });
  }
});

setting('processes.kill_after', async () => {
  for (const [killAfter, least, most] of [
    ['200ms', 0, 3000], // By default it has 2 s, twice.
    ['4s', 3500, 60_000],
  ]) {
    const upstreams = { child: stdioCommand({ STUBBORN: '1' }) };
    await withGateway({ processes: { kill_after: killAfter }, upstreams }, async (gateway) => {
      const client = await open(gateway);
      const pid = await pidOf(client);
      const begin = Date.now();
      await client.close();
      await until(() => !isAlive(pid), 'the end of the stubborn process', most);
      const ms = Date.now() - begin;
      assert.ok(ms >= least && ms < most, `${killAfter}: ${ms} ms`);
    });
  }
});
