// Bytes that two readers could read in two ways are refused, and the connection ends: nothing after them is read
// as a request of its own.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { startGateway } from './lib/gateway.mjs';
import { connect, exchange, requestText } from './lib/raw-http.mjs';
import { startUpstream } from './lib/upstream.mjs';

let upstream, gateway, hasty, eager;

before(async () => {
  upstream = await startUpstream();
  gateway = await startGateway({
    upstreams: { one: { url: upstream.url } },
    limits: { head_bytes_max: '8KiB', headers_max: 40, body_bytes_max: '64KiB' },
    sessions: { mode: 'optional' },
  });
  hasty = await startGateway({ timeouts: { head: '500ms', body: '500ms' } });
  // It answers every call by a stream, if the client can have one.
  eager = await startGateway({ upstreams: { one: { url: upstream.url } }, streams: { sse_after: '0ms' } });
});
after(async () => {
  await eager?.kill();
  await hasty?.kill();
  await gateway?.kill();
  await upstream.stop();
});

const ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
const usual = ['Content-Type: application/json', 'Accept: application/json, text/event-stream'];
const withHeaders = (...more) => requestText({ port: gateway.port, headers: [...usual, ...more], body: ping });

test('the plain request that the others are made from is served', async () => {
  assert.equal((await exchange(gateway.port, withHeaders())).status, 200);
});

test('HTTP/1.0 is answered without chunks, and gets no stream', async () => {
  const call = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'one-echo', arguments: { text: 'x' } } });
  const old = (text) => text.replace('HTTP/1.1', 'HTTP/1.0');
  const events = ['Content-Type: application/json', 'Accept: application/json, text/event-stream'];
  const answer = await exchange(eager.port, old(requestText({ port: eager.port, headers: events, body: call })));
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['transfer-encoding'], undefined);
  assert.match(answer.body, /"result"/);
  const session = (await new Client(eager.url()).open()).session;
  const get = requestText({ method: 'GET', port: eager.port, headers: [...events, `Mcp-Session-Id: ${session}`] });
  assert.equal((await exchange(eager.port, old(get))).status, 405);
});

const ambiguous = {
  'two lengths': () => withHeaders(`Content-Length: ${ping.length}`, `Content-Length: ${ping.length}`),
  'two different lengths': () => withHeaders(`Content-Length: ${ping.length}`, 'Content-Length: 0'),
  'a list of lengths': () => withHeaders(`Content-Length: ${ping.length}, ${ping.length}`),
  'a length with a sign': () => withHeaders(`Content-Length: +${ping.length}`),
  'a hexadecimal length': () => withHeaders('Content-Length: 0x28'),
  'a length and chunked': () => withHeaders(`Content-Length: ${ping.length}`, 'Transfer-Encoding: chunked'),
  'an unknown coding': () => withHeaders('Transfer-Encoding: xchunked'),
  'chunked twice': () => withHeaders('Transfer-Encoding: chunked, chunked'),
  'chunked behind a tab': () => withHeaders('Transfer-Encoding:\tchunked, identity'),
  'a space before the colon': () => withHeaders(`Content-Length : ${ping.length}`),
  'a folded header': () => withHeaders('X-Folded: a\r\n b'),
  'a bare line feed': () => withHeaders().replace('\r\nAccept', '\nAccept'),
  'a bare carriage return': () => withHeaders('X-Bare: a\rb'),
  'a NUL in a header': () => withHeaders('X-Nul: a\0b'),
  'a header without a name': () => withHeaders(': value'),
  'two hosts': () => withHeaders(`Host: 127.0.0.1:${gateway.port}`, 'Host: example.com'),
  'no host': () => withHeaders().replace(/Host: .*\r\n/, ''),
  'two session ids': () => withHeaders('Mcp-Session-Id: a', 'Mcp-Session-Id: b'),
  'two content types': () => withHeaders('Content-Type: text/plain'),
  'two revisions': () => withHeaders('MCP-Protocol-Version: 2025-11-25', 'MCP-Protocol-Version: 2025-06-18'),
  'two authorizations': () => withHeaders('Authorization: Bearer a', 'Authorization: Bearer b'),
  'an unknown version of HTTP': () => withHeaders().replace('HTTP/1.1', 'HTTP/3.0'),
  'a lower-case version': () => withHeaders().replace('HTTP/1.1', 'http/1.1'),
  'a space in the target': () => withHeaders().replace('/mcp', '/mcp /mcp'),
};
for (const [what, bytes] of Object.entries(ambiguous)) {
  test(`${what}: refused, and nothing that follows is served`, async () => {
    const connection = await connect(gateway.port);
    connection.send(bytes() + withHeaders());
    const response = await connection.response();
    // A close without a word is a refusal as well.
    if (response) {
      const isRefused = response.status >= 400 && (response.status < 500 || response.status === 505);
      assert.ok(isRefused, `${response.status} ${response.body}`);
    }
    assert.equal(await connection.response(), undefined, 'the second request was served');
    await connection.closed();
  });
}

const malformedChunks = {
  'a size that is no number': 'zz\r\n',
  'a size with a sign': '+5\r\nhello\r\n0\r\n\r\n',
  'a chunk longer than its size': '5\r\nhello!\r\n0\r\n\r\n',
  'a bare line feed after the size': '5\nhello\r\n0\r\n\r\n',
  'a size beyond 64 bits': 'fffffffffffffffff\r\n',
};
for (const [what, body] of Object.entries(malformedChunks)) {
  test(`chunked with ${what} is refused`, async () => {
    const headers = [...usual, 'Transfer-Encoding: chunked'];
    const connection = await connect(gateway.port);
    connection.send(requestText({ port: gateway.port, headers }) + body + withHeaders());
    const response = await connection.response();
    if (response) assert.equal(response.status, 400);
    await connection.closed();
  });
}

test('chunked with several chunks and a trailer is served', async () => {
  const half = 20;
  const chunk = (text) => `${text.length.toString(16)}\r\n${text}\r\n`;
  const body = `${chunk(ping.slice(0, half))}${chunk(ping.slice(half))}0\r\nX-Trailer: x\r\n\r\n`;
  const head = requestText({ port: gateway.port, headers: [...usual, 'Transfer-Encoding: chunked'] });
  assert.equal((await exchange(gateway.port, head + body)).status, 200);
});

test('pipelined requests are answered in order', async () => {
  const connection = await connect(gateway.port);
  connection.send(withHeaders() + withHeaders().replace('"id":1', '"id":2'));
  assert.equal(JSON.parse((await connection.response()).body).id, 1);
  assert.equal(JSON.parse((await connection.response()).body).id, 2);
  connection.close();
});

test('what is over a limit gets its status and the end of the connection', async () => {
  const tooLarge = requestText({ port: gateway.port, headers: [...usual, 'Content-Length: 70000'] });
  assert.equal((await exchange(gateway.port, tooLarge)).status, 413);
  const longHead = withHeaders(`X-Long: ${'a'.repeat(9000)}`);
  assert.equal((await exchange(gateway.port, longHead)).status, 431);
  const many = Array.from({ length: 60 }, (_, i) => `X-${i}: a`);
  assert.equal((await exchange(gateway.port, withHeaders(...many))).status, 431);
});

for (const [what, bytes] of Object.entries({
  head: () => 'POST /mcp HTTP/1.1\r\nHost: ',
  body: () => withHeaders().slice(0, -5),
})) {
  test(`a ${what} that never ends is given up`, async () => {
    const connection = await connect(hasty.port);
    connection.send(bytes());
    const response = await connection.response(8000); // The defaults are 10 s and more.
    if (response) assert.ok([400, 408].includes(response.status), String(response.status));
    await connection.closed();
  });
}

test('Expect: 100-continue is answered before the body', async () => {
  const connection = await connect(gateway.port);
  const text = withHeaders('Expect: 100-continue');
  const cut = text.length - ping.length;
  connection.send(text.slice(0, cut));
  assert.equal((await connection.response()).status, 100);
  connection.send(text.slice(cut));
  assert.equal((await connection.response()).status, 200);
  connection.close();
});

test('foreign sites and hosts are refused', async () => {
  const from = async (header) => (await exchange(gateway.port, withHeaders(header))).status;
  assert.equal(await from('Origin: https://evil.example'), 403);
  assert.equal(await from('Host: evil.example'), 403);
  assert.equal(await from('Origin: null'), 403);
  assert.equal(await from(`Origin: http://localhost:${gateway.port}`), 200);
});
