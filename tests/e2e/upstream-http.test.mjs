// What lies between HTTP and MCP at an upstream server: redirects, encodings, streams that end at once, and
// answers to the question for the era that say nothing of it.
import assert from 'node:assert/strict';
import zlib from 'node:zlib';
import { test } from 'node:test';
import { Client } from './lib/client.mjs';
import { withGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { StatelessClient } from './lib/stateless-client.mjs';
import { startStatelessUpstream } from './lib/stateless-upstream.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

// `serve` in front of the upstream's own server: true when it has answered the request.
function intercept(upstream, serve) {
  const [own] = upstream.server.listeners('request');
  upstream.server.removeAllListeners('request');
  upstream.server.on('request', (request, response) => serve(request, response) || own(request, response));
  return upstream;
}

// Runs `body` with a client of a gateway in front of one upstream.
async function served(upstream, url, body, settings = {}) {
  const upstreams = { one: { url } };
  await withGateway({ upstreams, ...settings }, async (gateway) => {
    const client = await new Client(gateway.url('one')).open();
    await body(client, gateway);
    await client.close();
  });
  await upstream.stop();
}

const echoes = async (client, word = 'well') => {
  const { result, error } = await client.call('echo', { text: word });
  assert.equal(result?.content[0].text, word, JSON.stringify(error ?? result));
};

const redirecting = (upstream, location, status, from = '/mcp/') => {
  upstream.asked = [];
  return intercept(upstream, (request, response) => {
    upstream.asked.push(request.url);
    if (request.url !== from) return false;
    request.resume();
    response.writeHead(status, { location: location(upstream) }).end();
    return true;
  });
};

const targets = {
  'an absolute URL': ({ port }) => `http://127.0.0.1:${port}/mcp`,
  'a path': () => '/mcp',
};

for (const status of [307, 308]) {
  for (const [what, location] of Object.entries(targets)) {
    test(`a ${status} to ${what} of the same server is followed`, async () => {
      const upstream = redirecting(await startUpstream(), location, status);
      await served(upstream, `${upstream.url}/`, async (client, gateway) => {
        await echoes(client);
        assert.equal(upstream.calls.length, 1);
        // The path is remembered with the server after a 308, else with each connection of a session.
        const other = await new Client(gateway.url('one')).open();
        upstream.asked.length = 0;
        await echoes(other);
        assert.equal(upstream.asked.includes('/mcp/'), status === 307);
        await other.close();
      });
    });
  }
}

test('a stateless server that redirects is served', async () => {
  const upstream = await startStatelessUpstream({ tools: { echo: { run: (call) => text(call.arguments.text) } } });
  redirecting(upstream, () => '/mcp', 307);
  await served(upstream, `${upstream.url}/`, async (client, gateway) => {
    await echoes(client);
    const { result } = await new StatelessClient(gateway.url('one')).call('echo', { text: 'so' });
    assert.equal(result.content[0].text, 'so');
  });
});

const followedNowhere = [
  ['another port', 307, () => 'http://127.0.0.1:1/mcp?token=secret', 'to http://127.0.0.1:1/mcp,'],
  ['another host', 308, ({ port }) => `http://user:secret@localhost:${port}/mcp`, 'to http://localhost:'],
  ['another scheme', 307, ({ port }) => `https://127.0.0.1:${port}/mcp`, 'to https://127.0.0.1:'],
  ['the same place for ever', 307, () => '/mcp/', 'to /mcp/,'],
  ['where only a GET may go', 302, () => '/mcp', 'to /mcp,'],
];
for (const [where, status, location, shown] of followedNowhere) {
  test(`a redirect to ${where} is not followed, and named in the log`, async () => {
    const upstream = redirecting(await startUpstream(), location, status);
    const settings = { timeouts: { first_list_wait: '0s' } };
    await withGateway({ upstreams: { one: { url: `${upstream.url}/`, era: 'sessions' } }, ...settings }, async (gateway) => {
      await until(() => gateway.output.includes(shown), `${shown} in the log`);
      assert.ok(!gateway.output.includes('secret'), gateway.output);
      assert.deepEqual(upstream.initialized, []);
    });
    await upstream.stop();
  });
}

const encoders = {
  gzip: zlib.gzipSync, 'x-gzip': zlib.gzipSync, deflate: zlib.deflateSync, 'deflate, bare': zlib.deflateRawSync,
};

// Encodes whatever the upstream answers.
function encoding(upstream, name) {
  upstream.wanted = new Set();
  return intercept(upstream, (request, response) => {
    upstream.wanted.add(request.headers['accept-encoding']);
    const { writeHead, write, end } = response;
    const encode = encoders[name] ?? ((bytes) => bytes);
    let stream;
    response.writeHead = (status, headers = {}) => {
      const { 'content-length': size, ...others } = headers;
      const isStream = headers['content-type'] === 'text/event-stream';
      if (isStream) stream = zlib.createGzip({ flush: zlib.constants.Z_SYNC_FLUSH }).on('data', (part) => write.call(response, part));
      const kind = isStream ? 'gzip' : name.split(',')[0];
      return writeHead.call(response, status, { ...others, 'content-encoding': kind });
    };
    response.write = (part) => (stream ? stream.write(part) : write.call(response, encode(part)));
    response.end = (part) => {
      if (stream) return stream.on('end', () => end.call(response)).end(part);
      return end.call(response, part && encode(part));
    };
    return false;
  });
}

for (const name of Object.keys(encoders)) {
  test(`answers and events that come encoded though nobody asked are decoded: ${name}`, async () => {
    const tools = {
      echo: (call) => text(call.arguments.text),
      told: (call) => {
        call.progress(1);
        call.answer(text('told'));
      },
    };
    const upstream = encoding(await startUpstream({ tools }), name);
    await served(upstream, upstream.url, async (client) => {
      await echoes(client);
      await echoes(client, 'long '.repeat(100_000));
      const heard = [];
      const onMessage = ({ method }) => method && heard.push(method);
      const { result } = await client.call('told', {}, { meta: { progressToken: 1 }, onMessage });
      assert.equal(result.content[0].text, 'told');
      assert.deepEqual(heard, ['notifications/progress']);
      assert.deepEqual([...upstream.wanted], ['identity']);
    });
  });
}

test('the limit of an answer holds for what is decoded, while others are served', async () => {
  const tools = { echo: (call) => text(call.arguments.text), bomb: () => text('0'.repeat(48 << 20)) };
  const upstream = encoding(await startUpstream({ tools }), 'gzip');
  const settings = { limits: { upstream_body_bytes_max: '16MiB' } };
  await served(upstream, upstream.url, async (client) => {
    await echoes(client);
    const bomb = client.call('bomb');
    await echoes(client);
    const { result } = await bomb;
    assert.equal(result.isError, true);
    assert.match(result.content[0].text, /upstream_body_bytes_max/);
    await echoes(client);
  }, settings);
});

test('another encoding is named', async () => {
  const upstream = encoding(await startUpstream(), 'br');
  await withGateway({ upstreams: { one: { url: upstream.url } }, timeouts: { first_list_wait: '0s' } }, (gateway) =>
    until(() => /Content-Encoding/.test(gateway.output) && /\bbr\b/.test(gateway.output), 'its name in the log'),
  );
  await upstream.stop();
});

test('a GET stream that ends at once is opened again after pauses that grow, whatever it says', { timeout: 60_000 }, async () => {
  const upstream = await startUpstream();
  const gets = [];
  intercept(upstream, (request, response) => {
    if (request.method !== 'GET') return false;
    if (request.headers['mcp-session-id'] === upstream.watched) gets.push(Date.now());
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end('id: 1\nretry: 0\ndata:\n\n');
    return true;
  });
  await served(upstream, upstream.url, async (client) => {
    await echoes(client);
    upstream.watched = [...upstream.sessions.keys()].at(-1);
    await new Promise((resolve) => setTimeout(resolve, 3500));
    assert.ok(gets.length <= 4, `${gets.length} streams`);
    await echoes(client);
  });
});

const unclear = {
  '401': (response) => response.writeHead(401).end(),
  '403': (response) => response.writeHead(403).end(),
  '500': (response) => response.writeHead(500).end(),
  '501': (response) => response.writeHead(501).end(),
  '502': (response) => response.writeHead(502).end(),
  '503': (response) => response.writeHead(503).end(),
  'a closed connection': (response) => response.destroy(),
  '404 with -32601': (response, { id }) => {
    const error = { code: -32601, message: 'Method not found' };
    response.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, error }));
  },
};
for (const [what, answer] of Object.entries(unclear)) {
  test(`a server with sessions that answers server/discover with ${what} is served`, async () => {
    const upstream = await startUpstream();
    // The question has a header that no request of a session has.
    intercept(upstream, (request, response) => {
      if (request.headers['mcp-method'] !== 'server/discover') return false;
      const parts = [];
      request.on('data', (part) => parts.push(part)).on('end', () => answer(response, JSON.parse(Buffer.concat(parts))));
      return true;
    });
    await served(upstream, upstream.url, async (client, gateway) => {
      await echoes(client);
      if (!what.startsWith('404')) await gateway.process.find(/answered server\/discover with .*upstreams\.one\.era: sessions/);
    });
  });
}

for (const [what, status, body, expected] of [
  ['asks for credentials where none are configured', 401, '', /asks for credentials, and none are configured/],
  ['is no MCP server', 200, '<html>', /answered with something else than MCP: is its url right\?/],
]) {
  test(`a client and the log hear that a server ${what}`, async () => {
    const upstream = intercept(await startUpstream(), (request, response) => {
      response.writeHead(status, { 'content-type': 'text/html' }).end(body);
      return true;
    });
    await served(upstream, upstream.url, async (client, gateway) => {
      assert.match((await client.call('echo')).result.content[0].text, expected);
      await until(() => expected.test(gateway.output), 'the log');
    });
  });
}
