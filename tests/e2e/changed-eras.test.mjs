// A server that speaks another era than before, without a word: who is connected to it goes on, in that one.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, test } from 'node:test';
import { status } from '../soak/status.mjs';
import { ChangingUpstream, send } from './lib/changing-upstream.mjs';
import { Client } from './lib/client.mjs';
import { startGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { scratchFile, scratchFolder } from './lib/scratch.mjs';
import { stdioCommand } from './lib/servers.mjs';
import { StatelessClient } from './lib/stateless-client.mjs';

const said = ({ result, error }) => result?.content?.[0].text ?? JSON.stringify(error);
let gateway, server, socket;

afterEach(async () => {
  await gateway?.kill();
  await server?.stop();
});

async function start(era, change = () => {}) {
  server = await new ChangingUpstream(era).start();
  change(server);
  socket = path.join(fs.mkdtempSync(path.join(scratchFolder(), 'status-')), 's');
  gateway = await startGateway({ upstreams: { one: { url: server.url } }, status: { socket } });
}
const spoken = async () => (await status(socket)).servers.find(({ name }) => name === 'one').era;

const error = (code, message, more = {}) => ({ error: { code, message, ...more } });
const data = { supported: ['2026-07-28'] };
const noSessions = {
  '400, -32022': (response, { id }) => send(response, 400, { id, ...error(-32022, 'Unsupported protocol version', { data }) }),
  '200, -32022': (response, { id }) => send(response, 200, { id, ...error(-32022, 'Unsupported protocol version', { data }) }),
  '400, no id': (response) => send(response, 400, { id: null, ...error(-32000, 'Bad Request: Unsupported protocol version') }),
  '400, text': (response) => send(response, 400, 'unsupported protocol version'),
};
for (const [how, refuse] of Object.entries(noSessions)) {
  test(`a session goes on at a server that has become a stateless one (${how})`, async () => {
    await start('sessions');
    const client = await new Client(gateway.url('one')).open();
    assert.equal(said(await client.call('run')), 'sessions');
    Object.assign(server, { era: 'stateless', refuse });
    assert.equal(said(await client.call('run')), 'stateless');
    assert.equal(said(await client.call('run')), 'stateless');
    assert.equal(server.runs, 3);
    assert.equal(await spoken(), 'stateless');
    await client.close();
  });
}

// The id of the request makes it the answer, which the client gets: it is never sent twice.
const missing = 'Missing _meta envelope';
const answers = {
  '400, -32602': (response, { id }) => send(response, 400, { id, ...error(-32602, missing) }),
  '400, -32020': (response, { id, method }) => send(response, 400, { id, ...error(-32020, `Mcp-Method: ${method} is missing`) }),
  '400, -32602, and 404 for what it does not know': (response, { id, method }) =>
    method === 'tools/call' || method === 'initialize'
      ? send(response, 400, { id, ...error(-32602, missing) })
      : send(response, 404, { id, ...error(-32601, 'Method not found') }),
};
for (const [how, answer] of Object.entries(answers)) {
  test(`a session goes on at a stateless server after one answer that only such a one gives (${how})`, async () => {
    let calls = 0;
    const refuse = (response, message) => {
      if (message.method === 'tools/call') calls += 1;
      answer(response, message);
    };
    await start('sessions');
    const client = await new Client(gateway.url('one')).open();
    assert.equal(said(await client.call('run')), 'sessions');
    Object.assign(server, { era: 'stateless', refuse });
    const refused = await client.call('run');
    assert.ok(refused.error || refused.result.isError, JSON.stringify(refused));
    assert.deepEqual([calls, server.runs], [1, 1]);
    assert.doesNotMatch(JSON.stringify(refused), /-32020/);
    await until(async () => said(await client.call('run')) === 'stateless', 'a call without a session');
    assert.equal(server.runs, 2);
    await client.close();
  });
}

test('a session that lives outlasts answers that a stateless server might give', async () => {
  await start('sessions');
  const client = await new Client(gateway.url('one')).open();
  assert.equal(said(await client.call('run')), 'sessions');
  for (const code of [-32602, -32020, -32602]) {
    server.answerNext = (response, { id }) => send(response, 400, { id, ...error(code, 'No document 42') });
    const { error: refused, result } = await client.call('run');
    assert.ok(code === -32602 ? refused.code === code : result?.isError, JSON.stringify(refused ?? result));
    assert.equal(said(await client.call('run')), 'sessions');
  }
  await until(() => server.pings > 0, 'the ping');
  assert.equal(said(await client.call('run')), 'sessions');
  assert.equal(server.callers.size, 1);
  await client.close();
});

test('a session goes on at a program that has lost its sessions while it runs', async () => {
  const turned = path.join(scratchFolder(), 'turned');
  const record = scratchFile('record.txt', '');
  const child = stdioCommand({ TURNS_IF: turned, RECORD: record });
  gateway = await startGateway({ upstreams: { child }, processes: { spares: 0 } });
  const client = await new Client(gateway.url('child')).open();
  const process = said(await client.call('pid'));
  assert.equal((await client.call('refuse')).error.code, -32602);
  await until(() => fs.readFileSync(record, 'utf8').includes('"ping"'), 'the ping');
  assert.equal(said(await client.call('pid')), process);
  fs.writeFileSync(turned, '');
  assert.equal((await client.call('echo', { text: 'once' })).error.code, -32602);
  await until(async () => said(await client.call('echo', { text: 'again' })) === 'again', 'a call without a session');
  assert.notEqual(said(await client.call('pid')), process);
  assert.equal(fs.readFileSync(record, 'utf8').match(/"once"/g).length, 1, 'it is sent once');
  await client.close();
});

test('a server with sessions that is slow to begin one is not taken for a stateless one', async () => {
  let begin;
  const slowly = new Promise((resolve) => (begin = resolve));
  await start('sessions', (made) => {
    made.refuse = (response, { id }) => send(response, 404, { id, ...error(-32601, 'Method not found') });
    made.sessions.beforeInitialize = () => slowly;
  });
  const clients = [new StatelessClient(gateway.url('one')), new StatelessClient(gateway.url('one'))];
  const first = await clients[0].call('run'); // It waits for the first list, and no longer.
  assert.match(said(first), /did not answer in time/);
  begin();
  for (const client of clients) await until(async () => said(await client.call('run')) === 'sessions', 'its era');
  assert.equal(server.runs, 2);
  assert.equal(await spoken(), 'sessions');
  for (const client of clients) client.close();
});

const noStateless = {
  '400, no id': (response) => send(response, 400, { id: null, ...error(-32000, 'Bad Request: No valid session ID provided') }),
  '404, -32601': (response, { id }) => send(response, 404, { id, ...error(-32601, 'Method not found') }),
  '400, -32600': (response, { id }) => send(response, 400, { id, ...error(-32600, 'Server not initialized') }),
  '404, text': (response) => send(response, 404, 'Session not found'),
};
for (const [how, refuse] of Object.entries(noStateless)) {
  test(`a stateless client goes on at a server that has come to want sessions (${how})`, async () => {
    await start('stateless');
    const client = new StatelessClient(gateway.url('one'));
    assert.equal(said(await client.call('run')), 'stateless');
    assert.equal(await spoken(), 'stateless');
    Object.assign(server, { era: 'sessions', refuse });
    assert.equal(said(await client.call('run')), 'sessions');
    assert.equal(server.runs, 2);
    assert.equal(await spoken(), 'sessions');
    client.close();
  });
}
