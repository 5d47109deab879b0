// A request that is refused leaves nothing behind: no memory, and nothing of it for the next one.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import { test } from 'node:test';
import { Client, exchangeJson } from './lib/client.mjs';
import { withGateway } from './lib/gateway.mjs';
import { within } from './lib/process.mjs';
import { connect, requestText } from './lib/raw-http.mjs';
import { scratchFile } from './lib/scratch.mjs';
import { metaKey, StatelessClient } from './lib/stateless-client.mjs';
import { startUpstream } from './lib/upstream.mjs';

const post = ['Content-Type: application/json', 'Accept: application/json, text/event-stream'];
const ping = '{"jsonrpc":"2.0","id":7,"method":"ping"}';

// What is free again is not to be held by a sanitizer's quarantine.
const env = { ASAN_OPTIONS: 'quarantine_size_mb=1' };

function residentBytes(gateway) {
  const pages = fs.readFileSync(`/proc/${gateway.process.pid}/statm`, 'utf8').split(' ')[1];
  return Number(pages) * 4096;
}

// Sends `count` requests one behind the other, 1 000 at a time, and sees that each gets an answer of `size` bytes.
async function sendMany(socket, text, count, size) {
  let missing = 0;
  const answered = () => new Promise((resolve) => socket.once('answered', resolve));
  const take = (bytes) => {
    missing -= bytes.length;
    if (missing === 0) socket.emit('answered');
  };
  socket.on('data', take);
  for (let sent = 0; sent < count; sent += 1000) {
    missing = 1000 * size;
    socket.write(text.repeat(1000));
    await within(30_000, answered(), `the answers to the requests after ${sent}`);
  }
  socket.off('data', take);
}

test('100 000 refused requests on one connection leave no memory behind', async () => {
  await withGateway(
    { log: { access: false } },
    async (gateway) => {
      const connection = await connect(gateway.port);
      const text = requestText({ method: 'GET', path: '/nowhere', port: gateway.port });
      connection.send(text);
      const { status, head, body } = await connection.response();
      assert.equal(status, 404);
      const size = head.length + 4 + body.length;
      await sendMany(connection.socket, text, 5000, size);
      const before = residentBytes(gateway);
      await sendMany(connection.socket, text, 100_000, size);
      const grown = residentBytes(gateway) - before;
      assert.ok(grown < 4 << 20, `${grown} bytes more than before`);
      connection.close();
    },
    { env }
  );
});

test('nothing of a refused request is left for the next one on its connection', async () => {
  await withGateway({}, async (gateway) => {
    const connection = await connect(gateway.port);
    const refused = ['Content-Type: text/plain', 'MCP-Protocol-Version: 2026-07-28'];
    connection.send(requestText({ port: gateway.port, headers: refused, body: ping }));
    assert.equal((await connection.response()).status, 415);
    connection.send(requestText({ port: gateway.port, headers: post, body: ping }));
    const { status, body } = await connection.response();
    assert.equal(status, 200, body);
    assert.deepEqual(JSON.parse(body), { jsonrpc: '2.0', id: 7, result: {} });
    connection.close();
  });
});

test('a request without a token is logged without the principal of the one before', async () => {
  const hash = crypto.createHash('sha256').update('token-of-ann').digest('hex');
  const tokens = scratchFile('tokens', `ann:sha256:${hash}\n`);
  await withGateway({ auth: { tokens_file: tokens }, log: { access: true, format: 'json' } }, async (gateway) => {
    const connection = await connect(gateway.port);
    const known = ['Authorization: Bearer token-of-ann', 'Content-Type: text/plain'];
    connection.send(requestText({ port: gateway.port, headers: known, body: ping }));
    assert.equal((await connection.response()).status, 415);
    connection.send(requestText({ port: gateway.port, headers: post, body: ping }));
    assert.equal((await connection.response()).status, 401);
    const [line] = await gateway.process.find(/^.*"status":401.*\n/m);
    assert.doesNotMatch(line, /"ann"/);
    await gateway.process.find(/"ann".*"status":415|"status":415.*"ann"/);
    connection.close();
  });
});

test('what a client sends comes back in an error by its beginning at most', async () => {
  const capabilities = { tools: {}, prompts: {}, resources: { subscribe: true }, completions: {}, logging: {} };
  const [one, two] = [await startUpstream({ capabilities }), await startUpstream({ capabilities })];
  const long = 'x'.repeat(1 << 20);
  const requests = {
    [long]: {},
    'tools/call': { name: long },
    'prompts/get': { name: long },
    'resources/read': { uri: `f:///${long}` },
    'resources/subscribe': { uri: `f:///${long}` },
    'completion/complete': { ref: { type: 'ref/prompt', name: long }, argument: { name: long, value: long } },
    'logging/setLevel': { level: long },
    'tools/list': { cursor: long },
  };
  await withGateway({ upstreams: { one: { url: one.url }, two: { url: two.url } } }, async (gateway) => {
    const modern = new StatelessClient(gateway.url());
    const client = await new Client(gateway.url()).open();
    const ask = async (headers, message) => {
      const { body } = await exchangeJson(gateway.url(), { headers, body: JSON.stringify(message) });
      assert.match(body, /"error":/);
      assert.ok(body.length < 10_000, `${message.method.slice(0, 30)}: ${body.length} bytes, ${body.slice(0, 200)}`);
    };
    for (const [method, params] of Object.entries(requests)) {
      await ask(client.headers, { jsonrpc: '2.0', id: 1, method, params });
      // Headers that mirror so much are refused for their size; without them the body is read.
      const { message } = modern.build(method, params);
      await ask({ 'mcp-protocol-version': modern.version }, message);
      message.params._meta[metaKey('protocolVersion')] = long;
      await ask({ 'mcp-protocol-version': modern.version }, message);
    }
    await client.close();
  });
  await one.stop();
  await two.stop();
});
