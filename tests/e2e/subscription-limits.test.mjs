// What a client subscribes to is bounded in number and size, and is gone when the client is.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { startGateway } from './lib/gateway.mjs';
import { StatelessClient } from './lib/stateless-client.mjs';
import { startUpstream } from './lib/upstream.mjs';

let upstream, gateway;

before(async () => {
  upstream = await startUpstream({ capabilities: { tools: {}, resources: { subscribe: true } } });
  gateway = await startGateway(
    { upstreams: { one: { url: upstream.url } } },
    { env: { ASAN_OPTIONS: 'quarantine_size_mb=1' } }
  );
});
after(async () => {
  await gateway?.kill();
  await upstream.stop();
});

const uris = (count, size) => Array.from({ length: count }, (_, i) => `f:///${i}/${'x'.repeat(size)}`);

const residentBytes = () => Number(fs.readFileSync(`/proc/${gateway.process.pid}/statm`, 'utf8').split(' ')[1]) * 4096;

test('15 requests of 15 MB that invent resources are refused, and leave nothing behind', async () => {
  const client = await new Client(gateway.url('one')).open();
  const listener = new StatelessClient(gateway.url('one'));
  // The first of each kind fills what is kept for the next, such as blocks of buffers.
  await listener.request('subscriptions/listen', { notifications: { resourceSubscriptions: uris(1000, 15_000) } });
  const before = residentBytes();
  for (let i = 0; i < 15; ++i) {
    const many = await listener.request('subscriptions/listen', {
      notifications: { resourceSubscriptions: uris(1000, 15_000) },
    });
    assert.equal(many.error?.code, -32602, JSON.stringify(many).slice(0, 200));
    const padded = await listener.request('subscriptions/listen', { notifications: {}, x: 'x'.repeat(15_000_000) });
    assert.equal(padded.error?.code, -32602);
    const named = await client.request('resources/subscribe', { uri: uris(1, 15_000_000)[0] });
    assert.equal(named.error?.code, -32602);
  }
  listener.close();
  const grown = residentBytes() - before;
  assert.ok(grown < 40 << 20, `${grown} bytes more than before`);
});

test('a resource of more than 8 KiB to listen to is refused by name', async () => {
  const listener = new StatelessClient(gateway.url('one'));
  const { error } = await listener.request('subscriptions/listen', {
    notifications: { resourceSubscriptions: uris(1, 8192) },
  });
  assert.equal(error.code, -32602);
  assert.match(error.message, /resourceSubscriptions.*8192/);
  listener.close();
});

test('more than 1 000 resources in one request are refused by name', async () => {
  const listener = new StatelessClient(gateway.url('one'));
  const resourceSubscriptions = Array.from({ length: 1001 }, (_, i) => `f:///${i}`);
  const { error } = await listener.request('subscriptions/listen', { notifications: { resourceSubscriptions } });
  assert.equal(error.code, -32602);
  assert.match(error.message, /resourceSubscriptions.*1000/);
  listener.close();
});
