// A server that does not answer after its start keeps no other from its place among the processes, and one that only
// starts slowly comes up.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { afterEach, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { startGateway } from './lib/gateway.mjs';
import { childrenOf, until } from './lib/process.mjs';
import { scratchFile } from './lib/scratch.mjs';
import { stdioCommand } from './lib/servers.mjs';
import { StatelessClient } from './lib/stateless-client.mjs';

let gateway;
afterEach(() => gateway?.kill());

const said = ({ result, error }) => result?.content?.[0].text ?? JSON.stringify(error);
const linesOf = (file) => fs.readFileSync(file, 'utf8').split('\n').length - 1;

// A gateway that may have one process, for a server that answers and another one.
async function start(env) {
  const starts = scratchFile('starts.txt', '');
  const upstreams = { healthy: stdioCommand(), other: stdioCommand({ ...env, STARTS: starts }) };
  gateway = await startGateway({ processes: { max: 1, spares: 0 }, upstreams });
  await gateway.process.find(/healthy is ready/, 60_000);
  return () => linesOf(starts);
}

const assertOneProcess = () => assert.ok(childrenOf(gateway.process.pid).length <= 1, 'never more than processes.max');

test('calls are answered while another server never answers initialize', { timeout: 180_000 }, async () => {
  const starts = await start({ READ_AFTER: '1000000000' });
  const clients = [new StatelessClient(gateway.url('healthy')), await new Client(gateway.url('healthy')).open()];
  let before = 0;
  for (const client of clients) {
    await until(() => starts() > before, 'another start of the silent server', 60_000);
    assert.equal(said(await client.call('echo', { text: 'there' })), 'there');
    assertOneProcess();
    before = starts();
    assert.equal(said(await client.call('echo', { text: 'at once' })), 'at once');
  }
  assert.ok(starts() <= 6, `the pauses between its starts grow: ${starts()} starts`);
});

test('who waits for a start that gives way hears why, and when it is tried again', { timeout: 180_000 }, async () => {
  const reads = scratchFile('reads', '');
  const starts = await start({ READ_IF: reads });
  await gateway.process.find(/other is ready/, 60_000);
  const healthy = await new Client(gateway.url('healthy')).open();
  const other = await new Client(gateway.url('other')).open();
  assert.equal(said(await other.call('echo', { text: 'first' })), 'first');
  assert.equal(said(await healthy.call('echo', { text: 'second' })), 'second'); // In the place of the idle one.
  fs.rmSync(reads);
  const before = starts();
  const waiting = other.call('echo', { text: 'third' });
  await until(() => starts() > before, 'the silent start');
  assert.equal(said(await healthy.call('echo', { text: 'fourth' })), 'fourth');
  const why = /had not answered since it was started.*processes\.max.*started again in (\d+) s at the earliest/;
  assert.match(said(await waiting), why);
  const refused = said(await other.call('echo', { text: 'fifth' }));
  assert.match(refused, why);
  assert.equal(starts(), before + 1, 'it is not started before its time');
  fs.writeFileSync(reads, '');
  let last;
  const isAnswered = async () => (last = said(await other.call('echo', { text: 'sixth' }))) === 'sixth';
  await until(isAnswered, `the server that reads again (${last})`, 60_000);
  assertOneProcess();
});

test('a server that starts slowly comes up between the calls of others', { timeout: 180_000 }, async () => {
  await start({ READ_AFTER: '7000' });
  const healthy = await new Client(gateway.url('healthy')).open();
  const isUp = async () => {
    assert.equal(said(await healthy.call('echo', { text: 'there' })), 'there');
    return /other is ready/.test(gateway.output);
  };
  await until(isUp, 'the lists of the slow server', 150_000);
  const other = await new Client(gateway.url('other')).open();
  const isAnswered = async () => said(await other.call('echo', { text: 'up' })) === 'up';
  await until(isAnswered, 'an answer of the slow server', 150_000);
});
