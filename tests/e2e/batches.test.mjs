// Batches: a right of 2025-03-26 and of no other revision.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, bodyOf } from './lib/client.mjs';
import { startGateway } from './lib/gateway.mjs';
import { readEvents } from './lib/sse.mjs';
import { until } from './lib/process.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

let upstream, gateway;

before(async () => {
  upstream = await startUpstream({ tools: { echo: (call) => text(call.arguments.text), hang: () => new Promise(() => {}) } });
  gateway = await startGateway({ upstreams: { one: { url: upstream.url } }, limits: { batch_max: 5 } });
});
after(async () => {
  await gateway?.kill();
  await upstream.stop();
});

const open = (revision) => new Client(gateway.url('one'), { revision }).open();
const request = (id, method, params) => ({ jsonrpc: '2.0', id, method, ...(params && { params }) });
const call = (id, text) => request(id, 'tools/call', { name: 'echo', arguments: { text } });

// The messages of an answer, whichever form it has.
async function messagesOf(response) {
  if (response.headers['content-type']?.startsWith('text/event-stream')) {
    const found = [];
    for await (const { data } of readEvents(response)) if (data) found.push(...[JSON.parse(data)].flat());
    return found;
  }
  const body = await bodyOf(response);
  return body ? [JSON.parse(body)].flat() : [];
}

test('2025-03-26: every request of a batch is answered, in any order', async () => {
  const client = await open('2025-03-26');
  const response = await client.post([
    request(1, 'ping'),
    call('two', 'hello'),
    { jsonrpc: '2.0', method: 'notifications/roots/list_changed' },
    request(3, 'no/such'),
  ]);
  assert.equal(response.statusCode, 200);
  const answers = Object.fromEntries((await messagesOf(response)).map((answer) => [answer.id, answer]));
  assert.deepEqual(answers[1].result, {});
  assert.equal(answers.two.result.content[0].text, 'hello');
  assert.equal(answers[3].error.code, -32601);
  assert.equal(Object.keys(answers).length, 3);
  await client.close();
});

test('2025-03-26: a member of a batch that cannot be read is answered by an error, and the others as ever', async () => {
  const client = await open('2025-03-26');
  const deep = `{"jsonrpc":"2.0","id":"deep","method":"ping","params":{"a":${'['.repeat(700)}${']'.repeat(700)}}}`;
  const answer = `{"jsonrpc":"2.0","id":"deep","result":{"a":${'['.repeat(700)}${']'.repeat(700)}}}`;
  const good = JSON.stringify(call('good', 'hello'));
  const response = await client.post(`[${deep},${good},7,${answer}]`);
  assert.equal(response.statusCode, 200);
  const answers = await messagesOf(response);
  assert.equal(answers.find(({ id }) => id === 'good').result.content[0].text, 'hello');
  assert.match(answers.find(({ id }) => id === 'deep').error.message, /nested 702 levels deep; limits.depth_max is 512/);
  const unnamed = answers.filter(({ id }) => id === null);
  assert.deepEqual(unnamed.map(({ error }) => error.code), [-32600, -32600]);
  assert.equal(answers.length, 4);
  const alone = await client.post(`[${deep}]`);
  assert.equal(alone.statusCode, 400);
  assert.equal((await messagesOf(alone))[0].id, 'deep');
  await client.close();
});

// Its id is that of a question of the gateway; the client may wait for an answer to one of its own with the same.
test('2025-03-26: a response that is broken is not answered with its id, alone or in a batch', async () => {
  const client = await open('2025-03-26');
  const deep = `{"a":${'['.repeat(700)}${']'.repeat(700)}}`;
  for (const rest of ['"error":5', '"error":{}', '"result":[]', `"result":${deep}`, `"error":{"code":1,"message":"","data":${deep}}`]) {
    const broken = `{"jsonrpc":"2.0","id":77,${rest}}`;
    for (const body of [broken, `[${broken}]`, `[${JSON.stringify(call('good', 'hello'))},${broken}]`]) {
      const answers = await messagesOf(await client.post(body));
      const ids = answers.map(({ id }) => id).filter((id) => id !== 'good');
      assert.deepEqual(ids, [null], body.slice(0, 120));
    }
  }
  await client.close();
});

test('2025-03-26: a version that nobody knows is refused for a batch as for a message', async () => {
  const client = await open('2025-03-26');
  client.extraHeaders = { 'mcp-protocol-version': '1999-01-01' };
  for (const body of [[request(1, 'ping')], request(1, 'ping')]) {
    const response = await client.post(body);
    assert.equal(response.statusCode, 400);
    response.resume();
  }
  client.extraHeaders = {};
  await client.close();
});

test('2025-03-26: a batch whose requests were all withdrawn has no answer, rather than an empty one', async () => {
  const client = await open('2025-03-26');
  const hangs = [1, 2].map((id) => request(id, 'tools/call', { name: 'hang', arguments: {} }));
  const answered = client.post(hangs);
  await until(() => upstream.calls.filter(({ params }) => params.name === 'hang').length === 2, 'the calls');
  for (const id of [1, 2]) {
    const notice = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } };
    (await client.post(notice)).resume();
  }
  assert.deepEqual(await messagesOf(await answered), []);
  await client.close();
});

test('2025-03-26: a batch without a request is accepted without an answer', async () => {
  const client = await open('2025-03-26');
  const response = await client.post([{ jsonrpc: '2.0', method: 'notifications/roots/list_changed' }]);
  assert.equal(response.statusCode, 202);
  assert.deepEqual(await messagesOf(response), []);
  await client.close();
});

test('2025-03-26: an empty batch, one over the limit and one that initializes are refused', async () => {
  const client = await open('2025-03-26');
  const initialize = request(9, 'initialize', { protocolVersion: '2025-03-26', capabilities: {} });
  const tooMany = Array.from({ length: 6 }, (_, i) => request(i, 'ping'));
  for (const batch of [[], tooMany, [initialize, request(1, 'ping')]]) {
    const response = await client.post(batch);
    assert.ok([400, 413].includes(response.statusCode), JSON.stringify(batch).slice(0, 80));
    const [answer] = await messagesOf(response);
    assert.equal(answer.error.code, -32600);
  }
  await client.close();
});

for (const revision of ['2025-06-18', '2025-11-25']) {
  test(`${revision}: a batch is refused whole`, async () => {
    const client = await open(revision);
    const had = upstream.calls.length;
    const response = await client.post([call(1, 'a'), call(2, 'b')]);
    assert.equal(response.statusCode, 400);
    assert.equal((await messagesOf(response))[0].error.code, -32600);
    assert.equal(upstream.calls.length, had);
    await client.close();
  });
}
