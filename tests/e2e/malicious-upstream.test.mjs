// An upstream that breaks its contract: the call fails in time, nothing of it leaks, nobody else notices.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { startGateway, withGateway } from './lib/gateway.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

let upstream, gateway, client;

const json = { 'content-type': 'application/json' };
const stream = { 'content-type': 'text/event-stream' };

const answerTo = (call, more = {}) =>
  JSON.stringify({ jsonrpc: '2.0', id: call.message.id, result: text('it worked'), ...more });

const refusalOf = (call, error) => JSON.stringify({ jsonrpc: '2.0', id: call.message.id, error });

function reply(call, body, headers = json, status = 200) {
  call.response.writeHead(status, headers);
  call.response.end(body);
}

// Each answers the HTTP request itself, wrongly.
const wrong = {
  'bad-json': (call) => reply(call, '{"jsonrpc":"2.0","id":'),
  'not-an-answer': (call) => reply(call, '[]'),
  'empty-body': (call) => reply(call, ''),
  'an-html-page': (call) => reply(call, '<h1>502</h1>', { 'content-type': 'text/html' }),
  'wrong-id': (call) => reply(call, answerTo({ message: { id: 'someone-else' } })),
  'id-of-another-type': (call) => reply(call, answerTo({ message: { id: String(call.message.id) + '0' } })),
  'no-result': (call) => reply(call, JSON.stringify({ jsonrpc: '2.0', id: call.message.id })),
  'result-and-error': (call) => reply(call, answerTo(call, { error: { code: 1, message: 'x' } })),
  'two-results': (call) => reply(call, answerTo(call).replace('{"jsonrpc"', '{"result":{},"jsonrpc"')),
  'a-result-in-disguise': (call) => reply(call, answerTo(call).replace('{"jsonrpc"', '{"Result":{},"jsonrpc"')),
  'invalid-utf8': (call) => reply(call, Buffer.from(answerTo(call).replace('worked', '\xff\xfe'), 'latin1')),
  'an-error-without-a-code': (call) => reply(call, refusalOf(call, { message: 'it worked' })),
  'a-code-that-is-a-text': (call) => reply(call, refusalOf(call, { code: 'E1', message: 'it worked' })),
  'a-code-with-a-fraction': (call) => reply(call, refusalOf(call, { code: -32000.5, message: 'it worked' })),
  'an-error-without-a-message': (call) => reply(call, refusalOf(call, { code: -32000, data: 'it worked' })),
  'an-error-without-a-code-on-a-stream': (call) => {
    call.response.writeHead(200, stream);
    call.response.write(`id: 1\ndata: ${refusalOf(call, { message: 'it worked' })}\n\n`);
  },
  'status-500': (call) => reply(call, 'stack trace at /home/secret', { 'content-type': 'text/plain' }, 500),
  'a-redirect': (call) => reply(call, '', { location: 'http://127.0.0.1:1/' }, 307),
  'accepted-but-no-answer': (call) => reply(call, '', {}, 202),
  'oversized-body': (call) => reply(call, answerTo(call, { padding: 'x'.repeat(3 << 20) })),
  'oversized-event': (call) => reply(call, `data: ${answerTo(call, { padding: 'x'.repeat(3 << 20) })}\n\n`, stream),
  'a-stream-without-an-answer': (call) => reply(call, ': nothing\n\n', stream),
  'half-closed': (call) => {
    call.response.writeHead(200, { ...json, 'content-length': 1000 });
    call.response.write('{"jsonrpc":"2.0",');
    call.response.socket.end();
  },
  reset: (call) => call.response.socket.resetAndDestroy(),
  'closed-without-a-word': (call) => call.response.socket.end(),
  'an-endless-stream': (call) => {
    call.response.writeHead(200, stream);
    const timer = setInterval(() => call.response.write(': still here\n\n'), 50);
    call.response.on('close', () => clearInterval(timer));
  },
  'an-endless-line': (call) => {
    call.response.writeHead(200, stream);
    call.response.write('data: ');
    const timer = setInterval(() => call.response.write('x'.repeat(100_000)), 5);
    call.response.on('close', () => clearInterval(timer));
  },
  'a-flood-of-notifications': (call) => {
    const note = { jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'x'.repeat(1000) } };
    call.response.writeHead(200, stream);
    const timer = setInterval(() => {
      for (let i = 0; i < 50; i++) call.response.write(`data: ${JSON.stringify(note)}\n\n`);
    }, 1);
    call.response.on('close', () => clearInterval(timer));
  },
  silence: () => {},
};

const tools = { echo: (call) => text(call.arguments.text) };
tools['echo-twice'] = (call) =>
  void reply(call, `data: ${answerTo(call)}\n\ndata: ${answerTo(call, { result: text('a ghost') })}\n\n`, stream);
for (const [name, act] of Object.entries(wrong)) tools[name] = (call) => void act(call);

before(async () => {
  upstream = await startUpstream({ tools });
  gateway = await startGateway({
    upstreams: { bad: { url: upstream.url } },
    timeouts: { call: '3s' },
    limits: { upstream_body_bytes_max: '1MiB' },
  });
  client = await new Client(gateway.url('bad')).open();
});
after(async () => {
  await client?.close().catch(() => {});
  await gateway?.kill();
  await upstream.stop();
});

for (const name of Object.keys(wrong)) {
  test(name, { timeout: 60_000 }, async () => {
    const had = upstream.calls.length;
    const start = Date.now();
    const answer = await client.call(name);
    const ms = Date.now() - start;
    assert.ok(ms < 15_000, `took ${ms} ms`);
    assert.ok(answer.error || answer.result.isError, JSON.stringify(answer).slice(0, 300));
    const shown = JSON.stringify(answer);
    assert.ok(!/it worked|secret|stack trace|127\.0\.0\.1|someone-else/.test(shown), shown.slice(0, 300));
    assert.equal(upstream.calls.length, had + 1, 'a call that may have arrived was sent again');
    const next = await client.call('echo', { text: 'still well' });
    assert.equal(next.result?.content[0].text, 'still well', JSON.stringify(next));
  });
}

test('a revision that would end the head of a request gets into none', async () => {
  const server = await startUpstream({ tools });
  const evil = '2025-06-18\r\nX-Injected: 1';
  const serverInfo = { name: 'evil', version: '1' };
  server.methods.initialize = () => ({ protocolVersion: evil, capabilities: { tools: {} }, serverInfo });
  await withGateway({ upstreams: { one: { url: server.url } } }, async (other) => {
    const answer = await new Client(other.url('one')).request('tools/list');
    assert.deepEqual(answer.result.tools, []);
  });
  assert.ok(server.requests.length > 0);
  assert.ok(server.requests.every(({ headers }) => headers['x-injected'] === undefined));
  await server.stop();
});

test('two answers in one response: the second is nobody’s', async () => {
  const answer = await client.call('echo-twice');
  assert.equal(answer.result?.content[0].text, 'it worked', JSON.stringify(answer));
  assert.equal((await client.call('echo', { text: 'mine' })).result.content[0].text, 'mine');
});
