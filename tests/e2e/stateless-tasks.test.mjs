// The tasks extension between a stateless client and a stateless server, with two servers that do not share ids; and
// tools of a stateless server that can only be tasks, for a client that knows none.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { startGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { scratchFile } from './lib/scratch.mjs';
import { startFixture } from './lib/servers.mjs';
import { StatelessClient } from './lib/stateless-client.mjs';

const extension = 'io.modelcontextprotocol/tasks';
const extensions = { [extension]: {} };
const line = (name) => `${name}:sha256:${crypto.createHash('sha256').update(name).digest('hex')}\n`;
let one, two, gateway, client;

before(async () => {
  [one, two] = [await startFixture('modern'), await startFixture('modern')];
  gateway = await startGateway({
    workers: 2,
    // A refusal of the server that comes later than this comes on a stream, with status 200.
    streams: { sse_after: '60s' },
    upstreams: { one: { url: one.url }, two: { url: two.url } },
    auth: { tokens_file: scratchFile('tokens', `${line('ann')}${line('bob')}`) },
  });
  client = as('ann');
});
after(async () => {
  client?.close();
  await gateway?.kill();
  await one?.process.stop('SIGKILL');
  await two?.process.stop('SIGKILL');
});

const as = (who, { capabilities = { elicitation: {}, extensions }, path } = {}) =>
  new StatelessClient(gateway.url(path), {
    capabilities,
    headers: { authorization: `Bearer ${who}` },
  });
const about = async (method, taskId, more = {}) => client.request(`tasks/${method}`, { taskId, ...more });

async function begin(name, given) {
  const { result } = await client.call(name, given);
  assert.equal(result?.resultType, 'task');
  return result.taskId;
}

async function outcome(taskId, status) {
  let task;
  await until(async () => {
    ({ result: task } = await about('get', taskId));
    return task.status === status;
  }, status);
  assert.equal(task.taskId, taskId);
  return task;
}

test('the extension is announced', async () => {
  const { result } = await client.request('server/discover', {});
  assert.deepEqual(result.capabilities.extensions, extensions);
});

test('a call goes on as a task, and its result is fetched', async () => {
  const ids = await Promise.all(['one', 'two'].map((name) => begin(`${name}-slow-compute`, { seconds: 0.2, label: name })));
  for (const [at, id] of ids.entries()) {
    const { result } = await outcome(id, 'completed');
    assert.match(result.content[0].text, new RegExp(`computed ${['one', 'two'][at]} `));
  }
});

test('what a task asks is answered by an update', async () => {
  const id = await begin('two-confirm-delete', { filename: 'x' });
  const { inputRequests } = await outcome(id, 'input_required');
  const [key] = Object.keys(inputRequests);
  const inputResponses = { [key]: { action: 'accept', content: { confirm: true } } };
  assert.equal((await about('update', id, { inputResponses })).result.resultType, 'complete');
  assert.equal((await outcome(id, 'completed')).result.content[0].text, 'deleted: true');
});

test('a task is cancelled', async () => {
  const id = await begin('one-slow-compute', { seconds: 100 });
  assert.ok((await about('cancel', id)).result);
  await outcome(id, 'cancelled');
});

test('a task belongs to who began it, and to the virtual server', async () => {
  const taskId = await begin('one-slow-compute', { seconds: 0 });
  for (const other of [as('bob'), as('ann', { path: 'one' })]) {
    const { status, error } = await other.request('tasks/get', { taskId });
    assert.deepEqual([status, error.code], [200, -32602]);
    other.close();
  }
});

test('clients that do not declare the extension are told so', async () => {
  const plain = as('ann', { capabilities: {} });
  for (const refused of [
    await plain.request('tasks/get', { taskId: 'x' }),
    await plain.call('one-failing-job'),
    await plain.request('subscriptions/listen', { notifications: { taskIds: ['x'] } }),
  ]) {
    assert.deepEqual([refused.status, refused.error?.code], [400, -32021]);
    assert.deepEqual(refused.error.data.requiredCapabilities.extensions, extensions);
  }
  const { result } = await plain.call('one-slow-compute', { seconds: 0 });
  assert.equal(result.resultType, 'complete');
  plain.close();
});

test('a client with a session gets the result of a task, and answers what it requires', async () => {
  const capabilities = { elicitation: {} };
  const headers = { authorization: 'Bearer ann' };
  const session = await new Client(gateway.url('one'), { capabilities, headers }).open();
  session.answerers['elicitation/create'] = () => ({ action: 'accept', content: { user_name: 'Ann', name: 'Ann' } });
  const { result } = await session.call('test_tool_with_task');
  assert.equal(result?.content[0].text, 'Hello, Ann!');
  assert.equal(result.resultType, undefined);
  const failed = await session.call('failing_job');
  assert.deepEqual([failed.result?.isError, failed.result?.content[0].text], [true, 'this job fails']);
  await session.close();
});
