// Who a client is, and where clients are, behind proxies.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import tls from 'node:tls';
import { after, before, test } from 'node:test';
import { makeCertificate } from './lib/certificates.mjs';
import { bodyOf, Client, exchangeJson, freshConnections, send } from './lib/client.mjs';
import { refused, startGateway, withGateway } from './lib/gateway.mjs';
import { withNginx, withNginxStream } from './lib/nginx.mjs';
import { until } from './lib/process.mjs';
import { connect, RawConnection, requestText } from './lib/raw-http.mjs';
import { scratchFolder } from './lib/scratch.mjs';
import { setting } from './lib/setting.mjs';
import { startUpstream } from './lib/upstream.mjs';

let upstream, upstreams;

before(async () => {
  upstream = await startUpstream();
  upstreams = { one: { url: upstream.url } };
});
after(() => upstream.stop());

const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });

// The peers that the lines of the access log name for the requests of a path.
const peersOf = (gateway, at) =>
  gateway.output
    .split('\n')
    .slice(0, -1) // What has no end yet is no line.
    .filter((line) => line.includes('"event":"request"'))
    .map((line) => JSON.parse(line))
    .filter((line) => line.path === at)
    .map((line) => line.peer);

// Sends a request of its own path, and says whom the log takes for its client.
let asked = 0;
async function clientOf(gateway, headers = {}, url = gateway.address) {
  const at = `/nowhere-${++asked}`;
  const { status } = await exchangeJson(`${url}${at}`, { method: 'GET', headers, agent: freshConnections() });
  await until(() => peersOf(gateway, at).length > 0, 'a line of the log');
  return status === 404 ? peersOf(gateway, at)[0] : status;
}

const forFor = (list) => ({ 'x-forwarded-for': list });

setting('trusted_proxies', async () => {
  await withGateway({ trusted_proxies: ['127.0.0.0/8', '10.0.0.0/8'], upstreams }, async (gateway) => {
    assert.equal(await clientOf(gateway), '127.0.0.1');
    assert.equal(await clientOf(gateway, forFor('198.51.100.1, 203.0.113.7, 10.0.0.2')), '203.0.113.7');
    assert.equal(await clientOf(gateway, { forwarded: 'for="[2001:db8::1]:80";proto=https' }), '2001:db8::1');
    assert.equal(await clientOf(gateway, { ...forFor('203.0.113.7'), forwarded: 'for=198.51.100.1' }), 400);
  });
  // Nobody is believed by default, and only those that are named.
  for (const settings of [{}, { trusted_proxies: ['10.0.0.0/8'] }]) {
    await withGateway({ ...settings, upstreams }, async (gateway) => {
      assert.equal(await clientOf(gateway, forFor('203.0.113.7')), '127.0.0.1');
      assert.equal(await clientOf(gateway, { ...forFor('203.0.113.7'), forwarded: 'for=198.51.100.1' }), '127.0.0.1');
    });
  }
});

test('each request on one connection of a proxy has its own client', async () => {
  await withGateway({ trusted_proxies: ['127.0.0.1'], upstreams }, async (gateway) => {
    const connection = await connect(gateway.port);
    const ask = async (at, lines) => {
      connection.send(requestText({ method: 'GET', path: at, port: gateway.port, headers: lines }));
      assert.equal((await connection.response()).status, 404);
    };
    await ask('/a', ['X-Forwarded-For: 203.0.113.7']);
    await ask('/b', []);
    await ask('/c', ['Forwarded: for=203.0.113.8']);
    connection.send('GET /d HTTP/9.9\r\n\r\n');
    assert.equal((await connection.response()).status, 505);
    await gateway.process.find(/"status":505.*\n/);
    const peers = ['/a', '/b', '/c'].map((at) => peersOf(gateway, at)[0]);
    assert.deepEqual(peers, ['203.0.113.7', '127.0.0.1', '203.0.113.8']);
    assert.match(gateway.output, /"peer":"127\.0\.0\.1"[^\n]*"status":505/, 'what has no head is the proxy\'s');
    connection.close();
  });
});

test('limits without tokens count the clients behind a proxy, not the proxy', async () => {
  const settings = { trusted_proxies: ['127.0.0.1'], sessions: { max_per_principal: 1 }, upstreams };
  await withGateway(settings, async (gateway) => {
    const open = (address) => new Client(gateway.url(), { headers: forFor(address) }).open();
    const first = await open('203.0.113.7');
    await assert.rejects(open('203.0.113.7'), /429|too many/i);
    await assert.rejects(open('203.0.113.7, 127.0.0.1'), /429|too many/i, 'a way round');
    const second = await open('203.0.113.8');
    for (const client of [first, second]) await client.close();
  });
});

test('a reload decides anew who is trusted, on connections that are open as well', async () => {
  const settings = { listen: '127.0.0.1:0', workers: 1, trusted_proxies: ['127.0.0.1'], upstreams };
  const gateway = await startGateway(settings);
  try {
    const connection = await connect(gateway.port);
    const ask = async (at) => {
      const headers = ['X-Forwarded-For: 203.0.113.7'];
      connection.send(requestText({ method: 'GET', path: at, port: gateway.port, headers }));
      await connection.response();
      await until(() => peersOf(gateway, at).length > 0, 'a line of the log');
      return peersOf(gateway, at)[0];
    };
    assert.equal(await ask('/a'), '203.0.113.7');
    gateway.configure({ ...settings, trusted_proxies: [] });
    gateway.reload();
    await gateway.process.find(/"event":"reloaded"[^\n]*"changed":"trusted_proxies"/);
    assert.equal(await ask('/b'), '127.0.0.1');
    connection.close();
  } finally {
    await gateway.kill();
  }
});

const appends = 'proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;';

test('behind nginx the client is who connected to it, whatever that client says', async () => {
  await withGateway({ trusted_proxies: ['127.0.0.1'], upstreams }, (gateway) =>
    withNginx(`127.0.0.1:${gateway.port}`, `${appends} proxy_bind 127.0.0.1;`, async (port) => {
      const url = `http://127.0.0.1:${port}`;
      // The client of the test is on loopback itself: a trusted address, behind which its own words count.
      assert.equal(await clientOf(gateway, {}, url), '127.0.0.1');
      assert.equal(await clientOf(gateway, { forwarded: 'for=198.51.100.1' }, url), 400);
      const response = await send(`${url}/mcp`, { body: ping, agent: freshConnections() });
      assert.equal(response.statusCode, 200);
      assert.match(await bodyOf(response), /"result":\{\}/);
    }),
  );
});

// The test's client connects from an address that is not trusted: 127.0.0.9.
const foreign = { localAddress: '127.0.0.9' };

async function foreignClientOf(gateway, port, headers = []) {
  const at = `/nowhere-${++asked}`;
  const connection = await connect(port, '127.0.0.1', foreign);
  connection.send(requestText({ method: 'GET', path: at, port, headers }));
  assert.equal((await connection.response()).status, 404);
  connection.close();
  await until(() => peersOf(gateway, at).length > 0, 'a line of the log');
  return peersOf(gateway, at)[0];
}

test('behind two nginx the client is who connected to the first', async () => {
  await withGateway({ trusted_proxies: ['127.0.0.1', '127.0.0.2'], upstreams }, (gateway) =>
    withNginx(`127.0.0.1:${gateway.port}`, `${appends} proxy_bind 127.0.0.1;`, (inner) =>
      withNginx(`127.0.0.1:${inner}`, `${appends} proxy_bind 127.0.0.2;`, async (outer) => {
        for (const lie of [[], ['X-Forwarded-For: 198.51.100.1'], ['X-Forwarded-For: 127.0.0.2, "']]) {
          assert.equal(await foreignClientOf(gateway, outer, lie), '127.0.0.9', lie[0]);
          assert.equal(await foreignClientOf(gateway, inner, lie), '127.0.0.9', lie[0]);
          assert.equal(await foreignClientOf(gateway, gateway.port, lie), '127.0.0.9', lie[0]);
        }
      }),
    ),
  );
});

test('nginx may reach the gateway by a Unix socket', async () => {
  const socket = path.join(scratchFolder(), 'behind.sock');
  await withGateway({ listen: `unix:${socket}`, workers: 2, trusted_proxies: ['unix'], upstreams }, (gateway) =>
    withNginx(`unix:${socket}`, `${appends} proxy_set_header Host localhost;`, async (port) => {
      assert.equal(await foreignClientOf(gateway, port, ['X-Forwarded-For: 198.51.100.1']), '127.0.0.9');
    }),
  );
});

setting('public_url', async () => {
  const asked = { host: 'mcp.example.com', origin: 'https://mcp.example.com' };
  const statusOf = async (gateway, headers, url = gateway.url()) =>
    (await exchangeJson(url, { headers, body: ping, agent: freshConnections() })).status;
  await withGateway({ upstreams }, async (gateway) => {
    assert.equal(await statusOf(gateway, { host: asked.host }), 403);
    assert.equal(await statusOf(gateway, { origin: asked.origin }), 403);
  });
  await withGateway({ public_url: 'https://mcp.example.com/gate', upstreams }, async (gateway) => {
    assert.equal(await statusOf(gateway, asked), 200);
    assert.equal(await statusOf(gateway, { host: asked.host }), 200);
    assert.equal(await statusOf(gateway, { origin: asked.origin }), 200, 'a proxy may write another Host');
    assert.equal(await statusOf(gateway, { origin: 'http://mcp.example.com' }), 403);
    assert.equal(await statusOf(gateway, { host: 'evil.example' }), 403);
    // nginx takes the path off, and writes its own word for the gateway into Host.
    await withNginx(`127.0.0.1:${gateway.port}`, 'rewrite ^/gate(/.*)$ $1 break;', async (port) => {
      assert.equal(await statusOf(gateway, { origin: asked.origin }, `http://127.0.0.1:${port}/gate/mcp`), 200);
    });
  });
  for (const wrong of ['mcp.example.com', 'https://mcp.example.com/?a', 'https://user@mcp.example.com']) {
    const { code, output } = await refused({ public_url: wrong, upstreams });
    assert.equal(code, 2);
    assert.match(output, /public_url: expected https:/);
  }
});

test('without public_url a page is the gateway\'s own by a named host that a trusted proxy tells', async () => {
  const settings = { trusted_proxies: ['127.0.0.1'], allowed_hosts: ['mcp.example.com'], upstreams };
  await withGateway(settings, (gateway) => {
    const tells = 'proxy_set_header X-Forwarded-Host $http_host; proxy_set_header X-Forwarded-Proto https;';
    return withNginx(`127.0.0.1:${gateway.port}`, tells, async (port) => {
      const statusOf = async (host, origin) => {
        const headers = { host, origin };
        return (await exchangeJson(`http://127.0.0.1:${port}/mcp`, { headers, body: ping, agent: freshConnections() })).status;
      };
      assert.equal(await statusOf('mcp.example.com', 'https://mcp.example.com'), 200);
      assert.equal(await statusOf('mcp.example.com', 'http://mcp.example.com'), 403);
      assert.equal(await statusOf('evil.example', 'https://evil.example'), 403);
    });
  });
});

// Headers of the PROXY protocol for 203.0.113.7, and those that name nobody.
const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const line = Buffer.from('PROXY TCP4 203.0.113.7 10.0.0.1 4711 443\r\n');
const ipv4 = Buffer.from([203, 0, 113, 7, 10, 0, 0, 1, 0x12, 0x67, 1, 0xbb]);
const more = Buffer.from([5, 0, 2, 7, 7]);
const binary = Buffer.concat([signature, Buffer.from([0x21, 0x11, 0, 17]), ipv4, more]);
const local = Buffer.concat([signature, Buffer.from([0x20, 0, 0, 0])]);

// Sends a request behind a header, and says whom the log takes for its client; undefined when the connection is closed.
async function behindHeader(gateway, header, { headers = [], from = '127.0.0.1', inPieces = false } = {}) {
  const at = `/nowhere-${++asked}`;
  const connection = await connect(gateway.port, '127.0.0.1', { localAddress: from });
  const request = requestText({ method: 'GET', path: at, port: gateway.port, headers });
  const all = Buffer.concat([header, Buffer.from(request)]);
  if (inPieces) {
    for (const byte of all) {
      connection.send(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
  } else {
    connection.send(all);
  }
  const response = await connection.response();
  connection.close();
  if (!response) return undefined;
  assert.equal(response.status, 404);
  await until(() => peersOf(gateway, at).length > 0, 'a line of the log');
  return peersOf(gateway, at)[0];
}

const proxied = { proxy_protocol: true, trusted_proxies: ['127.0.0.1', '10.0.0.0/8'] };

setting('proxy_protocol', async () => {
  await withGateway({ ...proxied, upstreams }, async (gateway) => {
    for (const header of [line, binary]) {
      assert.equal(await behindHeader(gateway, header), '203.0.113.7');
      assert.equal(await behindHeader(gateway, header, { inPieces: true }), '203.0.113.7');
    }
    assert.equal(await behindHeader(gateway, local), '127.0.0.1');
    assert.equal(await behindHeader(gateway, Buffer.from('PROXY UNKNOWN\r\n')), '127.0.0.1');
    // Whom it names is believed only if trusted as well.
    const headers = ['X-Forwarded-For: 198.51.100.1'];
    assert.equal(await behindHeader(gateway, line, { headers }), '203.0.113.7');
    const ofProxy = Buffer.from('PROXY TCP4 10.0.0.2 10.0.0.1 4711 443\r\n');
    assert.equal(await behindHeader(gateway, ofProxy, { headers }), '198.51.100.1');
    assert.doesNotMatch(gateway.output, /"event":"failure"/);
    // A trusted proxy must send one, and a good one.
    assert.equal(await behindHeader(gateway, Buffer.alloc(0)), undefined);
    await gateway.process.find(/the connection of 127\.0\.0\.1 was closed: malformed PROXY header: there is none/);
    assert.equal(await behindHeader(gateway, Buffer.from('PROXY TCP4 nobody\r\n')), undefined);
    // Nobody else may.
    assert.equal(await behindHeader(gateway, Buffer.alloc(0), { from: '127.0.0.9' }), '127.0.0.9');
    for (const header of [line, binary]) {
      assert.equal(await behindHeader(gateway, header, { from: '127.0.0.9' }), undefined);
    }
    await gateway.process.find(/the connection of 127\.0\.0\.9 was closed: [^"]*no PROXY header/);
  });
  await withGateway({ trusted_proxies: ['127.0.0.1'], upstreams }, async (gateway) => {
    assert.equal(await behindHeader(gateway, line), undefined);
  });
  const { code, output } = await refused({ proxy_protocol: true, upstreams });
  assert.equal(code, 2);
  assert.match(output, /proxy_protocol needs trusted_proxies/);
});

test('a proxy that says only a part of its header is closed in time', async () => {
  await withGateway({ ...proxied, timeouts: { head: '2s' }, upstreams }, async (gateway) => {
    const connection = await connect(gateway.port);
    connection.send(line.subarray(0, 20));
    await connection.closed();
    await gateway.process.find(/was closed: no PROXY header came in time \(timeouts\.head\)/);
    assert.equal(await behindHeader(gateway, line), '203.0.113.7');
  });
});

test('the header comes before TLS', async () => {
  const { certificate, key } = await makeCertificate('127.0.0.1');
  await withGateway({ ...proxied, tls: { certificate, key }, upstreams }, async (gateway) => {
    for (const header of [line, binary]) {
      const raw = await connect(gateway.port);
      raw.send(header);
      raw.socket.removeAllListeners('data');
      const socket = tls.connect({ socket: raw.socket, ca: fs.readFileSync(certificate), host: '127.0.0.1' });
      const connection = new RawConnection(socket);
      const at = `/nowhere-${++asked}`;
      connection.send(requestText({ method: 'GET', path: at, port: gateway.port }));
      assert.equal((await connection.response()).status, 404);
      await until(() => peersOf(gateway, at).length > 0, 'a line of the log');
      assert.equal(peersOf(gateway, at)[0], '203.0.113.7');
      connection.close();
    }
  });
});

test('a connection that moves to the worker of its session keeps whose it is', async () => {
  await withGateway({ ...proxied, workers: 2, upstreams }, async (gateway) => {
    const body = (method, params) => JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const post = async (text, headers = []) => {
      const connection = await connect(gateway.port);
      const all = ['Content-Type: application/json', 'Accept: application/json, text/event-stream', ...headers];
      connection.send(Buffer.concat([line, Buffer.from(requestText({ port: gateway.port, headers: all, body: text }))]));
      const response = await connection.response();
      connection.close();
      return response;
    };
    const clientInfo = { name: 'e2e', version: '1' };
    const opened = await post(body('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo }));
    const session = [`Mcp-Session-Id: ${opened.headers['mcp-session-id']}`];
    for (let i = 0; i < 8; i++) assert.equal((await post(body('ping'), session)).status, 200);
    await until(() => peersOf(gateway, '/mcp').length === 9, 'the lines of the log');
    assert.deepEqual(new Set(peersOf(gateway, '/mcp')), new Set(['203.0.113.7']));
  });
});

test('nginx passes bytes on, and says whose they are', async () => {
  await withGateway({ ...proxied, upstreams }, (gateway) =>
    withNginxStream(gateway.port, 'proxy_protocol on;', async (port) => {
      assert.equal(await foreignClientOf(gateway, port), '127.0.0.9');
      assert.equal(await foreignClientOf(gateway, port, ['X-Forwarded-For: 198.51.100.1']), '127.0.0.9');
    }),
  );
});
