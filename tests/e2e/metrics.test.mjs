// What is counted is seen: /metrics/prometheus, read by a real Prometheus and its promtool.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Client, exchangeJson, freshConnections } from './lib/client.mjs';
import { refused, startGateway, withGateway } from './lib/gateway.mjs';
import { run, start, until, within } from './lib/process.mjs';
import { scratchFile, scratchFolder, toYaml } from './lib/scratch.mjs';
import { setting } from './lib/setting.mjs';
import { StatelessClient } from './lib/stateless-client.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

const token = 'token-of-prometheus';
const hash = crypto.createHash('sha256').update(token).digest('hex');
const headers = { authorization: `Bearer ${token}` };
const tools = {
  echo: (call) => text(call.arguments.text),
  slow: async (call) => {
    await new Promise((resolve) => setTimeout(resolve, 2500));
    return text('at last');
  },
};

let upstream, gateway, tokens_file;

before(async () => {
  upstream = await startUpstream({ tools });
  tokens_file = scratchFile('tokens', `prometheus:sha256:${hash}\n`);
  gateway = await startGateway({ workers: 2, auth: { tokens_file }, upstreams: { one: { url: upstream.url } } });
});
after(async () => {
  await gateway?.kill();
  await upstream.stop();
});

const page = (address = gateway.address) => `${address}/metrics/prometheus`;

// The samples of a scrape by name and labels, as they stand there. Each on a connection of its own: one that is idle may be
// closed for others.
async function scrape(address, given = headers) {
  const { status, body } = await exchangeJson(page(address), { method: 'GET', headers: given, agent: freshConnections() });
  assert.equal(status, 200, body);
  const lines = body.split('\n').filter((line) => line && !line.startsWith('#'));
  const samples = Object.fromEntries(lines.map((line) => line.split(/ (?=[^ ]+$)/)).map(([name, value]) => [name, Number(value)]));
  assert.equal(Object.keys(samples).length, lines.length, 'each sample stands once');
  return samples;
}

const grown = (before, now, name) => (now[name] ?? 0) - (before[name] ?? 0);

test('metrics need a token, and say nothing without one', async () => {
  const { status, body } = await exchangeJson(page(), { method: 'GET' });
  assert.equal(status, 401);
  assert.ok(!body.includes('bascule_'), body);
  const answer = await exchangeJson(page(), { method: 'GET', headers });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  assert.equal((await exchangeJson(page(), { method: 'POST', headers, body: '{}' })).status, 405);
});

test('promtool finds nothing to say about them', async () => {
  const client = await new Client(gateway.url(), { headers }).open();
  await client.call('one-echo', { text: 'x' });
  const { body } = await exchangeJson(page(), { method: 'GET', headers });
  const file = scratchFile('metrics.txt', body);
  const { code, output } = await run('sh', ['-c', 'promtool check metrics <"$0"', file]);
  assert.deepEqual({ code, output }, { code: 0, output: '' });
  await client.close();
});

test('requests are counted by method, status, era, outcome and server, on all workers together', async () => {
  const before = await scrape();
  const clients = await Promise.all(Array.from({ length: 4 }, () => new Client(gateway.url(), { headers }).open()));
  for (const client of clients) await client.call('one-echo', { text: 'x' });
  await clients[0].call('one-no-such-tool');
  const stateless = new StatelessClient(gateway.url(), { headers });
  await stateless.call('one-echo', { text: 'y' });
  await clients[0].request('invented/by-a-client', {});
  const now = await scrape();
  const by = (name) => grown(before, now, name);
  assert.equal(by('bascule_mcp_requests_total{method="initialize",era="sessions",outcome="result"}'), 4);
  assert.equal(by('bascule_mcp_requests_total{method="tools/call",era="sessions",outcome="result"}'), 4);
  assert.equal(by('bascule_mcp_requests_total{method="tools/call",era="sessions",outcome="failed"}'), 1);
  assert.equal(by('bascule_mcp_requests_total{method="tools/call",era="stateless",outcome="result"}'), 1);
  assert.equal(by('bascule_mcp_requests_total{method="other",era="sessions",outcome="failed"}'), 1);
  assert.equal(by('bascule_upstream_requests_total{upstream="one",outcome="result"}'), 5);
  assert.equal(by('bascule_upstream_request_duration_seconds_count{upstream="one"}'), 5);
  assert.equal(by('bascule_gateway_duration_seconds_count'), 5);
  assert.equal(by('bascule_errors_total{reason="unknown_method"}'), 1);
  assert.equal(now.bascule_sessions, (before.bascule_sessions ?? 0) + 4);
  // Each initialize, its notification, the calls, and the scrape before this one.
  assert.equal(by('bascule_http_requests_total{method="POST",status="202"}'), 4);
  assert.equal(by('bascule_http_requests_total{method="GET",status="200"}'), 1);
  assert.ok(!Object.keys(now).some((name) => name.includes('invented')));
  assert.deepEqual([now['bascule_upstream_up{upstream="one"}'], now.bascule_workers, now.bascule_workers_missing], [1, 2, 0]);
  assert.equal(now['bascule_upstream_entries{upstream="one",kind="tools"}'], 2);
  for (const client of clients) await client.close();
  stateless.close();
});

test('the time at the server is told apart from the gateway’s own', async () => {
  const client = await new Client(gateway.url('one'), { headers }).open();
  await client.call('echo', { text: 'x' }); // Opens what is needed.
  const before = await scrape();
  await client.call('slow');
  const now = await scrape();
  const by = (name) => grown(before, now, name);
  assert.ok(by('bascule_upstream_request_duration_seconds_sum{upstream="one"}') >= 2.49);
  assert.equal(by('bascule_upstream_request_duration_seconds_bucket{upstream="one",le="0.262144"}'), 0);
  assert.equal(by('bascule_gateway_duration_seconds_count'), 1);
  assert.ok(by('bascule_gateway_duration_seconds_sum') < 1.25, 'the wait is not ours');
  await client.close();
});

test('what is refused is counted by its reason', async () => {
  const before = await scrape();
  const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
  await exchangeJson(gateway.url(), { body: ping });
  await exchangeJson(`${gateway.address}/no/such/path`, { method: 'GET', headers });
  await exchangeJson(gateway.url(), { body: '{', headers });
  const now = await scrape();
  for (const reason of ['unauthenticated', 'unknown_path', 'malformed']) {
    assert.equal(grown(before, now, `bascule_errors_total{reason="${reason}"}`), 1, reason);
  }
  assert.equal(grown(before, now, 'bascule_http_requests_total{method="POST",status="401"}'), 1);
});

test('what the system says of the process is there', async () => {
  const now = await scrape();
  assert.ok(now.process_cpu_seconds_total > 0 && now.process_resident_memory_bytes > 1e6);
  assert.ok(now.process_open_fds > 3 && now.process_max_fds >= now.process_open_fds);
  assert.ok(Math.abs(now.process_start_time_seconds - Date.now() / 1000) < 600);
});

test('a server that a reload takes away is no longer there, and one that it brings is', async () => {
  const settings = { listen: '127.0.0.1:0', workers: 1, upstreams: { old: { url: upstream.url } } };
  await withGateway(settings, async (gateway) => {
    const has = async (name) => `bascule_upstream_up{upstream="${name}"}` in (await scrape(gateway.address, {}));
    await until(() => has('old'), 'the first server');
    gateway.configure({ ...settings, upstreams: { new: { url: upstream.url } } });
    gateway.reload();
    await until(() => has('new'), 'the new server');
    await until(async () => !(await has('old')), 'the end of the old one');
  });
});

// Where the listener for metrics is, by the log.
const addressOf = async (gateway) => (await gateway.process.find(/"event":"metrics","address":"([^"]+)"/))[1];

setting('metrics.listen', async () => {
  const settings = {
    auth: { tokens_file },
    limits: { connections_max: 1 },
    metrics: { listen: '127.0.0.1:0' },
    upstreams: { one: { url: upstream.url } },
  };
  await withGateway(settings, async (gateway) => {
    const own = await addressOf(gateway);
    assert.notEqual(own, gateway.address);
    assert.equal((await exchangeJson(page(gateway.address), { method: 'GET' })).status, 401, 'where clients connect');
    // A client has the only connection that there may be.
    const client = net.connect(gateway.port, '127.0.0.1');
    await until(async () => (await scrape(own, {})).bascule_connections === 1, 'the connection of a client');
    for (const path of ['/mcp', '/health', '/', '/metrics']) {
      assert.equal((await exchangeJson(own + path, { method: 'GET' })).status, 404, path);
    }
    assert.equal((await exchangeJson(page(own), { method: 'GET', headers: { host: 'rebound.example' } })).status, 403);
    client.destroy();
    gateway.configure({ ...settings, listen: '127.0.0.1:0', workers: 1, metrics: { listen: '127.0.0.1:1' } });
    gateway.reload();
    await gateway.process.find(/"needs_restart":"metrics.listen"/);
    await scrape(own, {});
    assert.equal((await gateway.stop()).code, 0);
  });
});

test('a listener for metrics that others can reach needs tokens, and asks for them', async () => {
  const metrics = { listen: '0.0.0.0:0' };
  const { code, output } = await refused({ metrics });
  assert.equal(code, 2, output);
  assert.match(output, /metrics\.listen: 0\.0\.0\.0:0 can be reached from other machines/);
  await withGateway({ metrics, auth: { tokens_file }, upstreams: {} }, async (gateway) => {
    const own = (await addressOf(gateway)).replace('0.0.0.0', '127.0.0.1');
    assert.equal((await exchangeJson(page(own), { method: 'GET' })).status, 401);
    await scrape(own);
  });
});

test('clients and metrics cannot have the same address', async () => {
  const { code, output } = await refused({ listen: '127.0.0.1:7', metrics: { listen: '127.0.0.1:7' } });
  assert.equal(code, 2, output);
  assert.match(output, /metrics\.listen: 127\.0\.0\.1:7 is where clients connect/);
});

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// A Prometheus that scrapes `target`, ended when `body` has.
async function withPrometheus(target, body) {
  const port = await freePort();
  const job = {
    job_name: 'bascule',
    scrape_interval: '5s', // A scrape may take as long.
    metrics_path: '/metrics/prometheus',
    authorization: { type: 'Bearer', credentials: token },
    static_configs: [{ targets: [target] }],
  };
  const config = scratchFile('prometheus.yml', toYaml({ scrape_configs: [job] }).trimStart());
  const data = fs.mkdtempSync(path.join(scratchFolder(), 'prometheus-'));
  const prometheus = start(
    'prometheus',
    [`--config.file=${config}`, `--storage.tsdb.path=${data}`, `--web.listen-address=127.0.0.1:${port}`],
    { name: 'prometheus' },
  );
  try {
    await prometheus.find(/Server is ready to receive web requests/, 60_000);
    const ask = async (place) => JSON.parse((await exchangeJson(`http://127.0.0.1:${port}/api/v1/${place}`, { method: 'GET' })).body).data;
    await body(ask);
  } finally {
    await prometheus.stop('SIGTERM', 60_000);
  }
}

test('a Prometheus scrapes them and finds what was counted', { timeout: 180_000 }, async () => {
  const client = await new Client(gateway.url(), { headers }).open();
  await client.call('one-echo', { text: 'x' });
  await withPrometheus(`127.0.0.1:${gateway.port}`, async (ask) => {
    const value = async (query) => (await ask(`query?query=${encodeURIComponent(query)}`)).result[0]?.value[1];
    await until(async () => (await value('up')) === '1', 'a scrape', 60_000);
    const { activeTargets } = await ask('targets');
    assert.deepEqual([activeTargets[0].health, activeTargets[0].lastError], ['up', '']);
    assert.ok(Number(await value('bascule_mcp_requests_total{method="tools/call",outcome="result"}')) >= 1);
    assert.equal(await value('bascule_upstream_up{upstream="one"}'), '1');
    const quantile = 'histogram_quantile(0.5, bascule_upstream_request_duration_seconds_bucket{upstream="one"})';
    assert.ok(Number(await value(quantile)) > 0);
    const { bascule_sessions: help } = await ask('metadata?metric=bascule_sessions');
    assert.deepEqual([help[0].type, help[0].help], ['gauge', 'Sessions of clients.']);
  });
  await client.close();
});

test('who is silent at the listener for metrics keeps nobody from them, and takes a bounded number of descriptors', async () => {
  await withGateway({ metrics: { listen: '127.0.0.1:0' }, upstreams: {} }, async (gateway) => {
    const own = await addressOf(gateway);
    const before = (await scrape(own, {})).process_open_fds;
    const silent = [];
    for (let i = 0; i < 200; ++i) {
      const socket = net.connect(new URL(own).port, '127.0.0.1').on('error', () => {});
      await new Promise((resolve) => socket.once('connect', resolve));
      silent.push(socket);
    }
    const anew = { connection: 'close' };
    for (let i = 0; i < 3; ++i) {
      const now = await within(20_000, scrape(own, anew), 'an answer');
      assert.ok(now.process_open_fds - before < 150, `${now.process_open_fds}, before ${before}`);
    }
    for (const socket of silent) socket.destroy();
  });
});
