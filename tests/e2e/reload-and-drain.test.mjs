// SIGHUP takes a new configuration over while sessions live on; SIGTERM ends without cutting what runs.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Client, exchangeJson } from './lib/client.mjs';
import { defaults, startGateway } from './lib/gateway.mjs';
import { isAlive, until } from './lib/process.mjs';
import { connect, requestText } from './lib/raw-http.mjs';
import { stdioCommand } from './lib/servers.mjs';
import { readEvents } from './lib/sse.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

let first, second, gateway, finish, echoed;

const tools = {
  echo: (call) => {
    echoed += 1;
    return text(call.arguments.text);
  },
  ask: async (call) => {
    const { error } = await call.ask('elicitation/create', { message: '?', requestedSchema: { type: 'object' } });
    return text(`refused ${error?.code}`);
  },
  // Answers when the test says so.
  wait: () => new Promise((resolve) => (finish = () => resolve(text('waited')))),
};

beforeEach(async () => {
  finish = undefined;
  echoed = 0;
  first = await startUpstream({ tools });
  second = await startUpstream({ tools: { other: () => text('other') } });
  gateway = await startGateway({ upstreams: { first: { url: first.url } }, timeouts: { drain: '5s' } });
});
afterEach(async () => {
  await gateway.kill();
  await first.stop();
  await second.stop();
});

const namesOf = async (client) => (await client.request('tools/list')).result.tools.map(({ name }) => name).sort();

test('SIGHUP: an upstream appears, in a session that was open before, which is told', async () => {
  const client = await new Client(gateway.url()).open();
  await client.hear();
  assert.deepEqual(await namesOf(client), ['first-ask', 'first-echo', 'first-wait']);
  gateway.configure({ ...defaults, upstreams: { first: { url: first.url }, second: { url: second.url } } });
  gateway.reload();
  await until(() => client.heard.some(({ method }) => method === 'notifications/tools/list_changed'), 'list_changed');
  await until(async () => (await namesOf(client)).includes('second-other'), 'the new tool');
  assert.equal((await client.call('second-other')).result.content[0].text, 'other');
  await client.close();
});

test('SIGHUP: an upstream that is taken away fails its calls and leaves the others', async () => {
  const client = await new Client(gateway.url()).open();
  await client.call('first-echo', { text: 'x' });
  gateway.configure({ ...defaults, upstreams: { second: { url: second.url } } });
  gateway.reload();
  await until(async () => !(await namesOf(client)).includes('first-echo'), 'the end of the old tools');
  assert.equal((await client.call('first-echo', { text: 'x' })).error.code, -32602);
  assert.equal((await exchangeJson(gateway.url('first'), { body: '{}' })).status, 404);
  await client.close();
});

test('SIGHUP: how upstreams are reached changes for those that stay, in a session that was open before', async () => {
  const client = await new Client(gateway.url()).open();
  await client.call('first-echo', { text: 'x' });
  gateway.configure({ ...defaults, upstreams: { first: { url: first.url } }, timeouts: { call: '100ms' } });
  gateway.reload();
  await until(() => /"reloaded"/.test(gateway.output), 'the end of the reload');
  const answer = await client.call('first-wait');
  assert.match(JSON.stringify(answer), /did not answer in time|timed out/i);
  await client.close();
});

test('SIGHUP: limits and log change at once, and what changed and what needs a restart is named', async () => {
  const client = await new Client(gateway.url()).open();
  const settings = { upstreams: { first: { url: first.url } }, sessions: { max: 1 }, log: { format: 'text' } };
  gateway.configure({ ...defaults, ...settings, processes: { max: 7 } });
  gateway.reload();
  const [line] = await gateway.process.find(/^.* warning reloaded .*\n/m);
  assert.match(line, /changed="sessions\.max, timeouts\.drain, log\.format" needs_restart="processes\.max"/);
  await assert.rejects(new Client(gateway.url()).open(), /sessions\.max/);
  await client.close();
});

test('SIGHUP: a file that is wrong is reported and the old settings hold', async () => {
  const client = await new Client(gateway.url()).open();
  gateway.configure({ ...defaults, upstraems: {} });
  gateway.reload();
  await until(() => /upstraems/.test(gateway.output), 'the report');
  assert.equal((await client.call('first-echo', { text: 'still' })).result.content[0].text, 'still');
  await client.close();
});

test('SIGTERM: a running call is finished, new ones are not accepted, the exit code is 0', async () => {
  const client = await new Client(gateway.url()).open();
  const running = client.call('first-wait');
  await until(() => finish, 'the call upstream');
  const ended = gateway.stop('SIGTERM');
  const isRefused = () =>
    exchangeJson(gateway.url(), { body: '{"jsonrpc":"2.0","id":1,"method":"ping"}' }).then(
      ({ status }) => status === 503,
      () => true,
    );
  await until(isRefused, 'the end of new requests');
  finish();
  assert.equal((await running).result.content[0].text, 'waited');
  assert.deepEqual(await ended, { code: 0, signal: null });
});

test('SIGTERM: a call that waits for its user goes on at once, without an answer', async () => {
  gateway.configure({ upstreams: { first: { url: first.url } }, timeouts: { drain: '60s' } });
  gateway.reload();
  await until(() => /"event":"reloaded"/.test(gateway.output), 'the longer time');
  const client = await new Client(gateway.url(), { capabilities: { elicitation: {} } }).open();
  const heard = [];
  client.take = async (message) => void heard.push(message.method);
  const running = client.call('first-ask');
  await until(() => heard.includes('elicitation/create'), 'the question');
  // The time that the drain may take is far longer.
  const begin = performance.now();
  const ended = gateway.stop('SIGTERM', 60_000);
  assert.match((await running).result.content[0].text, /refused -32601/);
  assert.deepEqual(await ended, { code: 0, signal: null });
  assert.ok(performance.now() - begin < 20_000);
});

test('SIGTERM: a request that has come by half is waited for, and refused as what it is at the deadline', async () => {
  const body = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
  const headers = ['Content-Type: application/json', 'Accept: application/json, text/event-stream'];
  const [rest, never] = [await connect(gateway.port), await connect(gateway.port)];
  // What is sent on one connection is read in order, so an interim answer tells that the head is there.
  const asking = requestText({ port: gateway.port, headers: [...headers, 'Expect: 100-continue'], body });
  for (const connection of [rest, never]) {
    connection.send(asking.slice(0, asking.indexOf('\r\n\r\n') + 4));
    assert.equal((await connection.response()).status, 100);
    connection.send(body.slice(0, 10));
  }
  const ended = gateway.stop('SIGTERM');
  await until(() => /stopping/.test(gateway.output), 'the end');
  rest.send(body.slice(10));
  const answered = await rest.response();
  assert.equal(answered.status, 200);
  assert.equal(answered.headers.connection, 'close');
  const refused = await never.response();
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.connection, 'close');
  assert.match(refused.body, /shutting down/);
  assert.equal((await ended).code, 0);
});

test('SIGTERM: an answer says that it is the last on its connection, and what was sent ahead is not run', async () => {
  const headers = ['Content-Type: application/json', 'Accept: application/json, text/event-stream'];
  const client = await new Client(gateway.url()).open();
  headers.push(`Mcp-Session-Id: ${client.session}`);
  const asking = (id, name) => requestText({
    port: gateway.port,
    headers,
    body: JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: { text: 'x' } } }),
  });
  const connection = await connect(gateway.port);
  connection.send(asking(1, 'first-echo'));
  assert.equal((await connection.response()).headers.connection, undefined);
  connection.send(asking(2, 'first-wait'));
  await until(() => finish, 'the call upstream');
  const ended = gateway.stop('SIGTERM');
  await until(() => /stopping/.test(gateway.output), 'the end');
  connection.send(asking(3, 'first-echo'));
  finish();
  const answer = await connection.response();
  assert.match(answer.body, /waited/);
  if (answer.headers['content-type'] === 'application/json') assert.equal(answer.headers.connection, 'close');
  await connection.closed();
  assert.equal((await ended).code, 0);
  assert.equal(echoed, 1);
});

test('SIGTERM: new requests are refused at once, however long children take to end', async () => {
  const own = await startGateway({
    upstreams: { slow: stdioCommand({ STUBBORN: '1' }) },
    processes: { kill_after: '3s' },
  });
  try {
    await own.process.find(/ is ready/, 30_000);
    const before = await connect(own.port);
    const ended = own.stop('SIGTERM');
    await until(() => /stopping/.test(own.output), 'the end');
    before.send(requestText({ port: own.port, method: 'GET', path: '/ready' }));
    const answer = await before.response().catch(() => undefined); // Or the connection is closed already.
    assert.equal(answer?.status ?? 503, 503);
    assert.deepEqual(await ended, { code: 0, signal: null });
  } finally {
    await own.kill();
  }
});

test('SIGTERM: stubborn children of every kind are ended side by side', async () => {
  const stubborn = stdioCommand({ STUBBORN: '1' });
  const stateless = stdioCommand({ STUBBORN: '1', STATELESS: '1' });
  const own = await startGateway({
    upstreams: { one: stubborn, two: stubborn, three: stateless, four: stateless, five: stateless },
    processes: { kill_after: '3s' },
    timeouts: { drain: '3s' },
  });
  try {
    const client = await new Client(own.url()).open();
    const pids = [];
    for (const server of ['one', 'two', 'three', 'four', 'five']) {
      pids.push(Number((await client.call(`${server}-pid`)).result.content[0].text));
    }
    const begin = performance.now();
    assert.deepEqual(await own.stop('SIGTERM', 30_000), { code: 0, signal: null });
    const took = performance.now() - begin;
    // Each has its time twice; two that follow each other would have 12 s.
    assert.ok(took > 5500 && took < 11_000, `${took} ms`);
    assert.deepEqual(pids.filter((pid) => isAlive(pid)), []);
  } finally {
    await own.kill();
  }
});

test('SIGTERM: a call that does not end is given up at the deadline, streams end cleanly', async () => {
  const client = await new Client(gateway.url()).open();
  const stream = await client.listen();
  const hasEnded = (async () => {
    for await (const event of readEvents(stream)) assert.ok(event);
    return stream.complete;
  })();
  const running = client.call('first-wait').catch((error) => ({ error }));
  await until(() => finish, 'the call upstream');
  const start = Date.now();
  const { code } = await gateway.stop('SIGTERM');
  assert.ok(Date.now() - start < 18_000); // By default it has 20 s.
  assert.equal(code, 0);
  const answer = await running;
  assert.ok(answer.error || answer.result.isError, JSON.stringify(answer));
  assert.equal(await hasEnded, true, 'the stream was cut in the middle of a chunk');
});
