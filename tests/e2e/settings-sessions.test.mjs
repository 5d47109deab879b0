// Settings of sessions.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { Client, exchangeJson } from './lib/client.mjs';
import { withGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { setting } from './lib/setting.mjs';
import { startUpstream } from './lib/upstream.mjs';

let upstream, upstreams;

before(async () => {
  upstream = await startUpstream();
  upstreams = { one: { url: upstream.url } };
});
after(() => upstream.stop());

const pingMessage = { jsonrpc: '2.0', id: 1, method: 'ping' };
const ping = JSON.stringify(pingMessage);
const open = (gateway) => new Client(gateway.url('one')).open();

const statusOf = async (client) => {
  const response = await client.post(pingMessage);
  response.resume();
  return response.statusCode;
};

setting('sessions.mode', async () => {
  const call = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'echo', arguments: { text: 'no session' } },
  });
  const inMode = (mode, body) => withGateway({ sessions: { mode }, streams: { json_response: true }, upstreams }, body);
  await inMode('required', async (gateway) => {
    assert.equal((await exchangeJson(gateway.url('one'), { body: call })).status, 400);
    assert.ok((await open(gateway)).session);
  });
  await inMode('optional', async (gateway) => {
    const { message } = await exchangeJson(gateway.url('one'), { body: call });
    assert.equal(message.result.content[0].text, 'no session');
    assert.ok((await open(gateway)).session);
  });
  await inMode('off', async (gateway) => {
    const { message } = await exchangeJson(gateway.url('one'), { body: call });
    assert.equal(message.result.content[0].text, 'no session');
    const client = await open(gateway);
    assert.equal(client.session, undefined);
    const stream = await client.listen();
    stream.destroy();
    assert.equal(stream.statusCode, 405);
  });
});

setting('sessions.idle_timeout', async () => {
  await withGateway({ sessions: { idle_timeout: '2s' }, upstreams }, async (gateway) => {
    const idle = await open(gateway);
    const listening = await open(gateway);
    await listening.hear();
    // Looking at the idle one keeps it alive; its session upstream tells nothing either. So: wait, before each look.
    const isGone = async () => {
      await new Promise((resolve) => setTimeout(resolve, 3500));
      return (await statusOf(idle)) === 404;
    };
    await until(isGone, 'the end of the idle session', 30_000);
    assert.equal(await statusOf(listening), 200, 'a session with a stream is not idle');
    await listening.close();
  });
});

setting('sessions.initialize_timeout', async () => {
  await withGateway({ sessions: { initialize_timeout: '2s' }, upstreams }, async (gateway) => {
    const silent = new Client(gateway.url('one'));
    silent.notify = async () => {};
    await silent.open();
    const finished = await open(gateway);
    await until(async () => (await statusOf(silent)) === 404, 'the end of the session', 20_000);
    assert.equal(await statusOf(finished), 200);
  });
});

// A session with a stream is never given up for another, so the next one is refused.
async function assertAtMost(limit, settings) {
  await withGateway({ sessions: settings, upstreams }, async (gateway) => {
    const clients = [];
    for (let i = 0; i < limit; i++) {
      const client = await open(gateway);
      await client.hear();
      clients.push(client);
    }
    const one = new Client(gateway.url('one'));
    const body = JSON.stringify({
      ...pingMessage,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
    });
    assert.equal((await exchangeJson(one.url, { body })).status, 429);
    await clients[0].close();
    await until(async () => (await exchangeJson(one.url, { body })).status === 200, 'room for another');
    assert.equal((await exchangeJson(one.url, { headers: clients[1].headers, body: ping })).status, 200);
    for (const client of clients.slice(1)) await client.close();
  });
}

setting('sessions.max', () => assertAtMost(3, { max: 3 }));
setting('sessions.max_per_principal', () => assertAtMost(3, { max_per_principal: 3 }));
