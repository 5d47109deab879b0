// A stateless client cancels by leaving. One that only ends its own half of the connection stays, and gets its answer.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { startGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { connect, requestText } from './lib/raw-http.mjs';
import { StatelessClient } from './lib/stateless-client.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

let upstream, gateway, running, finish;
const tools = {
  wait: (call) => {
    running = call;
    return new Promise((resolve) => (finish = () => resolve(text('waited'))));
  },
  async ask(call) {
    running = call;
    await new Promise((resolve) => (finish = resolve));
    await call.ask('elicitation/create', { message: 'Name?', requestedSchema: { type: 'object', properties: {} } });
    return text('done');
  },
};
const both = 'application/json, text/event-stream';
const capabilities = { elicitation: {} };

before(async () => {
  upstream = await startUpstream({ tools });
  gateway = await startGateway({ upstreams: { one: { url: upstream.url } } });
});
after(async () => {
  await gateway.kill();
  await upstream.stop();
});
beforeEach(() => {
  running = finish = undefined;
});

// Sends a call of `tool` on a connection of its own, and returns when it is at the server.
async function begin(tool, accept = both) {
  const { message, headers } = new StatelessClient('', { capabilities }).build('tools/call', { name: tool });
  const lines = Object.entries({ ...headers, accept, 'content-type': 'application/json' });
  const connection = await connect(gateway.port);
  const path = '/servers/one/mcp';
  const body = JSON.stringify(message);
  connection.send(requestText({ path, port: gateway.port, headers: lines.map((line) => line.join(': ')), body }));
  await until(() => running, 'the call');
  return connection;
}

const isCancelled = () =>
  upstream.notes.some(
    ({ method, params }) => method === 'notifications/cancelled' && params.requestId === running.message.id,
  );

test('a client that closes its half gets a stream that begins with a comment, and its answer', async () => {
  const client = await begin('wait');
  client.socket.end();
  await until(() => client.received.includes('\r\n:\n\n'), 'a comment');
  finish();
  const { headers, body } = await client.response();
  assert.equal(headers['content-type'], 'text/event-stream');
  assert.match(body, /"waited"/);
  await client.closed();
  assert.ok(!isCancelled());
});

test('a client that goes as a whole cancels its call, whatever it takes', async () => {
  for (const accept of [both, 'application/json']) {
    running = undefined;
    const client = await begin('wait', accept);
    client.close();
    await until(isCancelled, `the cancellation: ${accept}`);
  }
});

test('a client that resets its connection cancels its call', async () => {
  const client = await begin('wait');
  client.socket.resetAndDestroy();
  await until(isCancelled, 'the cancellation');
});

test('a client of JSON alone cancels when it closes its half', async () => {
  const client = await begin('wait', 'application/json');
  client.socket.end();
  await until(isCancelled, 'the cancellation');
});

test('a call that asks is not parked for a client that leaves at once', async () => {
  for (const leave of [(client) => client.close(), (client) => client.socket.resetAndDestroy()]) {
    running = undefined;
    const client = await begin('ask');
    leave(client);
    finish();
    await until(isCancelled, 'the cancellation');
  }
});

test('a call that asks is parked for a client that closes its half', async () => {
  const client = await begin('ask');
  client.socket.end();
  finish();
  const { body } = await client.response();
  assert.match(body, /"input_required"/);
  assert.ok(!isCancelled());
});
