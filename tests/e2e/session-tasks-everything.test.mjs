// The research of server-everything, which runs as a task only, over every transport, alone and beside another server.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { startGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { everythingCommand, startEverything } from './lib/servers.mjs';
import { relatedTask } from './lib/task-server.mjs';

const tool = 'simulate-research-query';
let http, sse, gateway;

before(async () => {
  [http, sse] = [await startEverything(), await startEverything('sse')];
  gateway = await startGateway({
    upstreams: { http: { url: http.url }, sse: { url: sse.url, transport: 'sse' }, stdio: everythingCommand },
  });
});
after(async () => {
  await gateway?.kill();
  await http?.process.stop('SIGKILL');
  await sse?.process.stop('SIGKILL');
});

async function open(path) {
  const client = await new Client(gateway.url(path), { capabilities: { elicitation: {} } }).open();
  await client.hear();
  return client;
}

async function begin(client, name, given) {
  const { result } = await client.request('tools/call', { name, arguments: given, task: { ttl: 60_000 } });
  assert.equal(result?.task?.status, 'working');
  return result.task.taskId;
}

// From its beginning to its outcome, with a question in between.
async function research(path, prefix = '') {
  const client = await open(path);
  const asked = [];
  client.answerers['elicitation/create'] = (params) => {
    asked.push(params._meta);
    return { action: 'accept', content: { interpretation: 'technical' } };
  };
  const taskId = await begin(client, `${prefix}${tool}`, { topic: 'levers', ambiguous: true });
  const get = async () => (await client.request('tasks/get', { taskId })).result;
  await until(async () => (await get()).status === 'input_required', 'the question');
  assert.equal((await get()).taskId, taskId);
  const { result } = await client.request('tasks/result', { taskId });
  assert.match(result.content[0].text, /Research Report: levers \(technical\)/);
  const meta = { [relatedTask]: { taskId } };
  assert.deepEqual(result._meta, meta);
  assert.deepEqual(asked, [meta]);
  assert.equal((await get()).status, 'completed');
  assert.deepEqual((await client.request('tasks/list')).result.tasks.map((task) => task.taskId), [taskId]);
  const told = () => client.heard.filter(({ method }) => method === 'notifications/tasks/status');
  await until(() => told().at(-1)?.params.status === 'completed', 'the last status');
  assert.deepEqual(new Set(told().map(({ params }) => params.taskId)), new Set([taskId]));
  assert.ok(told().some(({ params }) => params.status === 'input_required'));
  await client.close();
}

for (const path of ['http', 'sse', 'stdio']) {
  test(`over ${path}, alone`, () => research(path));
  test(`over ${path}, beside others`, () => research(undefined, `${path}-`));
}

test('a task is cancelled', async () => {
  const client = await open();
  const taskId = await begin(client, `stdio-${tool}`, { topic: 'levers' });
  assert.equal((await client.request('tasks/cancel', { taskId })).result.status, 'cancelled');
  assert.equal((await client.request('tasks/get', { taskId })).result.status, 'cancelled');
  assert.equal((await client.request('tasks/cancel', { taskId })).error.code, -32602);
  await client.close();
});

test('another session does not have it', async () => {
  const [client, other] = [await open(), await open()];
  const taskId = await begin(client, `http-${tool}`, { topic: 'levers' });
  assert.equal((await other.request('tasks/get', { taskId })).error.code, -32602);
  assert.deepEqual((await other.request('tasks/list')).result.tasks, []);
  await client.close();
  await other.close();
});

test('called plainly, it gets what its server says to that', async () => {
  const client = await open();
  const { result } = await client.call(`http-${tool}`, { topic: 'levers' });
  assert.ok(result.isError);
  await client.close();
});
