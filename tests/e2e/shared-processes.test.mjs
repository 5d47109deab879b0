// A stateless server over stdio has one process for all sessions, whatever they do in it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { defaults, startGateway, withGateway } from './lib/gateway.mjs';
import { childrenOf, until } from './lib/process.mjs';
import { scratchFile, scratchFolder } from './lib/scratch.mjs';
import { stdioCommand } from './lib/servers.mjs';
import { StatelessClient } from './lib/stateless-client.mjs';

const starts = scratchFile('starts.txt', '');
const record = scratchFile('record.txt', '');
const countStarts = () => fs.readFileSync(starts, 'utf8').trim().split('\n').length;
const received = (method) =>
  fs
    .readFileSync(record, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter((message) => message.method === method);
let gateway;
let files = 0; // For which a call has waited.

before(async () => {
  const child = stdioCommand({ STATELESS: '1', STARTS: starts, RECORD: record });
  gateway = await startGateway({ workers: 1, upstreams: { child } });
});
after(() => gateway?.kill());

const open = (capabilities = {}) => new Client(gateway.url('child'), { capabilities }).open();
const said = (answer) => answer.result?.content[0].text ?? JSON.stringify(answer);
const hasFailed = (answer) => Boolean(answer.error || answer.result.isError);

test('many sessions at a time, and stateless clients, need one process', async () => {
  const abilities = [{}, { roots: {} }, { sampling: {} }, { elicitation: {} }, { roots: {}, sampling: {} }];
  const clients = await Promise.all(abilities.map(open));
  const pids = await Promise.all(clients.map(async (client) => said(await client.call('pid'))));
  pids.push(said(await new StatelessClient(gateway.url('child')).call('pid')));
  assert.equal(new Set(pids).size, 1, pids.join(' '));
  await until(() => childrenOf(gateway.process.pid).length === 1, 'the end of the one that was asked');
  assert.deepEqual(childrenOf(gateway.process.pid), [Number(pids[0])]);
  for (const client of clients) await client.close();
  assert.deepEqual(childrenOf(gateway.process.pid), [Number(pids[0])], 'it outlives the sessions');
  assert.equal(countStarts(), 2, 'and the one that was asked whether it has sessions');
});

test('answers, cancellations and ends of sessions go to the calls that they belong to', async () => {
  const clients = await Promise.all(Array.from({ length: 4 }, () => open()));
  const answers = clients.flatMap((client, i) =>
    Array.from({ length: 20 }, async (_, j) => said(await client.call('echo', { text: `${i}-${j}` }))),
  );
  const texts = await Promise.all(answers);
  assert.deepEqual(texts, clients.flatMap((_, i) => Array.from({ length: 20 }, (__, j) => `${i}-${j}`)));

  const sleeping = () => received('tools/call').filter(({ params }) => params.name === 'sleep');
  const running = clients.map((client) => client.request('tools/call', { name: 'sleep', arguments: {} }, { id: 'one' }).catch(() => {}));
  await until(() => sleeping().length === 4, 'the calls at the process');
  await clients[0].notify('notifications/cancelled', { requestId: 'one' });
  await until(() => received('notifications/cancelled').length === 1, 'the cancellation');
  await clients[1].close();
  await until(() => received('notifications/cancelled').length === 2, 'the end of the call of a session that ended');
  const cancelled = received('notifications/cancelled').map(({ params }) => params.requestId);
  assert.equal(new Set(cancelled).size, 2);
  assert.ok(cancelled.every((id) => sleeping().some((call) => call.id === id)));
  assert.equal(said(await clients[2].call('echo', { text: 'on' })), 'on');
  for (const client of [clients[0], clients[2], clients[3]]) await client.close();
  await until(() => received('notifications/cancelled').length === 4, 'the end of the other calls');
  await Promise.all(running);
});

test('when it dies all calls in it fail, and it is started once for all', async () => {
  const clients = await Promise.all(Array.from({ length: 4 }, () => open()));
  for (const client of clients) await client.call('pid');
  const before = countStarts();
  const sleeping = () => received('tools/call').filter(({ params }) => params.name === 'sleep').length;
  const had = sleeping();
  const running = clients.slice(1).map((client) => client.call('sleep'));
  await until(() => sleeping() === had + 3, 'the calls at the process');
  assert.ok(hasFailed(await clients[0].call('crash')));
  for (const answer of await Promise.all(running)) assert.ok(hasFailed(answer));
  const pids = await Promise.all(clients.map(async (client) => said(await client.call('pid'))));
  assert.equal(new Set(pids).size, 1, pids.join(' '));
  assert.equal(countStarts(), before + 1);
  for (const client of clients) await client.close();
});

test('descriptors and processes do not grow with the sessions', async () => {
  const descriptors = () => fs.readdirSync(`/proc/${gateway.process.pid}/fd`).length;
  const work = async () => {
    const client = await open();
    await client.call('echo', { text: 'a' });
    await client.close();
    client.agent.destroy();
  };
  await work();
  const before = descriptors();
  for (let i = 0; i < 30; i++) await work();
  await until(() => descriptors() <= before + 2, 'descriptors as before');
  assert.equal(childrenOf(gateway.process.pid).length, 1);
});

test('it ends when nobody has used it for long, and comes back with the next call', async () => {
  const file = scratchFile('idle.txt', '');
  const settings = { workers: 2, processes: { idle_timeout: '3s' }, upstreams: { child: stdioCommand({ STATELESS: '1', STARTS: file }) } };
  await withGateway(settings, async (own) => {
    const clients = await Promise.all(Array.from({ length: 12 }, () => new Client(own.url('child')).open()));
    const pids = await Promise.all(clients.map(async (client) => said(await client.call('pid'))));
    assert.ok(new Set(pids).size <= 2, pids.join(' '));
    await until(() => childrenOf(own.process.pid).length === 0, 'the end of the processes that are idle', 30_000);
    assert.ok(!hasFailed(await clients[0].call('echo', { text: 'a' })));
    for (const client of clients) await client.close();
  });
});

test('it ends when stateless clients have not used it for long, too', async () => {
  const processes = { idle_timeout: '1s' };
  const settings = { workers: 1, processes, upstreams: { child: stdioCommand({ STATELESS: '1' }) } };
  await withGateway(settings, async (own) => {
    const client = new StatelessClient(own.url('child'));
    const first = said(await client.call('pid'));
    // Nobody else lists it again before.
    await until(() => !childrenOf(own.process.pid).includes(Number(first)), 'the end of the idle process', 30_000);
    assert.notEqual(said(await client.call('pid')), first);
  });
});

for (const [what, next] of [
  ['changes', { child: stdioCommand({ STATELESS: '1', CHANGED: '1' }) }],
  ['removes', { other: stdioCommand({ STATELESS: '1', CHANGED: '1' }) }],
]) {
  test(`a reload that ${what} its server ends it when its calls have ended; new calls go to the new one`, async () => {
    const record = scratchFile('record.txt', '');
    const settings = { workers: 1, upstreams: { child: stdioCommand({ STATELESS: '1', RECORD: record }) } };
    await withGateway(settings, async (own) => {
      const file = path.join(scratchFolder(), `go-${++files}`);
      const [stateless, lasting] = [new StatelessClient(own.url()), await new Client(own.url()).open()];
      const old = Number(said(await stateless.call('child-pid')));
      assert.equal(Number(said(await lasting.call('child-pid'))), old);
      const running = stateless.call('child-wait-for', { file });
      const other = lasting.call('child-wait-for', { file });
      await until(() => fs.readFileSync(record, 'utf8').split('"wait-for"').length > 2, 'both calls');
      own.configure({ ...defaults, ...settings, upstreams: next });
      own.reload();
      await until(() => /"reloaded"/.test(own.output), 'the reload');
      const name = `${Object.keys(next)[0]}-pid`;
      let answer;
      await until(async () => !hasFailed((answer = await stateless.call(name))), 'the new server');
      assert.notEqual(Number(said(answer)), old);
      assert.ok(childrenOf(own.process.pid).includes(old), 'its calls run');
      fs.writeFileSync(file, '');
      assert.deepEqual([said(await running), said(await other)], ['found', 'found']);
      await until(() => !childrenOf(own.process.pid).includes(old), 'the end of the old process');
      await lasting.close();
    });
  });
}

test('where there may be only one process for two workers, calls wait for it and none is refused', async () => {
  const file = path.join(scratchFolder(), `go-${++files}`);
  const calls = scratchFile('calls.txt', '');
  const child = stdioCommand({ STATELESS: '1', RECORD: calls });
  const settings = { workers: 2, processes: { per_upstream_max: 1 }, upstreams: { child } };
  await withGateway(settings, async (own) => {
    const warning = /processes\.per_upstream_max \(1\) is less than workers \(2\)/;
    await until(() => warning.test(own.output), 'the warning');
    const begin = (...call) => new StatelessClient(own.url('child')).call(...call);
    const held = begin('wait-for', { file });
    await until(() => fs.readFileSync(calls, 'utf8').includes('wait-for'), 'the call at the process');
    // So many connections that the other worker has some.
    const others = Array.from({ length: 12 }, () => begin('echo', { text: 'a' }));
    await new StatelessClient(own.url('child')).request('tools/list');
    fs.writeFileSync(file, '');
    assert.equal(said(await held), 'found');
    for (const answer of await Promise.all(others)) assert.equal(said(answer), 'a');
    assert.ok(childrenOf(own.process.pid).length <= 1);
  });
});
