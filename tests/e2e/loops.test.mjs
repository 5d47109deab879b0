// Gateways whose servers lead back to them.
import assert from 'node:assert/strict';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { binary, defaults, withGateway } from './lib/gateway.mjs';
import { run, until } from './lib/process.mjs';
import { scratchFolder } from './lib/scratch.mjs';
import { startUpstream } from './lib/upstream.mjs';

let real;

before(async () => {
  real = await startUpstream();
});
after(() => real.stop());

// Another name for a gateway, known before the gateway runs and not known to it.
class Relay {
  requests = 0; // Pieces that came from clients: about as many as requests.
  sockets = new Set();

  async start() {
    this.server = net.createServer((client) => {
      if (this.to === undefined) return client.destroy();
      const server = net.connect(this.to, '127.0.0.1');
      client.on('data', () => {
        this.requests += 1;
      });
      for (const [one, other] of [[client, server], [server, client]]) {
        this.sockets.add(one);
        one.on('error', () => {}).on('close', () => this.sockets.delete(one) && other.destroy());
        one.pipe(other);
      }
    });
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${this.server.address().port}/mcp`;
    return this;
  }

  async stop() {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

async function withRelays(count, body) {
  const relays = await Promise.all(Array.from({ length: count }, () => new Relay().start()));
  try {
    return await body(...relays);
  } finally {
    await Promise.all(relays.map((relay) => relay.stop()));
  }
}

async function toolsOf(gateway) {
  const client = await new Client(gateway.url()).open();
  const { tools } = (await client.request('tools/list')).result;
  await client.close();
  return tools.map(({ name }) => name);
}

const saysSo = (gateway, name) =>
  until(() => gateway.output.includes(`${name} cannot be listed: it leads back to this gateway`), `the log of ${name}`);

test('a gateway that is its own server under another name leaves it out, and says so', async () => {
  await withRelays(1, async (relay) => {
    const socket = path.join(scratchFolder(), 'loop.sock');
    const upstreams = { real: { url: real.url }, self: { url: relay.url } };
    await withGateway({ upstreams, status: { socket }, timeouts: { first_list_wait: '200ms' } }, async (gateway) => {
      relay.to = gateway.port;
      await saysSo(gateway, 'self');
      await until(async () => (await toolsOf(gateway)).length > 0, 'the tools of the real one');
      assert.deepEqual(await toolsOf(gateway), ['real-echo']);

      const { servers } = JSON.parse((await run(binary, ['status', '--json', '--socket', socket])).stdout);
      const self = servers.find(({ name }) => name === 'self');
      assert.deepEqual([self.state, self.tools], ['failing', 0]);
      assert.match(self.last_error, /^it leads back to this gateway, so it is left out: take it out of the upstreams/);

      const client = await new Client(gateway.url('self')).open();
      assert.match(JSON.stringify(await client.call('real-echo')), /leads back to this gateway/);
      await client.close();
    });
  });
});

for (const era of ['stateless', 'sessions']) {
  test(`two gateways that are servers of each other (${era}) both leave the other out, until one is so no more`, async () => {
    await withRelays(2, async (first, second) => {
      const settings = (other) => ({ upstreams: { real: { url: real.url }, ...other } });
      await withGateway(settings({ b: { url: second.url, era } }), async (a) => {
        await withGateway(settings({ a: { url: first.url, era } }), async (b) => {
          first.to = a.port;
          second.to = b.port;
          await Promise.all([saysSo(a, 'b'), saysSo(b, 'a')]);
          assert.deepEqual([await toolsOf(a), await toolsOf(b)], [['real-echo'], ['real-echo']]);
          const requests = first.requests + second.requests;
          assert.ok(requests < 100, `${requests} requests`);

          b.configure({ ...defaults, listen: `127.0.0.1:${b.port}`, ...settings({}) });
          b.reload();
          await until(async () => (await toolsOf(a)).includes('b-real-echo'), 'b among the servers of a', 40_000);
          assert.deepEqual(await toolsOf(b), ['real-echo']);
        });
      });
    });
  });
}
