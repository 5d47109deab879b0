// Limits hold for all workers together: four of them let in as many as one does, wherever the kernel puts a connection.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, bodyOf, exchangeJson, freshConnections } from './lib/client.mjs';
import { defaults, withGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { connect, requestText } from './lib/raw-http.mjs';
import { StatelessClient } from './lib/stateless-client.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

const workers = 4;
const attempts = 16; // So many connections do not all come to one worker.
let upstream, upstreams;
let waiting = [];

const form = { type: 'object', properties: { name: { type: 'string' } } };
const tools = {
  large: (call) => text('x'.repeat(call.arguments.size)),
  wait: () => new Promise((resolve) => waiting.push(() => resolve(text('waited')))),
  ask: async (call) => text(JSON.stringify(await call.ask('elicitation/create', { message: 'Name?', requestedSchema: form }))),
};

before(async () => {
  upstream = await startUpstream({ tools });
  upstreams = { one: { url: upstream.url } };
});
after(() => upstream.stop());

const ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
const usual = ['Content-Type: application/json', 'Accept: application/json, text/event-stream'];
const open = (gateway) => new Client(gateway.url('one'), { agent: freshConnections() }).open();

// Opens sessions, each on a connection of its own, until one is refused: what it is told, and the clients.
async function openAll(gateway) {
  const clients = [];
  for (let i = 0; i < attempts; i += 1) {
    try {
      clients.push(await open(gateway));
    } catch (error) {
      return { clients, refusal: error.message };
    }
  }
  return { clients };
}

for (const [name, limits] of [['sessions.max', { max: 3 }], ['sessions.max_per_principal', { max_per_principal: 3 }]]) {
  test(`${name}, which a reload raises`, () =>
    withGateway({ workers, sessions: limits, upstreams }, async (gateway) => {
      const first = await openAll(gateway);
      assert.equal(first.clients.length, 3, first.refusal);
      assert.ok(first.refusal.includes(name), first.refusal);
      await first.clients.pop().close();
      first.clients.push(await open(gateway));
      const [key] = Object.keys(limits);
      gateway.configure({ ...defaults, workers, sessions: { [key]: 5 }, upstreams });
      gateway.reload();
      await until(() => /"reloaded"/.test(gateway.output), 'the end of the reload');
      const more = await openAll(gateway);
      assert.equal(more.clients.length, 2, more.refusal);
      for (const client of [...first.clients, ...more.clients]) await client.close();
    }));
}

test('limits.in_flight_max', () =>
  withGateway({ workers, limits: { in_flight_max: 3 }, upstreams }, async (gateway) => {
    const clients = [];
    for (let i = 0; i < 3; i += 1) clients.push(await open(gateway));
    const running = clients.map((client) => client.call('wait'));
    await until(() => waiting.length === 3, 'three calls upstream');
    for (let i = 0; i < attempts; i += 1) {
      const { status, body } = await exchangeJson(gateway.url(), { body: ping, agent: freshConnections() });
      assert.equal(status, 503);
      assert.match(JSON.stringify(body), /limits\.in_flight_max/);
    }
    for (const finish of waiting) finish();
    waiting = [];
    for (const answer of await Promise.all(running)) assert.equal(answer.result.content[0].text, 'waited');
    // A place is free a moment after the answer that it was for is there.
    const isServed = async () => (await exchangeJson(gateway.url(), { body: ping, agent: freshConnections() })).status === 200;
    await until(isServed, 'a free place');
    for (let i = 0; i < attempts; i += 1) {
      assert.equal((await exchangeJson(gateway.url(), { body: ping, agent: freshConnections() })).status, 200);
    }
    for (const client of clients) await client.close();
  }));

test('limits.connections_max', () =>
  withGateway({ workers, limits: { connections_max: 3 }, upstreams }, async (gateway) => {
    const request = requestText({ port: gateway.port, headers: usual, body: ping });
    // A request of which the body has not come is under way.
    const busy = requestText({ port: gateway.port, headers: [...usual, 'Expect: 100-continue'], body: ping });
    const served = [];
    for (let i = 0; i < 3; i += 1) {
      served.push(await connect(gateway.port));
      served[i].send(busy.slice(0, -ping.length));
      assert.equal((await served[i].response()).status, 100);
    }
    const others = [];
    for (let i = 0; i < attempts; i += 1) {
      others.push(await connect(gateway.port));
      others[i].send(request);
    }
    const answers = others.map((other) => other.response(60_000).catch((error) => ({ error })));
    let count = 0;
    for (const answer of answers) answer.then(({ status }) => (count += status === 200));
    assert.equal(count, 0);
    // Whoever is idle by then gives way to those that wait, on whatever worker.
    served[0].send(ping);
    assert.equal((await served[0].response()).status, 200);
    await served[0].closed();
    // Each that leaves lets in one of them.
    for (const each of served) each.close();
    await Promise.all(answers);
    assert.equal(count, attempts);
    for (const other of others) other.close();
  }));

// Whoever is silent keeps nobody out.
test('connections on which nothing is under way give way to those that come', () =>
  withGateway({ workers, limits: { connections_max: 3 }, upstreams }, async (gateway) => {
    const request = requestText({ port: gateway.port, headers: usual, body: ping });
    for (let i = 0; i < attempts; i += 1) {
      const connection = await connect(gateway.port);
      connection.send(request);
      assert.equal((await connection.response()).status, 200);
    }
    const health = await connect(gateway.port);
    health.send(requestText({ port: gateway.port, method: 'GET', path: '/health' }));
    assert.equal((await health.response()).status, 200);
    health.close();
  }));

test('limits.parks_per_principal_max and limits.parks_max', async () => {
  for (const limits of [{ parks_per_principal_max: 2 }, { parks_max: 2 }]) {
    await withGateway({ workers, limits, upstreams }, async (gateway) => {
      const clients = [];
      for (let i = 0; i < attempts; i += 1) {
        const client = new StatelessClient(gateway.url('one'), { capabilities: { elicitation: {} } });
        clients.push(client);
        const parked = await client.call('ask');
        assert.equal(parked.result.resultType, 'input_required', JSON.stringify(parked));
      }
      const isCancelled = ({ method }) => method === 'notifications/cancelled';
      const cancelled = () => upstream.notes.filter(isCancelled).length;
      await until(() => cancelled() >= attempts - 2, 'the end of those that gave way');
      assert.equal(cancelled(), attempts - 2);
      upstream.notes.length = 0;
      for (const client of clients) client.close();
    });
    upstream.notes.length = 0;
  }
});

test('streams.buffered_bytes_max is what one worker may keep while the others keep nothing', () =>
  withGateway({ workers, streams: { buffered_bytes_max: '1MiB' }, upstreams }, async (gateway) => {
    const client = await open(gateway);
    const size = 700_000;
    for (let i = 0; i < 4; i += 1) {
      const response = await client.post({
        jsonrpc: '2.0',
        id: i,
        method: 'tools/call',
        params: { name: 'large', arguments: { size } },
      });
      const body = await bodyOf(response);
      assert.equal(response.statusCode, 200, body.slice(0, 300));
      assert.ok(body.length > size, body.slice(0, 300));
    }
    await client.close();
  }));
