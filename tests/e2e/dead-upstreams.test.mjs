// One upstream is dead in one of the ways that there are; the others, and the lists, do not suffer.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { startGateway } from './lib/gateway.mjs';
import { startFixture } from './lib/servers.mjs';
import { startUpstream } from './lib/upstream.mjs';

let living, gateway;
const open = [];

before(async () => {
  living = await startUpstream();
});
after(async () => {
  await gateway?.kill();
  await living.stop();
  for (const close of open) await close();
});

// What a call and a list may take is far from what each of them waits for, if it wrongly does.
const timeouts = { connect: '1s', call: '4s', list: '30s', first_list_wait: '2s' };

async function startBeside(url) {
  await gateway?.kill();
  gateway = await startGateway({ upstreams: { living: { url: living.url }, dead: { url } }, timeouts });
  return new Client(gateway.url()).open();
}

// A port on which nobody listens.
async function refusedUrl() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}/mcp`;
}

// Accepts connections and never says a word.
async function silentUrl() {
  const sockets = new Set();
  const server = net.createServer((socket) => sockets.add(socket.on('error', () => {})));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${server.address().port}/mcp`;
}

async function took(work) {
  const start = Date.now();
  await work();
  return Date.now() - start;
}

// The quickest of some: who waits for another does so each time, and who waits for a processor does not.
async function tookAtBest(work) {
  const all = [];
  for (let i = 0; i < 5; i += 1) all.push(await took(work));
  return Math.min(...all);
}

// The dead one costs the first list its wait at most, and later ones nothing.
async function assertTheLivingWork(client) {
  let tools;
  const first = await took(async () => {
    tools = (await client.request('tools/list')).result.tools;
  });
  assert.ok(tools.some(({ name }) => name === 'living-echo'), JSON.stringify(tools));
  assert.ok(first < 15_000, `the first list took ${first} ms`);
  const later = await tookAtBest(() => client.request('tools/list'));
  assert.ok(later < 1000, `a later list took ${later} ms`);
  const call = await tookAtBest(async () => {
    const answer = await client.call('living-echo', { text: 'x' });
    assert.equal(answer.result.content[0].text, 'x');
  });
  assert.ok(call < 1000, `a call of the living took ${call} ms`);
}

// A failure in time: an error or an isError result, with nothing internal in it.
async function assertFails(client, name, url) {
  let answer;
  const ms = await took(async () => {
    answer = await client.call(name);
  });
  assert.ok(ms < 20_000, `the call took ${ms} ms`);
  assert.ok(answer.error || answer.result.isError, JSON.stringify(answer));
  const shown = JSON.stringify(answer);
  for (const secret of [new URL(url).host, '127.0.0.1', 'errno', 'ECONN']) {
    assert.ok(!shown.includes(secret), shown);
  }
}

for (const [how, url] of Object.entries({ refused: refusedUrl, 'black-holed': silentUrl })) {
  test(`an upstream that is ${how} from the start`, { timeout: 120_000 }, async () => {
    const dead = await url();
    const client = await startBeside(dead);
    await assertTheLivingWork(client);
    await assertFails(client, 'dead-anything', dead);
    // Alone it is no reason to refuse a session: it may come back.
    const alone = new Client(gateway.url('dead'));
    await alone.open();
    assert.deepEqual((await alone.request('tools/list')).result.tools, []);
    await assertFails(alone, 'anything', dead);
    await client.close();
  });
}

test('an upstream that is stopped (SIGSTOP) and comes back', { timeout: 120_000 }, async () => {
  const fixture = await startFixture();
  open.push(() => fixture.process.stop('SIGKILL'));
  const client = await startBeside(fixture.url);
  const simple = () => client.call('dead-test-simple-text');
  assert.match((await simple()).result.content[0].text, /simple text/);
  fixture.process.signal('SIGSTOP');
  await assertFails(client, 'dead-test-simple-text', fixture.url);
  await assertTheLivingWork(client);
  // What it listed while it was well stays.
  const { tools } = (await client.request('tools/list')).result;
  assert.ok(tools.some(({ name }) => name === 'dead-test-simple-text'));
  fixture.process.signal('SIGCONT');
  assert.match((await simple()).result.content[0].text, /simple text/);
  await client.close();
});

test('an upstream that lost its sessions is used again in a new one', { timeout: 120_000 }, async () => {
  const upstream = await startUpstream();
  open.push(() => upstream.stop());
  const client = await startBeside(upstream.url);
  assert.equal((await client.call('dead-echo', { text: 'a' })).result.content[0].text, 'a');
  upstream.sessions.clear();
  assert.equal((await client.call('dead-echo', { text: 'b' })).result.content[0].text, 'b');
  assert.deepEqual(upstream.calls.map(({ params }) => params.arguments.text), ['a', 'b']);
  await client.close();
});
