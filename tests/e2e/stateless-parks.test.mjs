// A session-era server asks in the middle of a call of a stateless client: the call is parked until the client comes
// back with answers, or does not.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { startGateway, withGateway } from './lib/gateway.mjs';
import { until, within } from './lib/process.mjs';
import { scratchFile } from './lib/scratch.mjs';
import { startEverything } from './lib/servers.mjs';
import { setting } from './lib/setting.mjs';
import { callToTheEnd, StatelessClient } from './lib/stateless-client.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

const form = { type: 'object', properties: { name: { type: 'string' } } };
const asks = (call, message) => call.ask('elicitation/create', { message, requestedSchema: form });
const said = (reply) => reply.result?.content?.name ?? reply.result?.action ?? `error ${reply.error.code}`;

let running; // The call that a test looks into, and what it waits for.
const tools = {
  echo: (call) => text(call.arguments.text ?? ''),
  async ask(call) {
    running = call;
    call.reply = await asks(call, 'Name?');
    return text(`said ${said(call.reply)}`);
  },
  async both(call) {
    const model = { messages: [{ role: 'user', content: { type: 'text', text: 'Hi' } }], maxTokens: 5 };
    const replies = await Promise.all([asks(call, 'Name?'), call.ask('sampling/createMessage', model), call.ask('roots/list')]);
    const [name, sample, roots] = replies;
    return text(`${said(name)}, ${sample.result?.content.text}, ${roots.result?.roots.length} root(s)`);
  },
  async twice(call) {
    const first = await asks(call, 'First?');
    return text(`${said(first)} and ${said(await asks(call, 'Second?'))}`);
  },
  async slow(call) {
    running = call;
    call.reply = await asks(call, 'Go on?');
    return new Promise(() => {});
  },
  async progress(call) {
    running = call;
    call.progress(1);
    await asks(call, 'Go on?');
    call.progress(6);
    return text('done');
  },
};

const hash = (token) => crypto.createHash('sha256').update(token).digest('hex');
const bearer = (token) => ({ authorization: `Bearer ${token}` });
const capabilities = { elicitation: {}, sampling: {}, roots: {} };
const accepted = (name) => ({ action: 'accept', content: { name } });
const answers = {
  'elicitation/create': () => accepted('Ann'),
  'sampling/createMessage': () => ({ role: 'assistant', model: 'm', content: { type: 'text', text: 'hello' } }),
  'roots/list': () => ({ roots: [{ uri: 'file:///tmp' }] }),
};
const answer = (method, params) => answers[method](params);

let upstream, gateway, client;
const open = (token = 'ann', more = {}) =>
  new StatelessClient(gateway.url('one'), { capabilities, headers: bearer(token), ...more });

before(async () => {
  upstream = await startUpstream({ tools, capabilities: { tools: { listChanged: true }, prompts: {} } });
  const tokens = ['ann', 'bob'].map((name) => `${name}:sha256:${hash(name)}\n`).join('');
  gateway = await startGateway({
    auth: { tokens_file: scratchFile('tokens', tokens) },
    upstreams: { one: { url: upstream.url } },
  });
  client = open();
});
after(async () => {
  client.close();
  await gateway.kill();
  await upstream.stop();
});

// Calls a tool that asks, and returns what it asked: { keys, state, requests }.
async function park(name, given = {}, by = client) {
  const { result, error, body } = await by.call(name, given);
  assert.equal(result?.resultType, 'input_required', body ?? JSON.stringify(error));
  const { inputRequests: requests, requestState: state } = result;
  return { keys: Object.keys(requests), requests, state };
}

const allAnswers = (keys) => Object.fromEntries(keys.map((key) => [key, accepted('Ann')]));
const firstText = ({ result, error }) => result?.content[0].text ?? `error ${error.code}`;

test('a question comes back as input_required, and its answer reaches the call that asked', async () => {
  const before = upstream.calls.length;
  const { keys, requests, state } = await park('ask');
  assert.equal(keys.length, 1);
  const [{ method, params }] = Object.values(requests);
  assert.equal(method, 'elicitation/create');
  assert.deepEqual(params.requestedSchema, form);
  const done = await client.call('ask', {}, { answers: allAnswers(keys), state });
  assert.equal(firstText(done), 'said Ann');
  assert.equal(done.result.resultType, 'complete');
  assert.equal(upstream.calls.length, before + 1, 'the server was called once');
});

test('questions asked at once come in one result', async () => {
  const { keys, requests } = await park('both');
  assert.deepEqual(Object.values(requests).map(({ method }) => method).sort(), [
    'elicitation/create',
    'roots/list',
    'sampling/createMessage',
  ]);
  assert.equal(new Set(keys).size, 3);
  const done = await callToTheEnd(client, 'both', {}, answer);
  assert.equal(firstText(done), 'Ann, hello, 1 root(s)');
  assert.equal(done.rounds, 1);
});

test('a second question is a second round, with another state and another key', async () => {
  const first = await park('twice');
  const { result } = await client.call('twice', {}, { answers: allAnswers(first.keys), state: first.state });
  assert.equal(result.resultType, 'input_required');
  assert.notEqual(result.requestState, first.state);
  const keys = Object.keys(result.inputRequests);
  assert.ok(keys.every((key) => !first.keys.includes(key)));
  const done = await client.call('twice', {}, { answers: allAnswers(keys), state: result.requestState });
  assert.equal(firstText(done), 'Ann and Ann');
});

test('what is not answered yet is asked again, and only that', async () => {
  const { requests, state } = await park('both');
  const [[key, { method }], ...rest] = Object.entries(requests);
  const { result } = await client.call('both', {}, { answers: { [key]: answer(method) }, state });
  assert.equal(result.resultType, 'input_required');
  assert.deepEqual(Object.keys(result.inputRequests).sort(), rest.map(([other]) => other).sort());
  assert.notEqual(result.requestState, state);
  const others = Object.fromEntries(rest.map(([other, asked]) => [other, answer(asked.method)]));
  const old = await client.call('both', {}, { answers: others, state });
  assert.equal(old.error?.code, -32602, 'the state of the round before is spent');
  const done = await client.call('both', {}, { answers: others, state: result.requestState });
  assert.equal(firstText(done), 'Ann, hello, 1 root(s)');
});

test('keys that nobody asked for are ignored', async () => {
  const { keys, state } = await park('ask');
  const done = await client.call('ask', {}, { answers: { ...allAnswers(keys), stranger: accepted('Eve') }, state });
  assert.equal(firstText(done), 'said Ann');
});

test('an answer that is no object is refused or asked for again, and the call goes on', async () => {
  const { keys, state } = await park('ask');
  const wrong = await client.call('ask', {}, { answers: { [keys[0]]: 'Ann' }, state });
  assert.ok(wrong.error?.code === -32602 || wrong.result?.resultType === 'input_required', JSON.stringify(wrong));
  const next = wrong.result?.requestState ?? state;
  const [key] = Object.keys(wrong.result?.inputRequests ?? { [keys[0]]: 0 });
  assert.equal(firstText(await client.call('ask', {}, { answers: allAnswers([key]), state: next })), 'said Ann');
});

test('answers without a state are those of a fresh call', async () => {
  const before = upstream.calls.length;
  const { result } = await client.call('ask', {}, { answers: { name: accepted('Ann') } });
  assert.equal(result.resultType, 'input_required');
  assert.equal(upstream.calls.length, before + 1);
});

test('of two retries that race the first wins and the second is refused', async () => {
  for (let round = 0; round < 10; round += 1) {
    const { keys, state } = await park('ask');
    const retry = () => open().call('ask', {}, { answers: allAnswers(keys), state });
    const outcomes = (await Promise.all([retry(), retry()])).map(firstText).sort();
    assert.deepEqual(outcomes, ['error -32602', 'said Ann']);
    assert.equal(firstText(await retry()), 'error -32602', 'nor does it work once more');
  }
});

// What is not the retry of this call, and must neither get its answer nor end it.
const strangers = {
  'a state that was changed': (keys, state) => client.call('ask', {}, { answers: allAnswers(keys), state: `${state}x` }),
  'a state with another letter': (keys, state) => {
    const middle = Math.floor(state.length / 2);
    const other = state[middle] === 'A' ? 'B' : 'A';
    const changed = state.slice(0, middle) + other + state.slice(middle + 1);
    return client.call('ask', {}, { answers: allAnswers(keys), state: changed });
  },
  'an empty state': (keys) => client.call('ask', {}, { answers: allAnswers(keys), state: '' }),
  'the state in the hands of somebody else': (keys, state) =>
    open('bob').call('ask', {}, { answers: allAnswers(keys), state }),
  'the state for other arguments': (keys, state) =>
    client.call('ask', { other: 1 }, { answers: allAnswers(keys), state }),
  'the state for another tool': (keys, state) => client.call('twice', {}, { answers: allAnswers(keys), state }),
  'the state for another method': (keys, state) =>
    client.request('prompts/get', { name: 'ask', inputResponses: allAnswers(keys), requestState: state }),
};
for (const [what, send] of Object.entries(strangers)) {
  test(`${what} is refused, and the parked call can still be answered`, async () => {
    const { keys, state } = await park('ask');
    const calls = upstream.calls.length;
    const refused = await send(keys, state);
    assert.equal(refused.error?.code, -32602, JSON.stringify(refused.result));
    assert.equal(upstream.calls.length, calls, 'nothing reached the server');
    assert.equal(firstText(await client.call('ask', {}, { answers: allAnswers(keys), state })), 'said Ann');
  });
}

test('a state says nothing about the server to who reads it', async () => {
  const { state } = await park('ask');
  const opened = Buffer.from(state, 'base64url').toString('latin1');
  for (const word of ['one', 'ann', 'ask', '127.0.0.1']) assert.ok(!opened.includes(word), word);
});

test('progress while parked is dropped, and that of the retry has its token', async () => {
  const first = await client.call('progress', {}, { meta: { progressToken: 'first' } });
  const token = ({ params }) => [params.progressToken, params.progress];
  assert.deepEqual(first.heard.map(token), [['first', 1]]);
  const { inputRequests, requestState: state } = first.result;
  running.progress(5);
  for (let i = 0; i < 5; i += 1) await client.call('echo');
  const more = { answers: allAnswers(Object.keys(inputRequests)), state, meta: { progressToken: 'second' } };
  const second = await client.call('progress', {}, more);
  assert.equal(firstText(second), 'done');
  assert.deepEqual(second.heard.map(token), [['second', 6]]);
});

test('closing the stream of a resumed call cancels it at the server', async () => {
  const { keys, state } = await park('slow');
  const slow = running;
  const retry = { name: 'slow', arguments: {}, inputResponses: allAnswers(keys), requestState: state };
  const leaving = open();
  const gone = leaving.post('tools/call', retry).catch(() => {});
  await until(() => slow.reply, 'the answer to the question');
  leaving.close();
  await until(
    () => upstream.notes.some(({ method, params }) => method === 'notifications/cancelled' && params.requestId === slow.message.id),
    'the cancellation',
  );
  await gone;
});

test('a client is not asked what it did not declare with this request', async () => {
  const poor = open('ann', { capabilities: {} });
  assert.match(firstText(await poor.call('ask')), /^said error -326/);
  poor.close();
});

setting('timeouts.park', () =>
  withGateway({ timeouts: { park: '500ms' }, upstreams: { one: { url: upstream.url } } }, async (short) => {
    const leaving = new StatelessClient(short.url('one'), { capabilities });
    const { keys, state } = await park('ask', {}, leaving);
    const left = running;
    const calls = upstream.calls.length;
    const isCancelled = ({ method, params }) => method === 'notifications/cancelled' && params.requestId === left.message.id;
    await until(() => upstream.notes.some(isCancelled), 'the cancellation of a call that nobody comes back for');
    const late = await leaving.call('ask', {}, { answers: allAnswers(keys), state });
    assert.equal(late.error?.code, -32602);
    assert.equal(upstream.calls.length, calls, 'it is not run again');
    leaving.close();
  }),
);

const givesWayToTheSecondOf = (limits, tokenOfSecond) => async () => {
  const tokens = ['ann', 'bob'].map((name) => `${name}:sha256:${hash(name)}\n`).join('');
  const settings = {
    auth: { tokens_file: scratchFile('tokens', tokens) },
    limits,
    upstreams: { one: { url: upstream.url } },
  };
  await withGateway(settings, async (small) => {
    const by = (token) => new StatelessClient(small.url('one'), { capabilities, headers: bearer(token) });
    const [first, second] = [by('ann'), by(tokenOfSecond)];
    const old = await park('ask', {}, first);
    const left = running;
    const { keys, state } = await park('ask', {}, second);
    const isCancelled = ({ method, params }) => method === 'notifications/cancelled' && params.requestId === left.message.id;
    await until(() => upstream.notes.some(isCancelled), 'the cancellation of the call that gave way');
    const late = await first.call('ask', {}, { answers: allAnswers(old.keys), state: old.state });
    assert.equal(late.error?.code, -32602);
    assert.match(late.error.message, /gave way/);
    assert.equal(firstText(await second.call('ask', {}, { answers: allAnswers(keys), state })), 'said Ann');
    assert.equal(firstText(await first.call('echo', { text: 'x' })), 'x', 'a call that does not wait counts for nothing');
    first.close();
    second.close();
  });
};

setting('limits.parks_max', givesWayToTheSecondOf({ parks_max: 1 }, 'bob'));

setting('limits.parks_per_principal_max', givesWayToTheSecondOf({ parks_per_principal_max: 1 }, 'ann'));

test('a parked call whose token was removed and came back is gone', async () => {
  const line = (name) => `${name}:sha256:${hash(name)}\n`;
  const tokens_file = scratchFile('tokens', line('ann') + line('bob'));
  const settings = { auth: { tokens_file }, upstreams: { one: { url: upstream.url } } };
  await withGateway(settings, async (other) => {
    const ann = new StatelessClient(other.url('one'), { capabilities, headers: bearer('ann') });
    const { keys, state } = await park('ask', {}, ann);
    const left = running;
    const knows = async (is) => {
      other.reload();
      // A call that runs when its token goes is cut off.
      const status = async () => (await ann.call('echo', { text: 'x' }).catch(() => ({}))).status;
      await until(async () => (await status()) === (is ? 200 : 401), `a reload: ${is}`);
    };
    fs.writeFileSync(tokens_file, line('bob'));
    await knows(false);
    const isCancelled = ({ method, params }) => method === 'notifications/cancelled' && params.requestId === left.message.id;
    await until(() => upstream.notes.some(isCancelled), 'the cancellation of a call that nobody may come back for');
    fs.writeFileSync(tokens_file, line('ann') + line('bob'));
    await knows(true);
    const late = await ann.call('ask', {}, { answers: allAnswers(keys), state });
    assert.equal(late.error?.code, -32602, JSON.stringify(late.result ?? late.error));
    ann.close();
  });
});

test('a server that asks when no call runs is told at once that nobody is there', async () => {
  const asking = await startUpstream({ tools });
  await withGateway({ upstreams: { one: { url: asking.url } } }, async (other) => {
    const caller = new StatelessClient(other.url('one'), { capabilities });
    assert.equal(firstText(await caller.call('echo', { text: 'x' })), 'x');
    await until(() => asking.isHeard, 'the streams of the server');
    const questions = asking.askOutside('roots/list');
    assert.ok(questions.length > 0);
    const replies = await within(20_000, Promise.all(questions), 'answers');
    // The gateway's own sessions, for the lists, say that there are no roots.
    for (const { result, error } of replies) {
      assert.ok(result?.roots.length === 0 || [-32603, -32601].includes(error?.code), JSON.stringify(error));
    }
    caller.close();
  });
  await asking.stop();
});

// What it asks while a call of its session runs is taken for a part of that call.
test('a server that asks outside of calls hangs nobody', async (t) => {
  let everything;
  t.after(() => everything?.process.stop('SIGKILL'));
  everything = await startEverything();
  await withGateway({ upstreams: { everything: { url: everything.url } } }, async (other) => {
    const caller = new StatelessClient(other.url('everything'), { capabilities });
    // It asks for roots 350 ms after its session began; the second call is served in that session.
    for (let i = 0; i < 8; i += 1) {
      const done = await within(20_000, callToTheEnd(caller, 'echo', { message: 'hi' }, answer), 'echo');
      assert.equal(firstText(done), 'Echo: hi');
      const long = callToTheEnd(caller, 'trigger-long-running-operation', { duration: 0.2, steps: 1 }, answer);
      assert.match(firstText(await within(20_000, long, 'the operation')), /completed/);
    }
    const asked = await within(20_000, callToTheEnd(caller, 'get-roots-list', {}, answer), 'roots');
    assert.ok(asked.result, JSON.stringify(asked.error));
    caller.close();
  });
});

test('a call that is parked when the gateway is told to end does not keep it', async () => {
  const ending = await startGateway({ upstreams: { one: { url: upstream.url } }, timeouts: { drain: '1s' } });
  const caller = new StatelessClient(ending.url('one'), { capabilities });
  await park('ask', {}, caller);
  caller.close();
  const { code } = await within(30_000, ending.stop(), 'the end');
  assert.equal(code, 0);
});

test('parked calls of some addresses do not keep those of another one from a server', async () => {
  await withGateway({ upstreams: { one: { url: upstream.url } } }, async (open_) => {
    const from = (address) =>
      new StatelessClient(open_.url('one'), { capabilities, agent: new http.Agent({ keepAlive: true, localAddress: address }) });
    const before = upstream.calls.length;
    // As many as a server is called at a time for one owner, in all.
    const crowd = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5'].map(from);
    for (const each of crowd) await Promise.all(Array.from({ length: 16 }, () => park('ask', {}, each)));
    assert.equal(upstream.calls.length - before, 64);
    const other = from('127.0.0.6');
    const { keys, state } = await within(20_000, park('ask', {}, other), 'a call of another address');
    const done = await other.call('ask', {}, { answers: allAnswers(keys), state });
    assert.equal(firstText(done), 'said Ann');
    for (const each of [...crowd, other]) each.close();
  });
});
