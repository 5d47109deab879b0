// What servers and clients really send: schemas that are deep, members that are null, programs that are not there, and the
// gateway's own address among its servers.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { bodyOf, Client, exchangeJson } from './lib/client.mjs';
import { startGateway, withGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

const nested = (depth) => (depth === 0 ? { type: 'string' } : { type: 'object', properties: { a: nested(depth - 1) } });
const tree = (depth) => (depth === 0 ? [] : [tree(depth - 1)]);

let upstream, gateway, client;

before(async () => {
  upstream = await startUpstream({
    tools: { deep: (call) => ({ ...text('x'), structuredContent: { given: call.arguments } }) },
  });
  upstream.list = () => [
    { name: 'deep', description: null, annotations: null, inputSchema: nested(100) },
    { name: 'abyss', inputSchema: nested(300) },
  ];
  upstream.page = () => ({ tools: upstream.list(), nextCursor: null });
  gateway = await startGateway({
    upstreams: { one: { url: upstream.url }, gone: { command: '/nowhere/no-such-program' } },
    timeouts: { first_list_wait: '10s' },
  });
  client = await new Client(gateway.url()).open();
});
after(async () => {
  await client.close();
  await gateway.kill();
  await upstream.stop();
});

test('a deep schema is listed, a deeper one is left out alone, and null is taken out', async () => {
  const { tools } = (await client.request('tools/list')).result;
  assert.deepEqual(tools, [{ name: 'one-deep', inputSchema: nested(100) }]);
});

test('deep arguments and results pass; what is too deep is refused by its id', async () => {
  const { result } = await client.call('one-deep', { tree: tree(200) });
  assert.deepEqual(result.structuredContent.given, { tree: tree(200) });
  const { error, id } = await client.request('tools/call', { name: 'one-deep', arguments: { tree: tree(600) } });
  assert.equal(error.code, -32600);
  assert.match(error.message, /nested 604 levels deep; limits.depth_max is 512/);
  assert.ok(id !== null);
});

test('params and cursor that are null count as absent', async () => {
  for (const params of [null, { cursor: null }, { _meta: null }, { _meta: { progressToken: null } }]) {
    const response = await client.post({ jsonrpc: '2.0', id: 'null', method: 'tools/list', params });
    const answer = JSON.parse(await bodyOf(response));
    assert.equal(answer.result?.tools.length, 1, JSON.stringify(answer));
  }
});

test('an error says which server failed, and why', async () => {
  const alone = await new Client(gateway.url('gone')).open();
  const { result } = await alone.call('anything');
  assert.equal(result.isError, true);
  assert.match(result.content[0].text, /^gone: the program no-such-program was not found/);
  const { error } = await client.call('gone-anything');
  assert.match(error.message, /^Unknown tool: gone-anything \(not listed: gone: the program no-such-program was not/);
  await alone.close();
});

test('the gateway is not among its own servers, and says so', async () => {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  const upstreams = { one: { url: upstream.url }, self: { url: `http://localhost:${port}/mcp` } };
  await withGateway({ listen: `127.0.0.1:${port}`, upstreams }, async (own) => {
    const other = await new Client(own.url()).open();
    assert.deepEqual((await other.request('tools/list')).result.tools.map(({ name }) => name), ['one-deep']);
    await until(() => /self is this gateway itself/.test(own.output), 'the log');
    assert.equal((await exchangeJson(own.url('self'), { body: '{}' })).status, 404);
    await other.close();
  });
});
