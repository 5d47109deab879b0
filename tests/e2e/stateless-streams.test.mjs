// Streams of the stateless revision: what may come before an answer, what closing one means, and subscriptions/listen.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startGateway } from './lib/gateway.mjs';
import { until, within } from './lib/process.mjs';
import { startFixture } from './lib/servers.mjs';
import { metaKey, StatelessClient } from './lib/stateless-client.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

let session, modern, scripted, gateway;
let waiting = [];

// Tools that speak without being asked, and one that waits for the test.
const tools = {
  chatter(call) {
    call.emit({ method: 'notifications/message', params: { level: 'error', data: 'unasked' } });
    if (call.token !== undefined) call.progress(1);
    return text('said');
  },
  wait(call) {
    return new Promise((resolve) => waiting.push({ call, finish: () => resolve(text('done')) }));
  },
  levels(call) {
    for (const level of ['debug', 'info', 'warning', 'error']) {
      call.emit({ method: 'notifications/message', params: { level, data: level } });
    }
    return text('logged');
  },
};

before(async () => {
  session = await startFixture('legacy');
  modern = await startFixture('modern');
  scripted = await startUpstream({ tools, capabilities: { tools: { listChanged: true }, logging: {} } });
  gateway = await startGateway({
    upstreams: { session: { url: session.url }, modern: { url: modern.url }, scripted: { url: scripted.url } },
  });
});
after(async () => {
  await gateway.kill();
  await scripted.stop();
  await session.process.stop('SIGKILL');
  await modern.process.stop('SIGKILL');
});

const open = (server) => new StatelessClient(gateway.url(server));

// What a server says before the gateway hears its stream is lost, so it is caused again where nothing comes.
async function heardAfter(cause, stream, what) {
  let isHeard = false;
  const heard = stream.next().finally(() => (isHeard = true));
  for (let i = 0; i < 10 && !isHeard; i += 1) {
    await cause();
    await Promise.race([heard, sleep(2000)]);
  }
  return within(1000, heard, what);
}

for (const server of ['session', 'modern']) {
  test(`progress of a ${server} server carries the client's own token, and rises`, async () => {
    const client = open(server);
    for (const token of ['mine', 12]) {
      const answer = await client.call('test_tool_with_progress', {}, { meta: { progressToken: token } });
      const notes = answer.heard.filter(({ method }) => method === 'notifications/progress');
      assert.ok(notes.length >= 2, `${notes.length} notes`);
      for (const { params } of notes) assert.equal(params.progressToken, token);
      const values = notes.map(({ params }) => params.progress);
      assert.deepEqual(values, [...values].sort((a, b) => a - b));
    }
    client.close();
  });

  test(`a tool of a ${server} server logs only for a request that says so`, async () => {
    const client = open(server);
    const logs = async (meta) =>
      (await client.call('test_tool_with_logging', {}, { meta })).heard.filter(({ method }) => method === 'notifications/message');
    assert.deepEqual(await logs({}), []);
    assert.equal((await logs({ [metaKey('logLevel')]: 'info' })).length, 3);
    assert.deepEqual(await logs({ [metaKey('logLevel')]: 'error' }), []);
    assert.deepEqual(await logs({}), []);
    client.close();
  });
}

test('what a server says unasked is dropped: no log level no logs, no token no progress', async () => {
  const client = open('scripted');
  const { heard, result } = await client.call('chatter');
  assert.deepEqual(heard, []);
  assert.equal(result.content[0].text, 'said');
  client.close();
});

test('only logs at or above the level of the request arrive', async () => {
  const client = open('scripted');
  const { heard } = await client.call('levels', {}, { meta: { [metaKey('logLevel')]: 'warning' } });
  assert.deepEqual(heard.map(({ params }) => params.level), ['warning', 'error']);
  const unknown = await client.call('levels', {}, { meta: { [metaKey('logLevel')]: 'loud' } });
  assert.equal(unknown.error?.code, -32602);
  client.close();
});

test('closing the stream of a call cancels it at the server', async () => {
  const client = open('scripted');
  waiting = [];
  const gone = client.post('tools/call', { name: 'wait', arguments: {} }).catch(() => {});
  await until(() => waiting.length, 'the call');
  client.close();
  await until(() => scripted.notes.some(({ method }) => method === 'notifications/cancelled'), 'the cancellation');
  for (const { finish } of waiting) finish();
  await gone;
});

test('events of a stateless stream have no ids', async () => {
  const client = open('session');
  const response = await client.post(
    'tools/call',
    { name: 'test_tool_with_progress', arguments: {} },
    { meta: { progressToken: 1 } },
  );
  assert.match(response.headers['content-type'], /^text\/event-stream/);
  assert.equal(response.headers['x-accel-buffering'], 'no');
  let body = '';
  for await (const part of response) body += part;
  assert.doesNotMatch(body, /^id:/m);
  assert.doesNotMatch(body, /^retry:/m);
  client.close();
});

for (const server of ['session', 'modern']) {
  test(`listen: changes of a ${server} server arrive, marked with the id of the request`, async () => {
    const client = open(server);
    const stream = await client.listen({ toolsListChanged: true }, { id: 'sub-1' });
    assert.equal(stream.response.statusCode, 200);
    const first = await within(20_000, stream.next(), 'the acknowledgement');
    assert.equal(first.method, 'notifications/subscriptions/acknowledged');
    assert.equal(first.params._meta[metaKey('subscriptionId')], 'sub-1');
    assert.deepEqual(first.params.notifications, { toolsListChanged: true });
    const cause = async () => {
      await client.call('test_trigger_prompt_change');
      await client.call('test_trigger_tool_change');
    };
    const change = await heardAfter(cause, stream, 'the change');
    assert.equal(change.method, 'notifications/tools/list_changed', 'and not of what was not asked for');
    assert.equal(change.params._meta[metaKey('subscriptionId')], 'sub-1');
    stream.close();
    client.close();
  });

  test(`listen: a resource of a ${server} server that changes is told to those who asked for it`, async () => {
    const client = open(server);
    const uri = 'test://watched-resource';
    const { stream, honoured } = await within(20_000, client.listenTo([uri], { id: 4 }), 'the acknowledgement');
    assert.deepEqual(honoured, [uri]);
    const { stream: other } = await within(20_000, client.listenTo(['test://static-text'], { id: 5 }), 'the other one');
    const update = await heardAfter(() => client.call('test_trigger_resource_update'), stream, 'the update');
    assert.equal(update.method, 'notifications/resources/updated');
    assert.equal(update.params.uri, uri);
    assert.equal(update.params._meta[metaKey('subscriptionId')], 4);
    const heard = other.next();
    const nothing = await Promise.race([heard, client.call('test_simple_text').then(() => 'nothing')]);
    assert.equal(nothing, 'nothing');
    stream.close();
    other.close();
    client.close();
  });
}

test('listen: one stream hears of both servers, and ends when its connection does', async () => {
  const client = open();
  const stream = await client.listen({ toolsListChanged: true });
  await within(20_000, stream.next(), 'the acknowledgement');
  for (const server of ['session', 'modern']) {
    const caller = open(server);
    const change = await heardAfter(() => caller.call('test_trigger_tool_change'), stream, `the change of ${server}`);
    assert.equal(change.method, 'notifications/tools/list_changed');
    caller.close();
  }
  stream.close();
  client.close();
});
