// Settings of the place where clients connect.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { bodyOf, exchangeJson } from './lib/client.mjs';
import { startGateway, withGateway } from './lib/gateway.mjs';
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
const pingAt = (gateway, headers) => exchangeJson(gateway.url(), { headers, body: ping });

setting('listen', async () => {
  await withGateway({ listen: '127.0.0.2:0', upstreams }, async (gateway) => {
    assert.match(gateway.address, /^http:\/\/127\.0\.0\.2:\d+$/);
    assert.equal((await pingAt(gateway)).status, 200);
  });
  await withGateway({ listen: '[::1]:0', upstreams }, async (gateway) => {
    assert.match(gateway.address, /^http:\/\/\[::1\]:\d+$/);
    assert.equal((await pingAt(gateway)).status, 200);
  });
});

setting('listen', async () => {
  const socketPath = path.join(scratchFolder(), 'bascule.sock');
  const overSocket = () =>
    new Promise((resolve, reject) => {
      const headers = { host: 'localhost', accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
      const request = http.request({ socketPath, path: '/mcp', method: 'POST', headers, agent: false }, resolve);
      request.on('error', reject);
      request.end(ping);
    });
  // Twice: a socket file that a killed gateway left behind is no hindrance.
  for (let round = 0; round < 2; round++) {
    await withGateway({ listen: `unix:${socketPath}`, workers: 2, upstreams }, async () => {
      for (let i = 0; i < 6; i++) {
        const response = await overSocket();
        assert.equal(response.statusCode, 200);
        assert.match(await bodyOf(response), /"result":\{\}/);
      }
      assert.equal(fs.statSync(socketPath).mode & 0o077, 0, 'others may connect');
    });
  }
});

setting('workers', async () => {
  const threads = (workers) =>
    withGateway({ workers, upstreams }, async (gateway) => {
      assert.equal((await pingAt(gateway)).status, 200);
      await gateway.process.find(/one is ready/); // All threads that are started by need have been.
      return fs.readdirSync(`/proc/${gateway.process.pid}/task`).length;
    });
  assert.equal((await threads(4)) - (await threads(1)), 3);
  assert.ok((await threads('auto')) >= (await threads(1)));
});

setting('allowed_hosts', async () => {
  const asked = { host: 'mcp.example.com' };
  await withGateway({ upstreams }, async (gateway) => {
    assert.equal((await pingAt(gateway, asked)).status, 403);
  });
  await withGateway({ allowed_hosts: ['mcp.example.com'], upstreams }, async (gateway) => {
    assert.equal((await pingAt(gateway, asked)).status, 200);
    assert.equal((await pingAt(gateway, { host: 'mcp.example.com.evil.example' })).status, 403);
  });
});

const page = { origin: 'https://app.example.com' };

setting('allowed_origins', async () => {
  await withGateway({ upstreams }, async (gateway) => {
    assert.equal((await pingAt(gateway, page)).status, 403);
  });
  await withGateway({ allowed_origins: [page.origin], upstreams }, async (gateway) => {
    assert.equal((await pingAt(gateway, page)).status, 200);
    assert.equal((await pingAt(gateway, { origin: 'http://app.example.com' })).status, 403);
  });
});

setting('cors', async () => {
  for (const cors of [true, false]) {
    await withGateway({ cors, allowed_origins: [page.origin], upstreams }, async (gateway) => {
      const { headers } = await pingAt(gateway, page);
      assert.equal(headers['access-control-allow-origin'], cors ? page.origin : undefined);
    });
  }
});

test('--listen is stronger than the file', async () => {
  const gateway = await startGateway({ listen: '127.0.0.1:1', upstreams }, { args: ['--listen', '127.0.0.1:0'] });
  assert.equal((await pingAt(gateway)).status, 200);
  await gateway.kill();
});
