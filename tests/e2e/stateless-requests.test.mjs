// Which era a request belongs to, and what a request of the stateless revision must say about itself. DIRECT=1 sends
// the same to the fixture itself, which is built on the reference SDK.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { bodyOf, Client, exchangeJson, send } from './lib/client.mjs';
import { startGateway } from './lib/gateway.mjs';
import { startFixture } from './lib/servers.mjs';
import { base64Header, metaKey, stateless, StatelessClient } from './lib/stateless-client.mjs';

let fixture, gateway, client, url;

before(async () => {
  fixture = await startFixture(process.env.DIRECT ? 'dual' : 'legacy');
  gateway = await startGateway({ upstreams: { fixture: { url: fixture.url } } });
  url = process.env.DIRECT ? fixture.url : gateway.url('fixture');
  client = new StatelessClient(url);
});
after(async () => {
  client.close();
  await gateway.kill();
  await fixture.process.stop('SIGKILL');
});

function assertRefused(answer, status, code) {
  assert.deepEqual([answer.status, answer.error?.code], [status, code], answer.body ?? JSON.stringify(answer));
}

const simple = ['tools/call', { name: 'test_simple_text', arguments: {} }];
const changed = (change) => client.request(...simple, { change });

// What is wrong with a request, and the answer.
const broken = {
  'no version in _meta': [400, -32602, (message) => void delete message.params._meta[metaKey('protocolVersion')]],
  'no capabilities': [400, -32602, (message) => void delete message.params._meta[metaKey('clientCapabilities')]],
  'capabilities that are no object': [400, -32602, ({ params }) => void (params._meta[metaKey('clientCapabilities')] = 7)],
  'a progress token that is an object': [400, -32602, ({ params }) => void (params._meta.progressToken = {})],
  'a progress token that is a fraction': [400, -32602, ({ params }) => void (params._meta.progressToken = 1.5)],
  'no _meta at all': [400, -32602, (message) => void delete message.params._meta],
  'no version header': [400, -32020, (_, headers) => void delete headers['mcp-protocol-version']],
  'another version in the header': [400, -32020, (_, headers) => void (headers['mcp-protocol-version'] = '2025-11-25')],
  'no Mcp-Method': [400, -32020, (_, headers) => void delete headers['mcp-method']],
  'another Mcp-Method': [400, -32020, (_, headers) => void (headers['mcp-method'] = 'tools/list')],
  'Mcp-Method in capitals': [400, -32020, (_, headers) => void (headers['mcp-method'] = 'TOOLS/CALL')],
  'no Mcp-Name': [400, -32020, (_, headers) => void delete headers['mcp-name']],
  'another Mcp-Name': [400, -32020, (_, headers) => void (headers['mcp-name'] = 'test_error_handling')],
  'Mcp-Name that is no base64': [400, -32020, (_, headers) => void (headers['mcp-name'] = '=?base64?%%%?=')],
  'Mcp-Name of badly padded base64': [400, -32020, (_, headers) => void (headers['mcp-name'] = '=?base64?dGVzd?=')],
  'an array with it': [400, -32600, (message) => [message]],
  'an array with it behind another': [400, -32600, (message) => [{ jsonrpc: '2.0', id: 9, method: 'ping' }, message]],
};

for (const [what, [status, code, change]] of Object.entries(broken)) {
  test(`a request with ${what} is ${status} ${code}`, async () => {
    assertRefused(await changed(change), status, code);
  });
}

test('a request as it should be is served, and its id keeps its type', async () => {
  for (const id of [7, '7']) {
    const answer = await client.request(...simple, { id });
    assert.equal(answer.status, 200, answer.body);
    assert.equal(answer.id, id);
    assert.equal(answer.result.resultType, 'complete');
    assert.match(answer.result.content[0].text, /simple text/);
  }
});

test('clientInfo is not demanded', async () => {
  const answer = await changed((message) => void delete message.params._meta[metaKey('clientInfo')]);
  assert.equal(answer.status, 200, answer.body);
});

test('Mcp-Name may be base64, and have space around it', async () => {
  for (const value of [base64Header('test_simple_text'), '  test_simple_text ']) {
    const answer = await changed((_, headers) => void (headers['mcp-name'] = value));
    assert.equal(answer.status, 200, `${value}: ${answer.body}`);
  }
});

test('Mcp-Name of a resource is its URI', async () => {
  const answer = await client.request('resources/read', { uri: 'test://static-text' });
  assert.equal(answer.status, 200, answer.body);
  assert.match(answer.result.contents[0].text, /static text resource/);
  const other = { change: (_, headers) => void (headers['mcp-name'] = 'test://static-binary') };
  assertRefused(await client.request('resources/read', { uri: 'test://static-text' }, other), 400, -32020);
});

test('a version that nobody speaks is 400 -32022 with what is spoken', async () => {
  const answer = await new StatelessClient(url, { version: '2031-01-01' }).request(...simple);
  assertRefused(answer, 400, -32022);
  assert.equal(answer.error.data.requested, '2031-01-01');
  assert.ok(answer.error.data.supported.includes(stateless));
  const { result } = await client.request('server/discover');
  for (const version of answer.error.data.supported) assert.ok(result.supportedVersions.includes(version), version);
});

// Two faults at once: the earlier step answers.
const twice = {
  'an array outruns the version': [-32600, (message, headers) => ((headers['mcp-protocol-version'] = '2031-01-01'), [message])],
  'the envelope outruns an unknown version': [
    -32602,
    ({ params }, headers) => {
      headers['mcp-protocol-version'] = params._meta[metaKey('protocolVersion')] = '2031-01-01';
      delete params._meta[metaKey('clientCapabilities')];
    },
  ],
  'an unknown version outruns Mcp-Name': [
    -32022,
    ({ params }, headers) => {
      headers['mcp-protocol-version'] = params._meta[metaKey('protocolVersion')] = '2031-01-01';
      headers['mcp-name'] = 'other';
    },
  ],
  'Mcp-Method outruns an unknown method': [
    -32020,
    (message) => {
      message.method = 'no/such';
    },
  ],
};
for (const [what, [code, change]] of Object.entries(twice)) {
  test(`of two faults the earliest answers: ${what}`, async () => {
    assertRefused(await changed(change), 400, code);
  });
}

test('methods of the session era do not exist in the stateless one', async () => {
  const methods = {
    initialize: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
    ping: {},
    'logging/setLevel': { level: 'info' },
    'resources/subscribe': { uri: 'test://watched-resource' },
    'resources/unsubscribe': { uri: 'test://watched-resource' },
    'tasks/result': { taskId: 'x' },
    'no/such': {},
  };
  for (const [method, params] of Object.entries(methods)) {
    const answer = await client.request(method, params);
    assert.deepEqual([method, answer.status, answer.error?.code], [method, 404, -32601]);
  }
});

test('only the body decides the era: a header without the claim is refused', async () => {
  const headers = { 'mcp-protocol-version': stateless, 'mcp-method': 'ping' };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
  const { status, message } = await exchangeJson(url, { headers, body });
  assert.deepEqual([status, message.error.code], [400, -32602]);
});

test('a posted response is refused, and a notification accepted', async () => {
  const headers = { 'mcp-protocol-version': stateless };
  const reply = JSON.stringify({ jsonrpc: '2.0', id: 1, result: {} });
  const refused = await exchangeJson(url, { headers, body: reply });
  assert.equal(refused.status, 400);
  const note = {
    jsonrpc: '2.0',
    method: 'notifications/cancelled',
    params: { requestId: 1, _meta: client.envelope() },
  };
  const noted = await send(url, {
    headers: { ...headers, 'mcp-method': note.method },
    body: JSON.stringify(note),
  });
  assert.equal(noted.statusCode, 202, await bodyOf(noted));
});

// Its stock clients send the cancellation of a call so, and never use the connection again when it is refused.
test('a notification needs no envelope, and need not be known', { skip: process.env.DIRECT }, async () => {
  const headers = { 'mcp-protocol-version': stateless };
  for (const note of [
    { method: 'notifications/cancelled', params: { requestId: 1, reason: 'enough' } },
    { method: 'notifications/cancelled' },
    { method: 'notifications/of-tomorrow', params: {} },
  ]) {
    const noted = await send(url, { headers, body: JSON.stringify({ jsonrpc: '2.0', ...note }) });
    assert.equal(noted.statusCode, 202, await bodyOf(noted));
  }
  const broken = await exchangeJson(url, { headers, body: JSON.stringify({ method: 'notifications/cancelled' }) });
  assert.equal(broken.status, 400);
});

test('a cancellation has one reason', { skip: process.env.DIRECT }, async () => {
  const headers = { 'mcp-protocol-version': stateless };
  for (const twins of ['"reason":"a","reason":"b"', '"reason":"a","Reason":"b"', '"re\\u0061son":"a","reason":"b"']) {
    const body = `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,${twins}}}`;
    const refused = await exchangeJson(url, { headers, body });
    assert.equal(refused.status, 400);
    assert.match(refused.body, /stands twice/);
  }
});

test('what a client writes as null is not there', { skip: process.env.DIRECT }, async () => {
  const nothing = await client.request('tools/list', { cursor: null });
  assert.ok(nothing.result?.tools.length > 0, nothing.body);
  const called = await changed(({ params }) => {
    params.arguments = params.inputResponses = params.requestState = params._meta.progressToken = null;
  });
  assert.equal(called.result?.content[0].type, 'text', called.body ?? JSON.stringify(called.error));
  const old = await new Client(url, { headers: { accept: 'application/json' } }).open();
  for (const params of ['null', '{"cursor":null}', '{"_meta":null}', '{"cursor" : null , "_meta" : null}']) {
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":${params}}`;
    const { message } = await exchangeJson(url, { headers: old.headers, body });
    assert.ok(message.result?.tools.length > 0, `${params}: ${JSON.stringify(message.error)}`);
  }
  const params = '{"name":"test_simple_text","arguments":null,"_meta":{"progressToken":null},"task":null}';
  const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`;
  const { message } = await exchangeJson(url, { headers: old.headers, body });
  assert.ok(message.result, JSON.stringify(message.error));
});

test('errors before the id is known have no id, and never null', async () => {
  for (const body of process.env.DIRECT ? ['{"jsonrpc":'] : ['{"jsonrpc":', '7']) {
    const answer = await exchangeJson(url, { headers: { 'mcp-protocol-version': stateless }, body });
    assert.equal(answer.status, 400, body);
    assert.notEqual(answer.message.id, null, body);
  }
});

test('a session id and Last-Event-ID are ignored', async () => {
  const stray = { 'mcp-session-id': 'of-somebody-else', 'last-event-id': '3-4' };
  const answer = await changed((_, headers) => void Object.assign(headers, stray));
  assert.equal(answer.status, 200, answer.body);
  assert.equal(answer.headers['mcp-session-id'], undefined);
});

test('both eras share one endpoint at the same time', async () => {
  const old = await new Client(url).open();
  assert.equal(old.negotiated, '2025-11-25');
  const [legacy, modern] = await Promise.all([old.call('test_simple_text'), client.call('test_simple_text')]);
  assert.deepEqual(modern.result.content, legacy.result.content);
  assert.equal(legacy.result.resultType, undefined);
  await old.close();
});

test('initialize without the claim never ends in the stateless revision', async () => {
  const old = await new Client(url, { revision: stateless }).open();
  assert.equal(old.negotiated, '2025-11-25');
  await old.close();
});

test('what only the transport carries is checked as ever: Origin, Accept, Content-Type', async () => {
  const status = async (more) => (await changed((_, headers) => void Object.assign(headers, more))).status;
  assert.equal(await status({ origin: 'https://evil.example' }), 403);
  if (!process.env.DIRECT) assert.equal(await status({ accept: 'text/plain' }), 406);
  assert.equal(await status({ 'content-type': 'text/plain' }), 415);
});

test('what is refused before the body is read is told in the words of this revision', async () => {
  if (process.env.DIRECT) return;
  for (const more of [{ origin: 'https://evil.example' }, { accept: 'text/plain' }, { 'content-type': 'text/plain' }]) {
    const { body } = await changed((_, headers) => void Object.assign(headers, more));
    const refusal = JSON.parse(body);
    assert.equal('id' in refusal, false, body);
    assert.equal(refusal.error.code, -32600);
  }
});
