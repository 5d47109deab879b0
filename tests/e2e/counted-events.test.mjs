// What a server sends as an event counts against streams.buffered_bytes_max while it comes and while its client has not
// read it, on every kind of stream.
import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import { Client, exchangeJson, freshConnections } from './lib/client.mjs';
import { withGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { startSseServer } from './lib/sse-server.mjs';
import { startStatelessUpstream } from './lib/stateless-upstream.mjs';
import { startUpstream } from './lib/upstream.mjs';

const half = 'x'.repeat(1_000_000);

// Sends half of an event on `stream`, and the rest when it is let.
function sendInHalves(stream, id, go) {
  if (!stream.headersSent) stream.writeHead(200, { 'content-type': 'text/event-stream' });
  stream.write(`data: {"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"resultType":"complete","content":[{"type":"text","text":"${half}`);
  go.then(() => stream.write(`${half}"}]}}\n\n`));
}

function gate() {
  let open;
  const opened = new Promise((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

async function bufferedBytes(gateway) {
  const { body } = await exchangeJson(`${gateway.address}/metrics/prometheus`, { method: 'GET', agent: freshConnections() });
  return Number(/^bascule_buffered_bytes (\d+)/m.exec(body)[1]);
}

// Each starts a server that sends the answer to a call in halves: { url, transport, stop }.
const servers = {
  'on the stream of a call': (go) =>
    startUpstream({ tools: { large: ({ response, message }) => void sendInHalves(response, message.id, go) } }),
  'on the GET stream': async (go) => {
    const server = await startUpstream({
      tools: {
        async large({ message, session, response }) {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.flushHeaders();
          await until(() => server.isHeard, 'the GET stream');
          sendInHalves(server.sessions.get(session), message.id, go);
        },
      },
    });
    return server;
  },
  'of a stateless server': (go) =>
    startStatelessUpstream({
      tools: { large: { run: ({ response, message }) => void sendInHalves(response, message.id, go) } },
    }),
  'of HTTP+SSE': async (go) => {
    const server = await startSseServer({ large: (given, { id, stream }) => void sendInHalves(stream, id, go) });
    return { ...server, transport: 'sse' };
  },
};

for (const [where, startServer] of Object.entries(servers)) {
  test(`an event ${where} is counted while it comes`, async () => {
    const { open, opened } = gate();
    const server = await startServer(opened);
    const { url, transport } = server;
    const one = { url, ...(transport && { transport }) };
    const settings = { workers: 1, timeouts: { call: '60s' }, upstreams: { one } };
    await withGateway(settings, async (gateway) => {
      const client = await new Client(gateway.url('one')).open();
      const answer = client.call('large', {});
      await until(async () => (await bufferedBytes(gateway)) >= 900_000, 'half of it to be counted');
      open();
      const { result } = await answer;
      assert.equal(result?.content[0].text.length, 2 * half.length);
      assert.ok((await bufferedBytes(gateway)) < 2.2 * half.length, 'not more than it takes'); // It may be kept to be resumed.
      await client.close();
      await until(async () => (await bufferedBytes(gateway)) < 100_000, 'all to be given back');
    });
    await server.stop();
  });
}

test('halves of events that have no room together come to their ends one after the other, and others are refused meanwhile', async () => {
  const { open, opened } = gate();
  const server = await servers['on the stream of a call'](opened);
  const settings = {
    workers: 1,
    timeouts: { call: '60s' },
    streams: { buffered_bytes_max: '4MiB' },
    upstreams: { one: { url: server.url } },
  };
  await withGateway(settings, async (gateway) => {
    const clients = await Promise.all(Array.from({ length: 6 }, () => new Client(gateway.url('one')).open()));
    const answers = clients.map((client) => client.call('large', {}));
    await until(() => server.calls.length === clients.length, 'the calls');
    const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
    const status = () => exchangeJson(gateway.url('one'), { body: ping, agent: new http.Agent() }).then((found) => found.status);
    await until(async () => (await status()) === 503, 'a call that is refused');
    assert.ok((await bufferedBytes(gateway)) <= 5 << 20); // One goes on, so that not all wait for each other.
    open();
    for (const { result } of await Promise.all(answers)) assert.equal(result?.content[0].text.length, 2 * half.length);
    await until(async () => (await status()) !== 503, 'a call that is served');
  });
  await server.stop();
});
