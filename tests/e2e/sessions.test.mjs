// The life of a session on the wire: statuses, codes, and whose it is.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, bodyOf, exchangeJson, send } from './lib/client.mjs';
import { startGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { startUpstream } from './lib/upstream.mjs';

let upstream, gateway;

before(async () => {
  upstream = await startUpstream();
  gateway = await startGateway({
    upstreams: { one: { url: upstream.url }, two: { url: upstream.url } },
    sessions: { mode: 'required' },
    limits: { body_bytes_max: '64KiB' },
  });
});
after(async () => {
  await gateway?.kill();
  await upstream.stop();
});

const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
const post = (message, headers = {}, url = gateway.url()) =>
  exchangeJson(url, { headers, body: typeof message === 'string' ? message : JSON.stringify(message) });
const open = (url = gateway.url(), options) => new Client(url, options).open();

test('a session lives from initialize to DELETE', async () => {
  const client = await open();
  assert.match(client.session, /^[\x21-\x7e]+$/);
  assert.deepEqual((await client.request('ping')).result, {});
  const gone = await exchangeJson(gateway.url(), { method: 'DELETE', headers: client.headers });
  assert.ok([200, 204].includes(gone.status));
  assert.equal((await post(ping, client.headers)).status, 404);
  assert.equal((await client.listen()).statusCode, 404);
  client.agent.destroy();
});

test('each revision of the era is negotiated, and an unknown one answered with the latest', async () => {
  for (const revision of ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25']) {
    const client = await open(gateway.url(), { revision });
    assert.equal(client.negotiated, revision);
    assert.equal((await client.request('ping')).error, undefined, revision);
    await client.close();
  }
  const client = await open(gateway.url(), { revision: '2999-01-01' });
  assert.equal(client.negotiated, '2025-11-25');
  await client.close();
});

test('statuses and codes of what is wrong with a request', async () => {
  const client = await open();
  const { headers } = client;
  const without = { ...headers, 'mcp-session-id': undefined };
  const cases = [
    ['no session', post(ping, without), 400],
    ['an unknown session', post(ping, { ...headers, 'mcp-session-id': 'nobody' }), 404],
    ['an unknown revision', post(ping, { ...headers, 'mcp-protocol-version': '1999-01-01' }), 400],
    ['not JSON', post('{"jsonrpc":', headers), 400, -32700],
    ['not JSON-RPC', post('{"hello":1}', headers), 400, -32600],
    ['an id of null', post('{"jsonrpc":"2.0","id":null,"method":"ping"}', headers), 400, -32600],
    ['a fractional id', post('{"jsonrpc":"2.0","id":1.5,"method":"ping"}', headers), 400, -32600],
    ['another content type', post(ping, { ...headers, 'content-type': 'text/plain' }), 415],
    ['an Accept of neither kind', post(ping, { ...headers, accept: 'text/html' }), 406],
    ['a body over the limit', post(JSON.stringify({ ...ping, x: 'x'.repeat(70_000) }), headers), 413],
    ['an unknown method', post({ ...ping, method: 'no/such' }, headers), 200, -32601],
    ['an unknown tool', post({ ...ping, method: 'tools/call', params: { name: 'nope' } }, headers), 200, -32602],
    ['a second member', post('{"jsonrpc":"2.0","id":1,"method":"ping","method":"ping"}', headers), 400, -32600],
    ['a twin in upper case', post('{"jsonrpc":"2.0","id":1,"method":"ping","Method":"x"}', headers), 400, -32600],
    ['an escaped twin', post('{"jsonrpc":"2.0","id":1,"method":"ping","m\\u0065thod":"x"}', headers), 400, -32600],
  ];
  for (const [what, exchange, status, code] of cases) {
    const answer = await exchange;
    assert.equal(answer.status, status, `${what}: ${answer.body}`);
    if (code) assert.equal(answer.message.error.code, code, `${what}: ${answer.body}`);
    assert.equal(answer.message?.result, undefined, what);
  }
  await client.close();
});

test('a session belongs to the server that it was opened on', async () => {
  const client = await open(gateway.url('one'));
  assert.equal((await post(ping, client.headers, gateway.url('two'))).status, 404);
  assert.equal((await post(ping, client.headers)).status, 404);
  assert.equal((await post(ping, client.headers, gateway.url('one'))).status, 200);
  await client.close();
});

test('notifications and answers get 202, and an answer to nothing harms nobody', async () => {
  const client = await open();
  for (const message of [
    { jsonrpc: '2.0', method: 'notifications/roots/list_changed' },
    { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 77 } },
    { jsonrpc: '2.0', id: 'never-asked', result: {} },
  ]) {
    const { status, body } = await post(message, client.headers);
    assert.equal(status, 202, JSON.stringify(message));
    assert.equal(body, '');
  }
  await client.close();
});

test('the head of the GET stream leaves at once, and its Accept is checked', async () => {
  const client = await open();
  const stream = await client.listen();
  assert.equal(stream.statusCode, 200);
  assert.match(stream.headers['content-type'], /^text\/event-stream/);
  stream.destroy();
  const refused = await send(gateway.url(), { method: 'GET', headers: { ...client.headers, accept: 'application/json' } });
  assert.equal(refused.statusCode, 406);
  await bodyOf(refused);
  await client.close();
});

test('ids keep their digits and their type', async () => {
  const client = await open();
  for (const id of ['9007199254740993', '"1"', '1', '-0', '"\\u00e9"', '123456789012345678901234567890']) {
    const response = await client.post(`{"jsonrpc":"2.0","id":${id},"method":"ping"}`);
    const body = await bodyOf(response);
    assert.ok(body.includes(`"id":${id}`), `${id}: ${body}`);
  }
  await client.close();
});

test('a CORS preflight is answered, and the session id exposed', async () => {
  const origin = `http://localhost:${gateway.port}`;
  const preflight = await exchangeJson(gateway.url(), {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type, mcp-session-id, mcp-protocol-version, Mcp-Param-Region, x-other',
    },
  });
  assert.ok([200, 204].includes(preflight.status));
  assert.equal(preflight.headers['access-control-allow-origin'], origin);
  assert.match(preflight.headers['access-control-allow-headers'], /mcp-session-id/i);
  assert.match(preflight.headers['access-control-allow-headers'], /mcp-param-region/i);
  assert.doesNotMatch(preflight.headers['access-control-allow-headers'], /x-other/i);
  const client = await open(gateway.url(), { headers: { origin } });
  const answer = await post(ping, client.headers);
  assert.match(answer.headers['access-control-expose-headers'], /mcp-session-id/i);
  await client.close();
});

test('what a closed session held upstream is closed too', async () => {
  const client = await open(gateway.url('one'));
  const before = upstream.sessions.size;
  assert.equal((await client.call('echo', { text: 'x' })).result.content[0].text, 'x');
  const during = upstream.sessions.size;
  assert.ok(during >= before);
  const deletes = () => upstream.requests.filter(({ method }) => method === 'DELETE').length;
  const had = deletes();
  await client.close();
  await until(() => deletes() > had, 'the end of the session at the server');
  assert.equal(deletes(), had + 1);
});
