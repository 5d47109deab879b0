// Settings of one upstream, and how upstreams are reached.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { defaults, startGateway, withGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { scratchFolder } from './lib/scratch.mjs';
import { startEverything, startFixture, stdioCommand } from './lib/servers.mjs';
import { setting } from './lib/setting.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

let upstream;

const tools = {
  echo: (call) => text(call.arguments.text ?? ''),
  never: () => new Promise(() => {}),
  async ask(call) {
    const reply = await call.ask(call.arguments.method, call.arguments.params ?? {});
    return text(reply.error ? 'refused' : 'answered');
  },
};

before(async () => {
  upstream = await startUpstream({ tools });
});
after(() => upstream.stop());

const capabilities = { roots: {}, sampling: {}, elicitation: {} };
const said = (answer) => answer.result?.content?.[0].text;

async function withClient(settings, body, server = 'one', options) {
  return withGateway(
    settings,
    async (gateway) => {
      const client = new Client(gateway.url(server), { capabilities });
      for (const method of ['roots/list', 'sampling/createMessage', 'elicitation/create']) {
        client.answerers[method] = () => ({ action: 'cancel' });
      }
      await client.open();
      const outcome = await body(client, gateway);
      await client.close();
      return outcome;
    },
    options,
  );
}

const one = (more = {}) => ({ upstreams: { one: { url: upstream.url, ...more } } });

setting('upstreams.NAME.url', () =>
  withClient(one(), async (client) => assert.equal(said(await client.call('echo', { text: 'x' })), 'x')),
);

setting('upstreams.NAME.headers', () =>
  withClient(one({ headers: { 'X-Mine': 'yes', Authorization: 'Bearer ${TOKEN}' } }), async (client) => {
    upstream.requests.length = 0;
    await client.call('echo', { text: 'x' });
    assert.ok(upstream.requests.length > 0);
    for (const { headers } of upstream.requests) {
      assert.equal(headers['x-mine'], 'yes');
      assert.equal(headers.authorization, 'Bearer of-the-environment');
    }
  }, 'one', { env: { TOKEN: 'of-the-environment' } }),
);

setting('upstreams.NAME.timeout', () =>
  withClient(one({ timeout: '400ms' }), async (client) => {
    const start = Date.now();
    const answer = await client.call('never');
    assert.ok(answer.error || answer.result.isError);
    assert.ok(Date.now() - start < 50_000); // By default it has two minutes.
  }),
);

setting('upstreams.NAME.name_prefix', () =>
  withGateway(one({ name_prefix: 'short' }), async (gateway) => {
    const client = await new Client(gateway.url()).open();
    const { tools: listed } = (await client.request('tools/list')).result;
    assert.deepEqual(listed.map(({ name }) => name), ['short-echo', 'short-never', 'short-ask']);
    assert.equal(said(await client.call('short-echo', { text: 'x' })), 'x');
    await client.close();
  }),
);

// At the server's own path too, where names that it does not list are passed on otherwise.
const onlyEchoWith = (choice) =>
  withGateway(one(choice), async (gateway) => {
    for (const [server, prefix] of [[undefined, 'one-'], ['one', '']]) {
      const client = await new Client(gateway.url(server)).open();
      const { tools: listed } = (await client.request('tools/list')).result;
      assert.deepEqual(listed.map(({ name }) => name), [`${prefix}echo`]);
      assert.equal(said(await client.call(`${prefix}echo`, { text: 'x' })), 'x');
      assert.equal((await client.call(`${prefix}ask`, {})).error.code, -32602);
      await client.close();
    }
  });

setting('upstreams.NAME.tools', () => onlyEchoWith({ tools: ['echo'] }));
setting('upstreams.NAME.hidden_tools', () => onlyEchoWith({ hidden_tools: ['never', 'ask'] }));

const kinds = {
  roots: 'roots/list',
  sampling: 'sampling/createMessage',
  elicitation: 'elicitation/create',
};
for (const [kind, method] of Object.entries(kinds)) {
  setting(`upstreams.NAME.allow.${kind}`, async () => {
    for (const allowed of [true, false]) {
      upstream.initialized.length = 0;
      await withClient(one({ allow: { [kind]: allowed } }), async (client) => {
        assert.equal(said(await client.call('ask', { method })), allowed ? 'answered' : 'refused');
      });
      // What is not allowed is not declared either, in the session that carried the call.
      assert.equal(upstream.initialized.some(({ capabilities: had }) => had[kind] !== undefined), allowed);
    }
  });
}

setting('upstreams.NAME.capabilities', async () => {
  for (const declared of ['exact', 'all']) {
    upstream.initialized.length = 0;
    upstream.notes.length = 0;
    await withGateway(one({ capabilities: declared, allow: { roots: false } }), async (gateway) => {
      const client = await new Client(gateway.url('one')).open();
      const { result } = await client.call('ask', { method: 'sampling/createMessage' });
      const had = upstream.initialized.at(-1).capabilities;
      assert.equal(had.roots, undefined);
      if (declared === 'exact') {
        assert.equal(had.sampling, undefined);
        assert.equal(result.content[0].text, 'refused');
      } else {
        assert.ok(had.sampling && had.elicitation);
        assert.equal(result.isError, true);
        assert.match(result.content[0].text, /sampling\/createMessage/);
        const isTaken = ({ method }) => method === 'notifications/cancelled';
        await until(() => upstream.notes.some(isTaken), 'the call being taken back');
      }
      await client.close();
    });
  }
});

// What the server is asked first tells what it is taken for.
setting('upstreams.NAME.era', async () => {
  const fixture = await startFixture('dual');
  for (const [era, asked] of [
    ['auto', 'server/discover'],
    ['sessions', 'initialize'],
    ['stateless', 'server/discover'],
  ]) {
    upstream.bodies.length = 0;
    const settings = {
      upstreams: { one: { url: upstream.url, era }, dual: { url: fixture.url, era } },
      timeouts: { first_list_wait: '20s' },
    };
    await withGateway(settings, async (gateway) => {
      const client = await new Client(gateway.url()).open();
      const { result } = await client.call('dual-test-simple-text');
      assert.match(result.content[0].text, /simple text response/, era);
      // Its only server that does not speak this era is not listed.
      const { tools: listed } = (await client.request('tools/list')).result;
      assert.equal(listed.some(({ name }) => name === 'one-echo'), era !== 'stateless', era);
      await client.close();
    });
    const methods = upstream.bodies.map((body) => JSON.parse(body).method);
    assert.equal(methods[0], asked, era);
    assert.equal(methods.includes('initialize'), era !== 'stateless', era);
  }
  await fixture.process.stop('SIGKILL');
});

setting('upstreams.NAME.transport', async () => {
  const everything = await startEverything('sse');
  for (const [transport, works] of [
    ['sse', true],
    ['auto', true],
    ['streamable-http', false],
  ]) {
    const settings = {
      upstreams: { one: { url: everything.url, transport }, other: { url: upstream.url } },
      timeouts: { first_list_wait: '20s' },
    };
    await withGateway(settings, async (gateway) => {
      const client = await new Client(gateway.url()).open();
      const answer = await client.call('one-echo', { message: 'hi' });
      assert.equal(said(answer) === 'Echo: hi', works, `${transport}: ${JSON.stringify(answer)}`);
      await client.close();
    });
  }
  await everything.process.stop('SIGKILL');
});

const folder = fs.realpathSync(scratchFolder());
setting(
  ['upstreams.NAME.command', 'upstreams.NAME.args', 'upstreams.NAME.env', 'upstreams.NAME.cwd'],
  () => {
    const child = stdioCommand({ MINE: '${GIVEN}' }, { args: ['a b', '"c"', '$HOME'], cwd: folder });
    return withClient({ upstreams: { one: child } }, async (client) => {
      assert.deepEqual(JSON.parse(said(await client.call('arguments'))), ['a b', '"c"', '$HOME']);
      assert.equal(JSON.parse(said(await client.call('environment'))).MINE, 'value');
      assert.equal(said(await client.call('folder')), folder);
    }, 'one', { env: { GIVEN: 'value' } });
  },
);

// A proxy that connects whatever it is asked for to the upstream, and counts.
async function startProxy() {
  const seen = [];
  const server = http.createServer((_, response) => response.writeHead(405).end());
  server.on('connect', (request, socket) => {
    seen.push(request.url);
    const onward = net.connect(upstream.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { seen, server, url: `http://127.0.0.1:${server.address().port}` };
}

setting(['proxy.http_proxy', 'proxy.no_proxy'], async () => {
  const proxy = await startProxy();
  const far = { upstreams: { one: { url: 'http://mcp.invalid:8123/mcp' } }, timeouts: { first_list_wait: '1s' } };
  await withClient({ ...far, proxy: { http_proxy: proxy.url } }, async (client) => {
    assert.equal(said(await client.call('echo', { text: 'by proxy' })), 'by proxy');
    assert.deepEqual([...new Set(proxy.seen)], ['mcp.invalid:8123']);
  });
  const unused = await startProxy();
  const direct = { http_proxy: unused.url, no_proxy: ['127.0.0.1', 'mcp.invalid'] };
  await withClient({ ...one(), proxy: direct }, async (client) => {
    assert.equal(said(await client.call('echo', { text: 'direct' })), 'direct');
  });
  assert.deepEqual(unused.seen, []);
  await withClient({ ...far, proxy: { http_proxy: unused.url, no_proxy: ['MCP.Invalid'] } }, async (client) => {
    assert.match(said(await client.call('echo', { text: 'nowhere' })), /cannot connect/);
  });
  assert.deepEqual(unused.seen, [], 'hosts are compared without regard to case');
  // The usual variable does the same.
  const gateway = await startGateway(far, { env: { HTTP_PROXY: proxy.url } });
  const client = await new Client(gateway.url('one')).open();
  assert.equal(said(await client.call('echo', { text: 'by variable' })), 'by variable');
  await client.close();
  await gateway.kill();
  for (const { server } of [proxy, unused]) {
    server.closeAllConnections();
    server.close();
  }
});

setting('egress.denied_networks', async () => {
  // By its name, so that what it resolves to decides.
  const named = { upstreams: { one: { url: upstream.url.replace('127.0.0.1', 'localhost') } } };
  await withClient(named, async (client) => assert.equal(said(await client.call('echo', { text: 'x' })), 'x'));
  const never = await startUpstream();
  const other = { upstreams: { one: { url: never.url.replace('127.0.0.1', 'localhost') } } };
  const denied = { ...other, egress: { denied_networks: ['127.0.0.0/8', '::1'] }, timeouts: { first_list_wait: '1s' } };
  await withGateway(denied, async (gateway) => {
    const client = await new Client(gateway.url('one')).open();
    assert.deepEqual((await client.request('tools/list')).result.tools, []);
    assert.equal((await client.call('echo', { text: 'x' })).result.isError, true);
    await until(() => gateway.output.includes('its address is in a network of egress.denied_networks'), 'the log to say why');
  });
  assert.deepEqual(never.requests, []);
  await never.stop();
});

test('a network that a reload denies is left at once, by calls and event streams too', { timeout: 60_000 }, async () => {
  const settings = { ...defaults, upstreams: { one: { url: upstream.url.replace('127.0.0.1', 'localhost') } } };
  await withGateway(settings, async (gateway) => {
    const client = await new Client(gateway.url('one')).open();
    await client.call('echo', { text: 'x' });
    const streams = () => [...upstream.sessions.values()].filter((stream) => stream && !stream.destroyed);
    await until(() => streams().length > 0, 'the stream of the session');
    const left = streams().map((stream) => once(stream, 'close'));
    const called = client.call('never');
    await until(() => upstream.calls.at(-1).params.name === 'never', 'the call');
    gateway.configure({ ...settings, egress: { denied_networks: ['127.0.0.0/8', '::1'] } });
    gateway.reload();
    const answer = await called;
    assert.ok(answer.error || answer.result.isError, JSON.stringify(answer));
    await Promise.all(left);
    await client.close();
  });
});

setting('proxy.https_proxy', async () => {
  const proxy = await startProxy();
  const far = { upstreams: { one: { url: 'https://mcp.invalid/mcp' } }, timeouts: { first_list_wait: '1s' } };
  // What answers behind the proxy speaks no TLS, so nothing can be called; that it is asked for is the point.
  await withGateway({ ...far, proxy: { https_proxy: proxy.url } }, () =>
    until(() => proxy.seen.includes('mcp.invalid:443'), 'the proxy'),
  );
  proxy.server.closeAllConnections();
  proxy.server.close();
});
