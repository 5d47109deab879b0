// A thousand calls with results of 16 MiB at once: memory stays within the budget of buffered bytes, and every
// call ends in a result or in an error that is documented.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { after, before, test } from 'node:test';
import { Client, bodyOf } from './lib/client.mjs';
import { startGateway } from './lib/gateway.mjs';
import { setting } from './lib/setting.mjs';
import { startUpstream } from './lib/upstream.mjs';

const size = 16 << 20;
const callCount = 1000;
const budget = 256 << 20;
const block = Buffer.alloc(1 << 20, 'x');
// Clients and server are one process, which has much to do.
const unhurried = Object.fromEntries(['list', 'connect', 'head', 'idle', 'write'].map((each) => [each, '200s']));

let upstream, gateway;

// Written block by block, as fast as it is taken, so that this process does not hold a thousand results.
async function large({ message, response }) {
  const head = `{"jsonrpc":"2.0","id":${JSON.stringify(message.id)},"result":{"content":[{"type":"text","text":"`;
  const tail = '"}]}}';
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': head.length + size + tail.length });
  function* parts() {
    yield head;
    for (let made = 0; made < size; made += block.length) yield block;
    yield tail;
  }
  // A gateway that has had enough ends the connection.
  await pipeline(Readable.from(parts()), response).catch(() => {});
}

before(async () => {
  upstream = await startUpstream({ tools: { large } });
  gateway = await startGateway({ upstreams: { one: { url: upstream.url } }, timeouts: { call: '20s', ...unhurried } });
});
after(async () => {
  await gateway?.kill();
  await upstream.stop();
});

const residentBytes = (own) =>
  Number(/VmRSS:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${own.process.pid}/status`, 'utf8'))[1]) * 1024;

// 'result', or the status or code of the error.
async function outcomeOf(response) {
  let bytes = 0;
  let start = '';
  for await (const part of response) {
    if (start.length < 2000) start += part.toString('latin1', 0, 2000);
    bytes += part.length;
  }
  if (response.statusCode !== 200) return `status ${response.statusCode}`;
  if (bytes > size) return 'result';
  return /"error":\{"code":(-\d+)/.exec(start)?.[1] ?? (/"isError":true/.test(start) ? 'isError' : start);
}

test('a thousand at once', { timeout: 280_000 }, async () => {
  const client = await new Client(gateway.url('one')).open();
  client.agent = new http.Agent({ keepAlive: true, maxSockets: Infinity });
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, residentBytes(gateway))), 20);
  const call = async (id) => {
    const params = { name: 'large', arguments: {} };
    return outcomeOf(await client.post({ jsonrpc: '2.0', id, method: 'tools/call', params }));
  };
  const outcomes = await Promise.all(Array.from({ length: callCount }, (_, i) => call(i + 1)));
  clearInterval(watch);
  const counts = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  assert.ok(counts.result > 0, JSON.stringify(counts));
  const documented = new Set(['result', 'status 503', 'status 429', '-32603', 'isError']);
  assert.deepEqual(Object.keys(counts).filter((outcome) => !documented.has(outcome)), []);
  // The program itself, its connections and the one message that each is reading come on top of the budget.
  assert.ok(peak < budget + (96 << 20), `${Math.round(peak / (1 << 20))} MiB resident; ${JSON.stringify(counts)}`);
  await client.close();
});

setting('streams.buffered_bytes_max', async () => {
  const settings = { streams: { buffered_bytes_max: '1MiB' }, timeouts: unhurried };
  const own = await startGateway({ ...settings, upstreams: { one: { url: upstream.url } } });
  const client = await new Client(own.url('one')).open();
  // A result that does not fit the budget is refused, and the gateway goes on.
  const params = { name: 'large', arguments: {} };
  const response = await client.post({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
  assert.equal(response.statusCode, 200); // It has run: no client may take it for one that has not.
  assert.match(await bodyOf(response), /no room for it \(streams\.buffered_bytes_max\)/);
  const ping = await client.post({ jsonrpc: '2.0', id: 2, method: 'ping' });
  assert.match(await bodyOf(ping), /"result":\{\}/);
  await client.close();
  await own.kill();
});
