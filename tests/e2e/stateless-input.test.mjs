// What stateless servers ask of clients with sessions, and how the words of one era become those of the other.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { startGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { startFixture } from './lib/servers.mjs';
import { startStatelessUpstream } from './lib/stateless-upstream.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

const required = (inputRequests, requestState) => ({
  resultType: 'input_required',
  inputRequests,
  ...(requestState && { requestState }),
});
const elicit = (message) => ({ method: 'elicitation/create', params: { message, requestedSchema: { type: 'object', properties: {} } } });
const sample = { method: 'sampling/createMessage', params: { messages: [], maxTokens: 1 } };

let isSettled = false;
const tools = {
  // Asks as it is told, and says then what it was answered.
  ask: {
    run({ message: { params } }) {
      if (!params.inputResponses) return required(params.arguments.asks, 'a\\"state"');
      return text(JSON.stringify([params.inputResponses, params.requestState]));
    },
  },
  settle: {
    run({ message: { params } }) {
      if (isSettled) return text(`settled after ${params.requestState}`);
      isSettled = params.requestState !== undefined;
      return { resultType: 'input_required', requestState: 'not yet' };
    },
  },
  count: {
    run(call) {
      for (const progress of [1, 2]) {
        if (call.token !== undefined) call.emit('notifications/progress', { progressToken: call.token, progress });
      }
      return call.message.params.inputResponses ? text('counted') : required({ a: elicit('More?') });
    },
  },
  needy: { run: () => ({ refuse: -32021, status: 400 }) },
};

const sessionTools = {
  async ask(call) {
    const { result } = await call.ask('elicitation/create', { message: 'Sure?', _meta: { progressToken: 'theirs' } });
    return text(result.action);
  },
};

const capabilities = { elicitation: {}, sampling: {}, roots: {} };
let stateless, stateful, fixture, gateway;

before(async () => {
  stateless = await startStatelessUpstream({ tools });
  stateful = await startUpstream({ tools: sessionTools });
  fixture = await startFixture('modern');
  const upstreams = { new: { url: stateless.url }, old: { url: stateful.url }, fixture: { url: fixture.url } };
  gateway = await startGateway({ upstreams });
});
after(async () => {
  await gateway.kill();
  await stateless.stop();
  await stateful.stop();
  await fixture.process.stop('SIGKILL');
});

const open = (server = 'new', more = {}) => new Client(gateway.url(server), { capabilities, ...more }).open();
const said = ({ result, error }) => result?.content?.[0].text ?? JSON.stringify(error);

test('what is asked at once is asked at once, and the state comes back as it was', async () => {
  const client = await open();
  let waiting = 0;
  const together = () =>
    new Promise((resolve) => {
      waiting += 1;
      until(() => waiting === 2, 'both questions').then(resolve);
    });
  client.answerers['elicitation/create'] = () => together().then(() => ({ action: 'decline' }));
  client.answerers['roots/list'] = () => together().then(() => ({ roots: [] }));
  // Answers are posted one by one, so the second question has to be taken while the first waits.
  const take = client.take.bind(client);
  client.take = async (message) => void take(message);
  const answer = await client.call('ask', { asks: { e: elicit('?'), r: { method: 'roots/list' } } });
  assert.deepEqual(JSON.parse(said(answer)), [{ e: { action: 'decline' }, r: { roots: [] } }, 'a\\"state"']);
  await client.close();
});

test('a server that only has a state is called again after a while', async () => {
  const client = await open();
  assert.equal(said(await client.call('settle')), 'settled after not yet');
  await client.close();
});

test('progress rises while a call is made again, and says that the client is waited for', async () => {
  const client = await open();
  client.answerers['elicitation/create'] = () => ({ action: 'accept', content: {} });
  const heard = [];
  const onMessage = ({ method, params }) => method === 'notifications/progress' && heard.push(params);
  assert.equal(said(await client.call('count', {}, { meta: { progressToken: 'mine' }, onMessage })), 'counted');
  assert.ok(heard.some(({ message }) => message === 'waiting for your answer'), JSON.stringify(heard));
  heard.forEach((params, i) => {
    assert.equal(params.progressToken, 'mine');
    assert.ok(i === 0 || params.progress > heard[i - 1].progress, JSON.stringify(heard));
  });
  await client.close();
});

test('a client that withdraws its call is not asked any more, and its server hears nothing of it', async () => {
  const client = await open();
  const before = stateless.count('tools/call');
  const cancelled = [];
  client.answerers['elicitation/create'] = () => {
    client.notify('notifications/cancelled', { requestId: 'mine' });
    return new Promise(() => {});
  };
  const take = client.take.bind(client);
  client.take = async (message) => {
    if (message.method === 'notifications/cancelled') cancelled.push(message.params.requestId);
    else take(message);
  };
  await assert.rejects(client.call('ask', { asks: { e: elicit('?') } }, { id: 'mine' }), /ended without an answer/);
  assert.equal(cancelled.length, 1);
  assert.equal(stateless.count('tools/call'), before + 1);
  assert.equal(stateless.count('notifications/cancelled'), 0);
  await client.close();
});

test('a refused elicitation counts as cancelled, a refused sampling ends the call', async () => {
  const client = await open();
  assert.deepEqual(JSON.parse(said(await client.call('ask', { asks: { e: elicit('?') } })))[0], { e: { action: 'cancel' } });
  const { result } = await client.call('ask', { asks: { s: sample } });
  assert.equal(result.isError, true);
  assert.match(result.content[0].text, /the client refused sampling\/createMessage/);
  await client.close();
});

test('what a client cannot do is named to its model', async () => {
  const client = await open('new', { capabilities: {} });
  const { result } = await client.call('ask', { asks: { s: sample } });
  assert.equal(result.isError, true);
  assert.match(result.content[0].text, /sampling\/createMessage/);
  await client.close();
});

test('no error about the protocol of the other side is passed on', async () => {
  const client = await open();
  const answer = await client.call('needy');
  assert.ok(answer.error?.code === -32603 || answer.result?.isError, JSON.stringify(answer));
  assert.ok(!answer.error || answer.error.code !== -32021);
  await client.close();
});

test('an unknown resource has the code of the session era', async () => {
  const client = await open('fixture');
  const { error } = await client.request('resources/read', { uri: 'test://no-such-thing' });
  assert.equal(error.code, -32002, JSON.stringify(error));
  assert.equal(error.data.uri, 'test://no-such-thing');
  await client.close();
});

test('behind one endpoint the user is told which of several servers asks', async () => {
  const client = await new Client(gateway.url(), { capabilities }).open();
  const messages = [];
  client.answerers['elicitation/create'] = ({ message }) => messages.push(message) && { action: 'decline' };
  await client.call('new-ask', { asks: { e: elicit('Sure?') } });
  await client.call('old-ask');
  assert.deepEqual(messages, ['[new] Sure?', '[old] Sure?']);
  await client.close();
  const alone = await open('old');
  alone.answerers['elicitation/create'] = ({ message }) => messages.push(message) && { action: 'decline' };
  await alone.call('ask');
  assert.equal(messages[2], 'Sure?');
  await alone.close();
});

test("a client's progress with a question reaches the server that asked, with its token", async () => {
  const client = await open('old');
  client.answerers['elicitation/create'] = async ({ _meta }) => {
    assert.notEqual(_meta.progressToken, 'theirs');
    await client.notify('notifications/progress', { progressToken: _meta.progressToken, progress: 1 });
    return { action: 'accept' };
  };
  assert.equal(said(await client.call('ask')), 'accept');
  const progress = () => stateful.notes.filter(({ method }) => method === 'notifications/progress');
  await until(() => progress().length > 0, 'the progress');
  assert.deepEqual(progress()[0].params, { progressToken: 'theirs', progress: 1 });
  await client.close();
});
