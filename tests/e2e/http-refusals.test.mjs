// A refusal is read by the client that it is for: also while that is still sending, also before its body was read,
// and with the status that says what was wrong.
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import tls from 'node:tls';
import { after, before, test } from 'node:test';
import { makeCertificate } from './lib/certificates.mjs';
import { startGateway } from './lib/gateway.mjs';
import { until, within } from './lib/process.mjs';
import { connect, exchange, requestText } from './lib/raw-http.mjs';

let gateway, overTls;

before(async () => {
  gateway = await startGateway({
    limits: { head_bytes_max: '8KiB', headers_max: 40, body_bytes_max: '64KiB' },
    timeouts: { head: '3s', body: '2s' },
  });
  overTls = await startGateway({ tls: await makeCertificate('127.0.0.1') });
});
after(async () => {
  await overTls?.kill();
  await gateway?.kill();
});

const ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
const usual = ['Content-Type: application/json', 'Accept: application/json, text/event-stream'];
const request = (...more) => requestText({ port: gateway.port, headers: [...usual, ...more], body: ping });
const firstLine = (line) => request().replace('POST /mcp HTTP/1.1', line);
const megabytes = 4;

// Sends `head` and then all of a large body without reading, as a blocking client does; the status that it reads then.
async function statusAfterSending(head, port = gateway.port) {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let failure;
  socket.on('error', (error) => (failure ??= error));
  socket.pause();
  const sent = new Promise((resolve) => {
    socket.write(head);
    const part = Buffer.alloc(1 << 20, 'x');
    for (let i = 1; i < megabytes; ++i) socket.write(part);
    socket.write(part, resolve);
  });
  await within(10_000, sent, 'sending');
  let text = '';
  socket.on('data', (bytes) => (text += bytes));
  const ended = new Promise((resolve) => socket.once('end', resolve).once('close', resolve));
  socket.resume();
  await within(10_000, ended, 'the end');
  socket.destroy();
  assert.equal(failure, undefined);
  return Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
}

const large = `Content-Length: ${megabytes << 20}`;
const heads = {
  413: () => requestText({ port: gateway.port, headers: [...usual, large] }),
  403: () => requestText({ port: gateway.port, headers: [...usual, large, 'Origin: http://evil.example'] }),
  404: () => requestText({ port: gateway.port, path: '/nowhere', headers: [...usual, large] }),
  415: () => requestText({ port: gateway.port, headers: ['Content-Type: text/plain', 'Content-Length: 60000'] }),
  431: () => request('X-Long: ' + 'a'.repeat(9000)),
};
for (const [status, head] of Object.entries(heads)) {
  test(`a client that sends ${megabytes} MB before it reads reads ${status}`, async () => {
    assert.equal(await statusAfterSending(head()), Number(status));
  });
}

test('a chunked body over the limit is told so while it is still being sent', async () => {
  const head = requestText({ port: gateway.port, headers: [...usual, 'Transfer-Encoding: chunked'] });
  const size = (megabytes << 20).toString(16);
  assert.equal(await statusAfterSending(`${head}${size}\r\n`), 413);
});

test('20 of 20 clients of Node.js see the status of a request that is refused early', async () => {
  const body = Buffer.alloc(megabytes << 20, 'x');
  const status = () =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', origin: 'http://evil.example' };
      const sending = http.request(gateway.url(), { method: 'POST', headers, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sending.on('error', reject);
      sending.end(body);
    });
  const statuses = await Promise.all(Array.from({ length: 20 }, status));
  assert.deepEqual(statuses, Array(20).fill(403));
});

test('who asks before sending is refused, and nothing more is waited for', async () => {
  const connection = await connect(gateway.port);
  connection.socket.allowHalfOpen = true;
  connection.send(requestText({ port: gateway.port, headers: [...usual, large, 'Expect: 100-continue'] }));
  const ended = new Promise((resolve) => connection.socket.once('end', resolve));
  assert.equal((await connection.response()).status, 413);
  await within(10_000, ended, 'the end');
  // The first is answered by a reset, which only the next one tells.
  const isClosed = () => connection.isClosed || void connection.send('x');
  await until(isClosed, 'the end of the connection', 15_000); // Not after the 30 s for which who sends is listened to.
});

test('a client that goes silent after its refusal is left', async () => {
  const socket = net.connect({ port: gateway.port, host: '127.0.0.1', allowHalfOpen: true });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => {}).resume();
  socket.write(heads[413]());
  await new Promise((resolve) => socket.once('end', resolve));
  const began = Date.now();
  // Writing is the only way to learn that the other side reads no more.
  const timer = setInterval(() => socket.write('x'), 6000);
  await within(28_000, closed, 'the end'); // The same.
  clearInterval(timer);
  assert.ok(Date.now() - began >= 6000);
});

for (const [what, status, bytes] of [
  ['a target that is too long', 414, () => firstLine(`POST /${'a'.repeat(9000)} HTTP/1.1`)],
  ['a head that is too large', 431, () => request('X-Long: ' + 'a'.repeat(9000))],
  ['too many headers', 431, () => request(...Array.from({ length: 60 }, (_, i) => `X-${i}: a`))],
  ['HTTP/2.0', 505, () => firstLine('POST /mcp HTTP/2.0')],
  ['HTTP/1.2', 200, () => firstLine('POST /mcp HTTP/1.2')],
  ['an empty line before it', 200, () => `\r\n${request()}`],
]) {
  test(`a request with ${what} is answered by ${status}`, async () => {
    assert.equal((await exchange(gateway.port, bytes())).status, status);
  });
}

test('a body that comes too late is answered by 408', async () => {
  const connection = await connect(gateway.port);
  connection.send(request().slice(0, -5));
  const { status, body } = await connection.response();
  assert.equal(status, 408);
  assert.match(body, /timeouts\.body/);
  assert.equal(await connection.response(), undefined);
});

test('an empty line behind a body begins no request', async () => {
  const connection = await connect(gateway.port);
  for (let i = 0; i < 3; ++i) {
    connection.send(`${request()}\r\n`);
    assert.equal((await connection.response()).status, 200);
  }
  await new Promise((resolve) => setTimeout(resolve, 3500)); // Longer than timeouts.head: it is idle, not late.
  connection.send(request());
  assert.equal((await connection.response()).status, 200);
  connection.close();
});

test('every response has a date', async () => {
  const about = (response) => {
    const apart = Math.abs(Date.parse(response.headers.date) - Date.now());
    assert.ok(apart < 30_000, `${response.status} ${response.headers.date}`);
  };
  const get = (path) => requestText({ method: 'GET', path, port: gateway.port });
  const params = '{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"a","version":"1"}}';
  const body = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":${params}}`;
  const opened = await exchange(gateway.port, requestText({ port: gateway.port, headers: usual, body }));
  const session = `Mcp-Session-Id: ${opened.headers['mcp-session-id']}`;
  about(opened);
  about(await exchange(gateway.port, request()));
  about(await exchange(gateway.port, get('/health')));
  about(await exchange(gateway.port, get('/nowhere')));
  about(await exchange(gateway.port, 'nonsense\r\n\r\n'));
  const options = { method: 'OPTIONS', port: gateway.port, headers: ['Origin: http://localhost:1'] };
  about(await exchange(gateway.port, requestText(options)));
  const connection = await connect(gateway.port); // A stream of events does not end, so its head is enough.
  connection.send(requestText({ method: 'GET', port: gateway.port, headers: [...usual, session] }));
  await within(5000, new Promise((resolve) => connection.socket.once('data', resolve)), 'a stream');
  assert.match(connection.received.toString(), /^HTTP\/1\.1 200 OK\r\nDate: /);
  connection.close();
});

test('the answer to HEAD has no body, whatever its status', async () => {
  const connection = await connect(gateway.port);
  const send = (method, path, ...headers) =>
    connection.send(requestText({ method, path, port: gateway.port, headers }));
  const cases = [
    ['/nope', 404],
    ['/mcp', 405],
    ['/health', 200],
    ['/mcp', 403, 'Origin: http://evil.example'],
    ['/mcp', 405, large], // The connection ends with it.
  ];
  for (const [path, status, ...headers] of cases) {
    send('HEAD', path, ...headers);
    const answer = await headOf(connection);
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `));
    assert.match(answer, /Content-Length: [1-9]/);
    if (headers.includes(large)) break;
    send('GET', '/health');
    assert.equal((await connection.response()).body, '{"status":"healthy"}', `after ${status}`);
  }
  await connection.closed();
  assert.equal(connection.received.length, 0);
  const withoutHost = await connect(gateway.port);
  withoutHost.send('HEAD /health HTTP/1.1\r\n\r\n');
  assert.match(await headOf(withoutHost), /^HTTP\/1\.1 400 /);
  await withoutHost.closed();
  assert.equal(withoutHost.received.length, 0);
});

// The next head, without looking for a body behind it.
async function headOf(connection) {
  const find = () => connection.received.indexOf('\r\n\r\n');
  while (find() < 0) await within(5000, new Promise((resolve) => connection.socket.once('data', resolve)), 'a head');
  const head = connection.received.subarray(0, find() + 4).toString();
  connection.received = connection.received.subarray(head.length);
  return head;
}

test('plain HTTP on a port that speaks TLS is answered by 400, with any method', async () => {
  for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
    const text = requestText({ method, port: overTls.port });
    assert.match((await exchange(overTls.port, text))?.body ?? '', /plain HTTP/, method);
  }
  assert.equal((await exchange(overTls.port, requestText({ port: overTls.port }))).status, 400);
});

test('a refusal over TLS is read while the client is still sending', async () => {
  const socket = tls.connect({ port: overTls.port, host: '127.0.0.1', rejectUnauthorized: false });
  let text = '';
  socket.on('error', () => {});
  socket.on('data', (bytes) => (text += bytes));
  const ended = new Promise((resolve) => socket.once('close', resolve));
  socket.write(requestText({ port: overTls.port, headers: [...usual, 'Origin: http://evil.example', large] }));
  socket.write(Buffer.alloc(megabytes << 20, 'x'));
  await within(10_000, ended, 'the end');
  assert.match(text, /^HTTP\/1\.1 403 /);
});
