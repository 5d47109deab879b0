// The table of failures in docs/protocol.md, row by row, against the real program: of each row with a status of 4xx or
// 5xx one is provoked, as a client with sessions and as a stateless one.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { root, startGateway } from './lib/gateway.mjs';
import { within } from './lib/process.mjs';
import { connect, exchange, requestText } from './lib/raw-http.mjs';
import { scratchFile } from './lib/scratch.mjs';
import { metaKey, stateless } from './lib/stateless-client.mjs';
import { startUpstream } from './lib/upstream.mjs';

const rows = fs
  .readFileSync(path.join(root, 'docs/protocol.md'), 'utf8')
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter((cells) => cells.length === 8 && /^[45]\d\d$/.test(cells[2]))
  .map(([, kind, status, code, other, header, when]) => ({ kind, status, code, other, header, when }));

let upstream, gateway, guarded, narrow, begun;

before(async () => {
  const wait = () => {
    begun();
    return new Promise(() => {});
  };
  upstream = await startUpstream({ tools: { wait } });
  gateway = await startGateway({
    sessions: { mode: 'required' },
    limits: { head_bytes_max: '8KiB', body_bytes_max: '64KiB', calls_per_session_max: 1 },
    timeouts: { body: '1s' },
    upstreams: { one: { url: upstream.url } },
  });
  const hash = crypto.createHash('sha256').update('a token').digest('hex');
  guarded = await startGateway({ auth: { tokens_file: scratchFile('tokens', `ann:sha256:${hash}\n`) } });
  narrow = await startGateway({ limits: { in_flight_max: 1 } });
});
after(async () => {
  await narrow?.kill();
  await guarded?.kill();
  await gateway?.kill();
  await upstream?.stop();
});

const usual = ['Content-Type: application/json', 'Accept: application/json, text/event-stream'];
const ping = { jsonrpc: '2.0', id: 7, method: 'ping' };

// A POST of `message` with `headers`, as a client of the era; `change` may break the text.
function post(era, message = ping, { headers = usual, change = (text) => text, to = gateway } = {}) {
  const version = era === 'stateless' ? [`MCP-Protocol-Version: ${stateless}`] : [];
  const body = typeof message === 'string' ? message : JSON.stringify(message);
  return exchange(to.port, change(requestText({ port: to.port, headers: [...headers, ...version], body })));
}

function ask(era, method, ...headers) {
  const version = era === 'stateless' ? [`MCP-Protocol-Version: ${stateless}`] : [];
  return exchange(gateway.port, requestText({ method, port: gateway.port, headers: [...headers, ...version] }));
}

const firstLine = (line) => ({ change: (text) => text.replace('POST /mcp HTTP/1.1', line) });
const withMeta = (version) => {
  const _meta = { [metaKey('protocolVersion')]: version, [metaKey('clientCapabilities')]: {} };
  return { ...ping, params: { _meta } };
};

// A second request while the gateway is busy with one whose body never comes.
async function whileBusy(era) {
  const first = await connect(narrow.port);
  first.send(requestText({ port: narrow.port, headers: [...usual, 'Content-Length: 9', 'Expect: 100-continue'] }));
  assert.equal((await first.response()).status, 100);
  try {
    return await post(era, ping, { to: narrow });
  } finally {
    first.close();
  }
}

// The second call of a session that may have one.
async function secondCall() {
  const client = await new Client(gateway.url()).open();
  const call = (id) => ({ ...ping, id, method: 'tools/call', params: { name: 'one-wait', arguments: {} } });
  const isRunning = new Promise((resolve) => (begun = resolve));
  const id = `Mcp-Session-Id: ${client.headers['mcp-session-id']}`;
  const first = await connect(gateway.port);
  first.send(requestText({ port: gateway.port, headers: [...usual, id], body: JSON.stringify(call(8)) }));
  await within(15_000, isRunning, 'the first call');
  try {
    return await post('sessions', call(7), { headers: [...usual, id] });
  } finally {
    first.close();
  }
}

// How each kind is provoked. `isRead`: the message was read before, so it is answered by its id where it has one, and
// has no `detail`. `only`: the era in which it is met, or known.
const kinds = {
  malformed: { provoke: (era) => post(era, ping, firstLine('POST http://elsewhere.example/mcp HTTP/1.1')) },
  invalid_request: { provoke: (era) => post(era, { ...ping, jsonrpc: '1.0' }), isRead: true },
  missing_meta: { provoke: (era) => post(era), isRead: true, only: 'stateless' },
  unauthenticated: { provoke: (era) => post(era, ping, { to: guarded }) },
  foreign_origin: { provoke: (era) => post(era, ping, { headers: [...usual, 'Origin: http://evil.example'] }) },
  session_required: { provoke: () => ask('sessions', 'DELETE'), only: 'sessions' },
  unknown_session: { provoke: () => ask('sessions', 'DELETE', 'Mcp-Session-Id: nobody'), only: 'sessions' },
  unknown_path: { provoke: (era) => post(era, ping, firstLine('POST /servers/nobody/mcp HTTP/1.1')) },
  method_not_allowed: { provoke: (era) => ask(era, 'PATCH') },
  not_acceptable: { provoke: (era) => post(era, ping, { headers: [usual[0], 'Accept: text/html'] }) },
  unsupported_media_type: { provoke: (era) => post(era, ping, { headers: ['Content-Type: text/plain', usual[1]] }) },
  payload_too_large: { provoke: (era) => post(era, `"${'x'.repeat(70_000)}"`) },
  unsupported_version: {
    provoke: (era) =>
      era === 'stateless'
        ? post('', withMeta('2099-01-01'), { headers: [...usual, 'MCP-Protocol-Version: 2099-01-01'] })
        : ask(era, 'DELETE', 'MCP-Protocol-Version: 2099-01-01'),
    isRead: 'stateless',
  },
  header_mismatch: { provoke: (era) => post(era, withMeta('2025-06-18')), isRead: true, only: 'stateless' },
  too_many: { provoke: secondCall, isRead: true, only: 'sessions' },
  unavailable: { provoke: whileBusy },
  late_body: { provoke: (era) => post(era, ping, { headers: [...usual, 'Content-Length: 60000'] }) },
  target_too_long: { provoke: (era) => post(era, ping, firstLine(`POST /${'a'.repeat(9000)} HTTP/1.1`)), only: 'sessions' },
  head_too_large: { provoke: (era) => post(era, ping, { headers: [`X: ${'a'.repeat(9000)}`] }), only: 'sessions' },
  unsupported_http: { provoke: (era) => post(era, ping, firstLine('POST /mcp HTTP/2.0')), only: 'sessions' },
};

test('the table is found, and each of its rows can be provoked', () => {
  const possible = rows.filter(({ when }) => when !== 'nothing yet').map(({ kind }) => kind);
  assert.deepEqual(possible.sort(), Object.keys(kinds).sort());
});

// What the fourth column says of a stateless client: "", "CODE" or "STATUS, CODE".
function expected(row, era) {
  const own = era === 'stateless' ? row.other.split(', ').filter(Boolean).map(Number) : [];
  return { status: own.find((it) => it > 0) ?? Number(row.status), code: own.find((it) => it < 0) ?? Number(row.code) };
}

for (const row of rows) {
  const { provoke, isRead = false, only } = kinds[row.kind] ?? {};
  for (const era of provoke ? ['sessions', 'stateless'] : []) {
    if (only && only !== era) continue;
    test(`${row.kind} is told as the table says, in the era of ${era}`, async () => {
      const answer = await provoke(era);
      const { status, code } = expected(row, era);
      assert.equal(answer.status, status, answer.body);
      assert.equal(answer.headers['content-type'], 'application/json');
      for (const name of ['www-authenticate', 'allow', 'retry-after']) {
        assert.equal(name in answer.headers, row.header.toLowerCase().includes(name), `${name} in\n${answer.head}`);
      }
      const { jsonrpc, id, error, ...more } = JSON.parse(answer.body);
      assert.deepEqual([jsonrpc, error.code, more], ['2.0', code, {}]);
      assert.ok(typeof error.message === 'string' && error.message.length > 0);
      if (isRead === true || isRead === era) return assert.ok(id === 7 || id === null || id === undefined, `${id}`);
      assert.equal(id, era === 'stateless' ? undefined : null);
      assert.deepEqual(error.data, { detail: error.message });
    });
  }
}

test('where no MCP is spoken a refusal is a detail and nothing else', async () => {
  const answer = await exchange(gateway.port, requestText({ method: 'PUT', path: '/health', port: gateway.port }));
  assert.equal(answer.status, 405);
  assert.equal(answer.headers.allow, 'GET, HEAD, OPTIONS');
  assert.deepEqual(JSON.parse(answer.body), { detail: 'Method not allowed' });
});
