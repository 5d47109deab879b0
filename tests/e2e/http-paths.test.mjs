// Which server a path names, and that a path which names none never falls through to another.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startGateway } from './lib/gateway.mjs';
import { exchange, requestText } from './lib/raw-http.mjs';
import { startUpstream } from './lib/upstream.mjs';

let upstream, gateway;

before(async () => {
  upstream = await startUpstream();
  gateway = await startGateway({
    upstreams: { one: { url: upstream.url } },
    servers: { chosen: { upstreams: ['one'], names: 'plain' } },
  });
});
after(async () => {
  await gateway?.kill();
  await upstream.stop();
});

const initialize = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
});
const headers = ['Content-Type: application/json', 'Accept: application/json, text/event-stream'];

const post = (path) => exchange(gateway.port, requestText({ path, port: gateway.port, headers, body: initialize }));

for (const path of ['/mcp', '/servers/one/mcp', '/servers/chosen/mcp']) {
  test(`${path} is served`, async () => {
    const { status, body } = await post(path);
    assert.equal(status, 200, body);
    assert.ok(JSON.parse(body).result.serverInfo);
  });
}

// Dot segments, escaped slashes, empty segments and parameters are what another reader could take for /mcp or
// for another server.
const refusedPaths = [
  '/',
  '/MCP',
  '/mcp/x',
  '/mcp;x=1',
  '//mcp',
  '/./mcp',
  '/x/../mcp',
  '/%2e/mcp',
  '/x/%2e%2e/mcp',
  '/%6dcp/',
  '/mcp%2f',
  '/mcp%00',
  '/servers/mcp',
  '/servers//mcp',
  '/servers/unknown/mcp',
  '/servers/one',
  '/servers/one/',
  '/servers/one/mcp/x',
  '/servers/one/other',
  '/servers/./mcp',
  '/servers/../mcp',
  '/servers/%2e/mcp',
  '/servers/%2e%2e/mcp',
  '/servers/one/../mcp',
  '/servers/one%2fmcp',
  '/servers/one%2f..%2fmcp/mcp',
  '/servers/one;x/mcp',
  '/servers/%6fne%00/mcp',
  '/servers/one\\mcp',
];
for (const path of refusedPaths) {
  test(`${path} reaches no server`, async () => {
    const response = await post(path);
    assert.ok([400, 404].includes(response.status), `${response.status} ${response.body}`);
    assert.ok(!response.body.includes('serverInfo'), response.body);
    assert.equal(response.headers['mcp-session-id'], undefined);
  });
}

test('an unknown server looks alike for every method', async () => {
  for (const method of ['GET', 'POST', 'DELETE']) {
    const text = requestText({ method, path: '/servers/unknown/mcp', port: gateway.port, headers });
    assert.equal((await exchange(gateway.port, text)).status, 404, method);
  }
});

test('an absolute-form target must name the host of the Host header', async () => {
  const to = (host) =>
    exchange(
      gateway.port,
      requestText({ path: `http://${host}/mcp`, port: gateway.port, headers, body: initialize }),
    );
  assert.equal((await to(`127.0.0.1:${gateway.port}`)).status, 200);
  assert.ok([400, 403, 421].includes((await to('example.com')).status));
});

test('other methods are told which are allowed', async () => {
  for (const method of ['PUT', 'PATCH', 'TRACE', 'BREW']) {
    const response = await exchange(gateway.port, requestText({ method, port: gateway.port }));
    assert.equal(response.status, 405, method);
    assert.match(response.headers.allow, /POST/);
  }
});

test('health and readiness are told', async () => {
  const get = (path) => exchange(gateway.port, requestText({ method: 'GET', path, port: gateway.port }));
  assert.equal((await get('/health')).status, 200);
  assert.equal((await get('/ready')).status, 200);
});
