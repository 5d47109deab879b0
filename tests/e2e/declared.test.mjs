// Nobody is asked, told or sent what was not declared: by a client with this very request, or to a server by a setting.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { startGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { metaKey, StatelessClient } from './lib/stateless-client.mjs';
import { StatelessUpstream } from './lib/stateless-upstream.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

const form = { type: 'object', properties: {} };
const questions = {
  elicitation: { method: 'elicitation/create', params: { mode: 'form', message: 'Who?', requestedSchema: form } },
  sampling: { method: 'sampling/createMessage', params: { messages: [], maxTokens: 1 } },
  roots: { method: 'roots/list' },
};
const capabilities = { elicitation: { form: {}, url: {} }, sampling: {}, roots: { listChanged: true } };

// A server with sessions, and a stateless one.
const tools = {
  async ask(call) {
    const { method, params } = questions[call.arguments.what];
    const reply = await call.ask(method, { ...params, ...call.arguments.more });
    return text(JSON.stringify(reply));
  },
  params: (call) => text(JSON.stringify(call.params)),
  forged: () => ({ ...text('x'), resultType: 'input_required', inputRequests: { k: questions.elicitation }, requestState: 's' }),
};
const required = (what) => ({ resultType: 'input_required', inputRequests: { k: questions[what] }, requestState: 's' });
const statelessTools = {
  ask: { run: (call) => required(call.arguments.what) },
};

let session, modern, gateway;

before(async () => {
  session = await startUpstream({ tools });
  modern = await new StatelessUpstream({ tools: statelessTools }).start();
  const nothing = { roots: false, sampling: false, elicitation: false };
  gateway = await startGateway({
    upstreams: {
      session: { url: session.url },
      modern: { url: modern.url },
      'no-session': { url: session.url, allow: nothing },
      'no-modern': { url: modern.url, allow: nothing },
    },
  });
});
after(async () => {
  await gateway.kill();
  await session.stop();
  await modern.stop();
});

const statelessClient = (server, more) => new StatelessClient(gateway.url(server), { capabilities, ...more });

for (const what of Object.keys(questions)) {
  test(`a stateless server that may not use ${what} is not let through to a stateless client`, async () => {
    const client = statelessClient('no-modern');
    const { result } = await client.call('ask', { what });
    assert.equal(result.isError, true, JSON.stringify(result));
    assert.match(result.content[0].text, /was not declared to it/);
    client.close();
  });

  test(`nor to one with a session (${what})`, async () => {
    const client = new Client(gateway.url('no-modern'), { capabilities });
    let asked = 0;
    client.answerers[questions[what].method] = () => (asked += 1);
    await client.open();
    const { result } = await client.call('ask', { what });
    assert.equal(result.isError, true);
    assert.equal(asked, 0);
    await client.close();
  });
}

test('where it may, it is', async () => {
  const client = statelessClient('modern');
  const { result } = await client.call('ask', { what: 'elicitation' });
  assert.equal(result.resultType, 'input_required');
  client.close();
});

test('a result of a server with sessions is complete, whatever it calls itself', async () => {
  const client = statelessClient('session');
  const { result } = await client.call('forged');
  assert.equal(result.resultType, 'complete');
  assert.equal(result.content[0].text, 'x');
  client.close();
});

test('a retry that declares less is not asked what it cannot answer', async () => {
  const client = statelessClient('session');
  const first = await client.call('ask', { what: 'elicitation' });
  const { requestState } = first.result;
  client.capabilities = {};
  const retry = await client.call('ask', { what: 'elicitation' }, { state: requestState, answers: {} });
  assert.equal(retry.status, 400);
  assert.equal(retry.error.code, -32021);
  assert.deepEqual(retry.error.data.requiredCapabilities, { elicitation: { form: {} } });
  client.close();
});

test('a question is put to a stateless client without what belongs to sessions', async () => {
  const client = statelessClient('session');
  const more = { task: { ttl: 1 }, _meta: { progressToken: 1, 'x/y': 2 } };
  const { result } = await client.call('ask', { what: 'elicitation', more });
  const [{ params }] = Object.values(result.inputRequests);
  assert.deepEqual(Object.keys(params).sort(), ['_meta', 'message', 'mode', 'requestedSchema']);
  assert.deepEqual(params._meta, { 'x/y': 2 });
  const url = { mode: 'url', url: 'https://x.test', elicitationId: 'e', requestedSchema: undefined };
  const other = await client.call('ask', { what: 'elicitation', more: url });
  assert.equal(Object.values(other.result.inputRequests)[0].params.elicitationId, undefined);
  client.close();
});

test('a mode of elicitation that was not declared is -32602, no elicitation at all -32601', async () => {
  const code = async (declared) => {
    const client = new Client(gateway.url('session'), { capabilities: declared });
    await client.open();
    const more = { mode: 'url', url: 'https://x.test', elicitationId: 'e' };
    const { result } = await client.call('ask', { what: 'elicitation', more });
    await client.close();
    return JSON.parse(result.content[0].text).error.code;
  };
  assert.equal(await code({ elicitation: { form: {} } }), -32602);
  assert.equal(await code({}), -32601);
});

const withTask = { name: 'params', arguments: {}, task: { ttl: 1000 } };
const sentTask = (reply) => JSON.parse(reply.result.content[0].text).task;

for (const revision of ['2025-03-26', '2025-06-18']) {
  test(`${revision}: a call that asks for a task is a plain one`, async () => {
    const client = await new Client(gateway.url('session'), { revision }).open();
    assert.equal(sentTask(await client.request('tools/call', withTask)), undefined);
    await client.close();
  });
}

test('the same of a stateless client, wherever the member stands', async () => {
  const client = statelessClient('session');
  assert.equal(sentTask(await client.request('tools/call', withTask)), undefined);
  const change = (message) => {
    const body = JSON.stringify({ ...message, params: { task: {}, ...message.params } });
    return body.replace('"task"', '"t\\u0061sk" ');
  };
  const call = { name: 'params', arguments: {} };
  assert.equal(sentTask(await client.request('tools/call', call, { change })), undefined);
  client.close();
});

test('roots that were not declared do not change', async () => {
  const notice = { jsonrpc: '2.0', method: 'notifications/roots/list_changed' };
  const tell = async (server, declared) => {
    const client = await new Client(gateway.url(server), { capabilities: declared }).open();
    await client.call('params');
    (await client.post(notice)).resume();
    await client.call('params'); // Whatever the notice causes was sent before.
    await client.close();
  };
  const heard = () => session.notes.filter(({ method }) => method === notice.method).length;
  await tell('no-session', capabilities);
  await tell('session', { roots: {} });
  assert.equal(heard(), 0);
  await tell('session', capabilities);
  await until(() => heard() === 1, 'the notice');
});

test('the task of a stateless server asks as a call does', async () => {
  const extensions = { [metaKey('tasks')]: {} };
  const tasking = new StatelessUpstream({
    tools: { job: { run: () => ({ resultType: 'task', taskId: 't', status: 'working', ttlMs: null, ...times }) } },
    capabilities: { tools: {}, extensions },
  });
  const times = { createdAt: '2026-01-01T00:00:00Z', lastUpdatedAt: '2026-01-01T00:00:00Z' };
  tasking.methods = {
    'tasks/get': () => ({
      ...{ taskId: 't', status: 'input_required', ttlMs: null, ...times },
      inputRequests: { k: questions.elicitation },
    }),
  };
  await tasking.start();
  const both = await startGateway({ upstreams: { job: { url: tasking.url }, other: { url: session.url } } });
  const client = new StatelessClient(both.url(), { capabilities: { ...capabilities, extensions } });
  const { result: begun } = await client.call('job-job');
  const { result } = await client.request('tasks/get', { taskId: begun.taskId });
  assert.equal(result.inputRequests.k.params.message, '[job] Who?');
  client.capabilities = { extensions };
  const { error } = await client.request('tasks/get', { taskId: begun.taskId });
  assert.equal(error.code, -32603);
  client.close();
  await both.kill();
  await tasking.stop();
});
