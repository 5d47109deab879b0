// Tasks over a reload that leads to another process or session of their server, which may count its tasks anew.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { defaults, startGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { TaskServer } from './lib/task-server.mjs';

let gateway, servers;

afterEach(async () => {
  await gateway?.kill();
  for (const { upstream } of servers) await upstream.stop();
});

const settings = (server) => ({ upstreams: { one: { url: server.upstream.url } } });

// Two servers that call their first task the same, and a client of a gateway in front of the first one.
async function start() {
  servers = [await new TaskServer().start(), await new TaskServer().start()];
  gateway = await startGateway(settings(servers[0]));
  return new Client(gateway.url()).open();
}

// What is called "one" is the second server from now on.
async function lead() {
  gateway.configure({ ...defaults, ...settings(servers[1]) });
  gateway.reload();
  await until(() => /"reloaded"/.test(gateway.output), 'the end of the reload');
}

const begin = async (client) => {
  const { result } = await client.request('tools/call', { name: 'one-work', arguments: {}, task: {} });
  return result.task.taskId;
};
const about = (server, method) => server.asked.filter((asked) => asked.startsWith(method));

test('two tasks with one id of their servers stay two', async () => {
  const client = await start();
  const first = await begin(client);
  await lead();
  const second = await begin(client);
  assert.notEqual(first, second);
  assert.equal((await client.request('tasks/cancel', { taskId: first })).result.status, 'cancelled');
  assert.deepEqual([about(servers[0], 'tasks/cancel'), about(servers[1], 'tasks/cancel')], [['tasks/cancel t-1'], []]);
  servers[1].finish('t-1');
  assert.equal((await client.request('tasks/get', { taskId: second })).result.status, 'completed');
  assert.equal((await client.request('tasks/result', { taskId: second })).result.content[0].text, 'outcome of t-1');
  assert.deepEqual(about(servers[0], 'tasks/result'), []);
  await client.close();
});

test('the session of a task ends when its outcome was fetched, and not before', async () => {
  const client = await start();
  const taskId = await begin(client);
  await lead();
  // What listed the server before the reload has a session there as well, which ends with it.
  const { session } = servers[0].tasks.get('t-1');
  const isOver = ({ method, headers }) => method === 'DELETE' && headers['mcp-session-id'] === session;
  const hasEnded = () => servers[0].upstream.requests.some(isOver);
  assert.equal((await client.request('tasks/get', { taskId })).result.status, 'working');
  assert.ok(!hasEnded());
  servers[0].finish('t-1');
  assert.equal((await client.request('tasks/result', { taskId })).result.content[0].text, 'outcome of t-1');
  await until(hasEnded, 'the end of the session');
  await client.close();
});

test('a call that is cancelled after a reload is cancelled at its server', async () => {
  const client = await start();
  let begun;
  servers[0].upstream.tools.work = () => new Promise(() => (begun = true));
  const running = client.request('tools/call', { name: 'one-work', arguments: {} }, { id: 'late' }).catch(() => {});
  await until(() => begun, 'the call at the server');
  await lead();
  await client.notify('notifications/cancelled', { requestId: 'late' });
  const isTold = () => servers[0].upstream.notes.some(({ method }) => method === 'notifications/cancelled');
  await until(isTold, 'the cancellation');
  await running;
  await client.close();
});
