// The tasks in the core of 2025-11-25, between a client with a session and two servers that use the same ids and show
// everybody's tasks to everybody.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { startGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { scratchFile } from './lib/scratch.mjs';
import { relatedTask, TaskServer } from './lib/task-server.mjs';

const line = (name) => `${name}:sha256:${crypto.createHash('sha256').update(name).digest('hex')}\n`;
const capability = { list: {}, cancel: {}, requests: { tools: { call: {} } } };
const status = 'notifications/tasks/status';
let one, two, gateway;

before(async () => {
  [one, two] = [await new TaskServer().start(), await new TaskServer().start()];
  gateway = await startGateway({
    workers: 2,
    upstreams: { one: { url: one.upstream.url }, two: { url: two.upstream.url } },
    auth: { tokens_file: scratchFile('tokens', `${line('ann')}${line('bob')}`) },
  });
});
after(async () => {
  await gateway?.kill();
  await one?.upstream.stop();
  await two?.upstream.stop();
});

const as = (who, { path, revision } = {}) =>
  new Client(gateway.url(path), {
    revision,
    capabilities: { elicitation: {} },
    headers: { authorization: `Bearer ${who}` },
  }).open();

async function begin(client, name, more = {}) {
  const { result } = await client.request('tools/call', { name, arguments: {}, task: {}, ...more });
  assert.equal(result?.task?.status, 'working');
  const server = name.startsWith('two') ? two : one;
  await until(() => server.isHeard(newest(server)), 'the stream of the session');
  return result.task.taskId;
}

const about = (client, method, taskId) => client.request(`tasks/${method}`, { taskId });
const listed = async (client) => (await client.request('tasks/list')).result.tasks.map(({ taskId }) => taskId);

// The task of `server` that was begun last: its id there.
const newest = (server) => `t-${server.tasks.size}`;

test('they are announced to those whose revision has them', async () => {
  const client = await as('ann');
  assert.deepEqual(client.server.capabilities.tasks, capability);
  await client.close();
  const old = await as('ann', { revision: '2025-06-18' });
  assert.equal(old.server.capabilities.tasks, undefined);
  assert.equal((await old.request('tasks/list')).error.code, -32601);
  await old.close();
});

test('two servers with the same ids do not get in each other\'s way', async () => {
  const client = await as('ann');
  const ids = [await begin(client, 'one-work'), await begin(client, 'two-work')];
  assert.equal(newest(one), newest(two));
  assert.notEqual(ids[0], ids[1]);
  two.finish(newest(two));
  for (const [at, expected] of ['working', 'completed'].entries()) {
    const { result } = await about(client, 'get', ids[at]);
    assert.deepEqual([result.taskId, result.status], [ids[at], expected]);
  }
  assert.deepEqual(await listed(client), ids);
  assert.deepEqual([one.asked.at(-1), two.asked.at(-1)], [`tasks/get ${newest(one)}`, `tasks/get ${newest(two)}`]);
  await client.close();
});

test('a task has one id in all that is said of it, and its server sees its own', async () => {
  const client = await as('ann');
  await client.hear();
  const questions = [];
  client.answerers['elicitation/create'] = (params) => {
    questions.push(params);
    return { action: 'accept', content: {}, _meta: params._meta };
  };
  const taskId = await begin(client, 'two-work');
  const theirs = newest(two);
  const outcome = about(client, 'result', taskId);
  await until(() => two.asked.includes(`tasks/result ${theirs}`), 'tasks/result at the server');
  two.finish(theirs, { message: 'sure?', requestedSchema: { type: 'object', properties: {} } });
  const { result } = await outcome;
  assert.deepEqual(result, {
    content: [{ type: 'text', text: `outcome of ${theirs}` }],
    _meta: { kept: 1, [relatedTask]: { taskId } },
  });
  assert.deepEqual(questions[0]._meta, { [relatedTask]: { taskId } });
  assert.equal(questions[0].message, '[two] sure?');
  assert.deepEqual(two.tasks.get(theirs).answer.result._meta, { [relatedTask]: { taskId: theirs } });
  await until(() => client.heard.length > 0, status);
  const [{ method, params }] = client.heard;
  assert.deepEqual([method, params.taskId, params.status], [status, taskId, 'completed']);
  await client.close();
});

test('progress goes on when the call was answered, with the token of that call', async () => {
  const client = await as('ann');
  await client.hear();
  const taskId = await begin(client, 'one-work', { _meta: { progressToken: 'p' } });
  one.progress(newest(one), 0.5);
  await until(() => client.heard.length > 0, 'progress');
  const _meta = { [relatedTask]: { taskId } };
  assert.deepEqual(client.heard, [
    { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 'p', progress: 0.5, _meta } },
  ]);
  await client.close();
});

test('the status of a task is no matter of the call that runs', async () => {
  const client = await as('ann');
  const [first, second] = [await begin(client, 'one-work'), await begin(client, 'one-work')];
  const theirs = newest(one);
  const messages = [];
  const outcome = client.request('tasks/result', { taskId: second }, { onMessage: (message) => messages.push(message) });
  await until(() => one.asked.includes(`tasks/result ${theirs}`), 'tasks/result at the server');
  await about(client, 'cancel', first);
  one.finish(theirs);
  assert.equal((await outcome).result.content[0].text, `outcome of ${theirs}`);
  assert.deepEqual(messages.filter(({ method }) => method), []);
  await client.hear();
  await until(() => client.heard.length === 2, 'both on the GET stream');
  assert.deepEqual(
    client.heard.map(({ params }) => [params.taskId, params.status]),
    [[first, 'cancelled'], [second, 'completed']],
  );
  await client.close();
});

test('a task belongs to who began it, and to the virtual server', async () => {
  const client = await as('ann');
  const taskId = await begin(client, 'one-work');
  const before = one.asked.length;
  for (const other of [await as('bob'), await as('ann', { path: 'one' })]) {
    for (const method of ['get', 'result', 'cancel']) {
      const { status: http, error } = await about(other, method, taskId);
      assert.deepEqual([http, error?.code], [200, -32602]);
    }
    await other.close();
  }
  for (const none of [newest(one), 'x', '']) assert.equal((await about(client, 'get', none)).error.code, -32602);
  assert.equal(one.asked.length, before);
  await client.close();
});

test('a list has the tasks of its session, of all pages and servers that answer', async () => {
  const [client, other] = [await as('ann'), await as('bob')];
  await begin(other, 'one-work');
  assert.deepEqual(await listed(client), []);
  const ids = [];
  for (const name of ['two-work', 'one-work', 'two-work', 'two-work']) ids.push(await begin(client, name));
  const [of_one, of_two] = [[ids[1]], [ids[0], ids[2], ids[3]]];
  assert.deepEqual(await listed(client), [...of_one, ...of_two]);
  one.isBroken = true;
  assert.deepEqual(await listed(client), of_two);
  two.isBroken = true;
  assert.equal((await client.request('tasks/list')).error.code, -32603);
  one.isBroken = two.isBroken = false;
  assert.equal((await client.request('tasks/list', { cursor: '2' })).error.code, -32602);
  await other.close();
  await client.close();
});

test('a plain call is no task', async () => {
  const client = await as('ann');
  assert.equal((await client.call('one-work')).result.content[0].text, 'done at once');
  await client.close();
});

test('without a session there are none', async () => {
  const client = await as('ann');
  const taskId = await begin(client, 'one-work');
  const { session } = client;
  client.session = undefined;
  assert.equal((await about(client, 'get', taskId)).error.code, -32601);
  client.session = session;
  await client.close();
});
