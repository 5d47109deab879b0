// Processes that are started before anybody needs them: who takes them, what they see before, and how they end.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { startGateway } from './lib/gateway.mjs';
import { childrenOf, until } from './lib/process.mjs';
import { scratchFile, scratchFolder } from './lib/scratch.mjs';
import { stdioCommand } from './lib/servers.mjs';
import { setting } from './lib/setting.mjs';
import { status } from '../soak/status.mjs';

const gateways = [];
after(() => Promise.all(gateways.map((gateway) => gateway.kill())));
const socketPath = () => path.join(fs.mkdtempSync(path.join(scratchFolder(), 'status-')), 's');
async function start(settings) {
  const socket = socketPath();
  gateways.push(Object.assign(await startGateway({ ...settings, status: { socket } }), { socket }));
  return gateways.at(-1);
}

const open = (gateway, name, capabilities = {}) => new Client(gateway.url(name), { capabilities }).open();
const pidOf = async (client) => Number((await client.call('pid')).result?.content[0].text);
const children = (gateway) => childrenOf(gateway.process.pid);

// Its children, once so many are spare, and others are there for calls only: what listed the servers has ended.
async function settled(gateway, spares, others = 0) {
  let now;
  const isSettled = async () => {
    now = await status(gateway.socket);
    return now.spares === spares && now.children === spares + others && children(gateway).length === now.children;
  };
  await until(isSettled, `${spares} spare processes beside ${others}`, 60_000).catch((error) => {
    throw new Error(`${error.message}: ${JSON.stringify(now)}\n${gateway.output}`);
  });
  return children(gateway);
}

test('a session takes a process that has seen nothing, on whichever worker, and another is started', async () => {
  const record = scratchFile('record.txt', '');
  const gateway = await start({ workers: 2, upstreams: { child: stdioCommand({ RECORD: record }) } });
  // The first that can be asked has the server listed once more, in a process of the gateway's own.
  const able = await open(gateway, 'child', { roots: {} });
  await able.request('tools/list');
  await able.close();
  const clients = [];
  const abilities = [{}, { roots: {} }, { sampling: {} }, { elicitation: {} }];
  for (const [i, able] of abilities.entries()) {
    const before = await settled(gateway, 1, i);
    fs.writeFileSync(record, '');
    clients.push(await open(gateway, 'child', able));
    const pid = await pidOf(clients.at(-1));
    assert.ok(before.includes(pid), `${pid} is none of ${before}`);
    const methods = fs.readFileSync(record, 'utf8').trim().split('\n').map((line) => JSON.parse(line).method);
    assert.deepEqual(methods, ['initialize', 'notifications/initialized', 'tools/call']);
  }
  for (const client of clients) await client.close();
  await settled(gateway, 1);
});

test('a spare process that dies is replaced, and neither the server nor its calls suffer', async () => {
  const gateway = await start({ workers: 1, processes: { restarts_max: 1 }, upstreams: { child: stdioCommand() } });
  for (let i = 0; i < 3; i++) {
    const [pid] = await settled(gateway, 1);
    process.kill(pid, 'SIGKILL');
    await until(() => children(gateway).every((each) => each !== pid), 'its end');
  }
  await gateway.process.find(/a spare process ended: signal 9/);
  assert.doesNotMatch(gateway.output, /"level":"warning","event":"catalogue"/);
  const client = await open(gateway, 'child');
  assert.ok((await pidOf(client)) > 0);
  await client.close();
});

test('a spare process goes first when its place is needed', async () => {
  const processes = { max: 2 };
  const gateway = await start({ workers: 1, processes, upstreams: { a: stdioCommand(), b: stdioCommand() } });
  const spares = await settled(gateway, 2);
  const first = await open(gateway, 'a');
  const second = await open(gateway, 'a');
  const pids = [await pidOf(first), await pidOf(second)];
  assert.ok(spares.includes(pids[0]));
  assert.ok(!spares.includes(pids[1]));
  assert.doesNotMatch(gateway.output, /state is lost/);
  assert.deepEqual(new Set(children(gateway)), new Set(pids));
  await first.close();
  await second.close();
});

test('spare processes end when their server is not configured any more, and with the gateway', async () => {
  const upstreams = { a: stdioCommand(), b: stdioCommand() };
  const gateway = await start({ workers: 1, upstreams });
  await settled(gateway, 2);
  gateway.configure({ listen: '127.0.0.1:0', workers: 1, status: { socket: gateway.socket }, upstreams: { a: upstreams.a } });
  gateway.reload();
  const [pid] = await settled(gateway, 1);
  assert.equal((await gateway.stop()).code, 0);
  assert.throws(() => process.kill(pid, 0));
});

test('a server that is not listed yet keeps those of the others back', async () => {
  const mayList = scratchFile('may-list', '');
  fs.rmSync(mayList);
  const upstreams = { quick: stdioCommand(), slow: stdioCommand({ LIST_IF: mayList }) };
  const gateway = await start({ workers: 1, upstreams, timeouts: { list: '60s' } });
  await gateway.process.find(/quick is ready/, 30_000);
  await until(() => children(gateway).length === 1, 'only the slow one runs', 30_000);
  assert.doesNotMatch(gateway.output, /slow is ready/);
  fs.writeFileSync(mayList, '');
  await settled(gateway, 2);
});

setting('processes.spares', async () => {
  for (const spares of [0, 2]) {
    const gateway = await start({ workers: 1, processes: { spares }, upstreams: { child: stdioCommand() } });
    await gateway.process.find(/child is ready/, 30_000);
    await settled(gateway, spares);
    const client = await open(gateway, 'child');
    assert.ok((await pidOf(client)) > 0);
    await settled(gateway, spares, 1);
    await client.close();
  }
});
