// A small budget of buffered bytes: what has reached its client does not count.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, bodyOf, exchangeJson } from './lib/client.mjs';
import { withGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { readSlowly, slowClient } from './lib/slow-reader.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

const size = 100_000;

test('twenty clients that read all of a tool that answers 100 KB after 80 ms are answered each time', async () => {
  const large = async () => {
    await sleep(80);
    return text('x'.repeat(size));
  };
  const upstream = await startUpstream({ tools: { large } });
  const settings = {
    streams: { buffered_bytes_max: '4MiB' },
    timeouts: { call: '30s' },
    upstreams: { one: { url: upstream.url } },
  };
  await withGateway({ workers: 1, ...settings }, async (gateway) => {
    const clients = await Promise.all(Array.from({ length: 20 }, () => new Client(gateway.url('one')).open()));
    const rounds = 20; // 40 MB in all.
    const run = async (client) => {
      for (let id = 1; id <= rounds; id += 1) {
        const params = { name: 'large', arguments: {} };
        const response = await client.post({ jsonrpc: '2.0', id, method: 'tools/call', params });
        const body = await bodyOf(response);
        assert.equal(response.statusCode, 200, body.slice(0, 300));
        assert.ok(body.includes('x'.repeat(size)), body.slice(0, 300));
      }
    };
    await Promise.all(clients.map(run));
    assert.equal(upstream.calls.length, 20 * rounds);
    await Promise.all(clients.map((client) => client.close()));
  });
  await upstream.stop();
});

test('the slowest of those that read slowly are cut off when another one needs the room', async () => {
  const large = ({ arguments: { size: wanted } }) => text('x'.repeat(wanted));
  const upstream = await startUpstream({ tools: { large } });
  const settings = {
    workers: 1,
    streams: { buffered_bytes_max: '4MiB' },
    timeouts: { write: '3s' }, // At their pace they need twelve seconds.
    upstreams: { one: { url: upstream.url } },
  };
  await withGateway(settings, async (gateway) => {
    const size = 1_200_000;
    const request = { method: 'tools/call', params: { name: 'large', arguments: { size } }, answer: size };
    const how = { rate: 100_000, segment: 1460, buffer: 8192 };
    const clients = [1, 2, 3].map((each) => slowClient(`slow ${each}`, 'without a session', 'one', [request], how));
    const slow = readSlowly(gateway, clients);
    // A body for which there is no room until one of them has gone.
    const body = ' '.repeat(500_000) + '{"jsonrpc":"2.0","id":1,"method":"ping"}';
    const isAnswered = () => exchangeJson(gateway.url(), { body }).then(({ status }) => status === 200, () => false);
    await until(async () => !(await isAnswered()), 'the answers, which take the room');
    await until(isAnswered, 'room');
    const cut = (await slow).filter(({ wrong }) => wrong);
    assert.equal(cut.length, 1, JSON.stringify(cut));
    await gateway.process.find(/a slow client, .* is cut off to make room/);
    assert.equal(gateway.output.match(/a slow client, .* is cut off to make room/g).length, 1);
  });
  await upstream.stop();
});

test('the answers to a batch count until they are written', async () => {
  const upstream = await startUpstream({ tools: { large: () => text('x'.repeat(1_000_000)) } });
  const settings = {
    streams: { buffered_bytes_max: '4MiB' },
    timeouts: { call: '3s' },
    upstreams: { one: { url: upstream.url } },
  };
  await withGateway({ workers: 1, ...settings }, async (gateway) => {
    const call = (id) => ({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'large', arguments: {} } });
    const batch = JSON.stringify(Array.from({ length: 12 }, (_, id) => call(id)));
    const { status, message } = await exchangeJson(gateway.url('one'), {
      headers: { accept: 'application/json', 'mcp-protocol-version': '2025-03-26' },
      body: batch,
    });
    assert.equal(status, 200);
    assert.equal(message.length, 12);
    const whole = message.filter(({ result }) => result?.content[0].text.length === 1_000_000).length;
    assert.ok(whole > 0 && whole <= 4, `${whole} of them whole`);
  });
  await upstream.stop();
});
