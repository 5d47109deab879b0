// What stateless clients listen to, as servers with and without sessions are told of it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { StatelessClient } from './lib/stateless-client.mjs';
import { startStatelessUpstream } from './lib/stateless-upstream.mjs';
import { startUpstream } from './lib/upstream.mjs';

const uris = Array.from({ length: 12 }, (_, i) => `test://${i}`);
const resources = () => ({ resources: uris.map((uri) => ({ name: uri, uri })) });
const capabilities = { tools: {}, resources: { subscribe: true } };

// A server with sessions that takes `time` for each request, and knows who is subscribed.
class Subscribed {
  told = []; // { method, uri } of every request, in order.
  now = new Set();
  together = 0;
  most = 0; // Requests at the same time.
  waiting = [];
  time = 40;

  async start() {
    this.server = await startUpstream({ capabilities });
    this.server.methods = {
      'resources/list': resources,
      'resources/templates/list': () => ({ resourceTemplates: [] }),
      'resources/subscribe': (call) => this.#take(call),
      'resources/unsubscribe': (call) => this.#take(call),
    };
    return this;
  }

  async #take({ message: { method, params }, response }) {
    this.most = Math.max(this.most, ++this.together);
    this.told.push({ method, uri: params.uri });
    this.#wake();
    await (this.hold?.(method) ?? new Promise((resolve) => setTimeout(resolve, this.time)));
    this.together -= 1;
    if (method === 'resources/subscribe') this.now.add(params.uri);
    else this.now.delete(params.uri);
    this.#wake();
    return response.destroyed ? undefined : {};
  }

  #wake() {
    for (const each of this.waiting) each();
  }

  // Waits until `condition` holds, looking whenever a request begins or ends.
  until(condition, what) {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${what}: ${JSON.stringify(this.told.slice(-30))}`)), 30_000);
      const look = () => {
        if (!condition()) return;
        clearTimeout(late);
        resolve();
      };
      this.waiting.push(look);
      look();
    });
  }

  count(method, uri) {
    return this.told.filter((each) => each.method === `resources/${method}` && (uri ?? each.uri) === each.uri).length;
  }
}

let sessions, stateless, gateway;

before(async () => {
  sessions = await new Subscribed().start();
  stateless = await startStatelessUpstream();
  stateless.methods['resources/list'] = resources;
  gateway = await startGateway({
    upstreams: { sessions: { url: sessions.server.url }, stateless: { url: stateless.url } },
    log: { access: false },
  });
});
after(async () => {
  await gateway?.kill();
  await sessions.server.stop();
  await stateless.stop();
});

const listenToAll = async (server, all = uris, more) => {
  const client = new StatelessClient(gateway.url(server));
  return { client, ...(await client.listenTo(all, more)) };
};

async function listen(server, client = new StatelessClient(gateway.url(server)), wanted = uris) {
  const stream = await client.listen({ resourceSubscriptions: wanted });
  const { params } = await stream.next();
  return { stream, client, honoured: params.notifications.resourceSubscriptions ?? [] };
}

test('12 resources of a server that takes 40 ms for each are all listened to, and all given up', async () => {
  // Nobody is answered before there are two.
  sessions.hold = () => sessions.until(() => sessions.most > 1, 'two at a time');
  const { stream, client, honoured, attempts } = await listenToAll('sessions');
  sessions.hold = undefined;
  assert.deepEqual(honoured.toSorted(), uris.toSorted());
  if (attempts === 1) assert.equal(sessions.count('subscribe'), 12);
  assert.ok(sessions.most > 1 && sessions.most <= 16, `${sessions.most} at a time`);
  stream.close();
  await sessions.until(() => sessions.now.size === 0 && sessions.count('unsubscribe') === sessions.count('subscribe'), 'given up');
  client.close();
});

test('what a server subscribed to too late is given up', async () => {
  sessions.told = [];
  let release;
  const held = new Promise((resolve) => { release = resolve; });
  sessions.hold = (method) => (method === 'resources/subscribe' ? held : undefined);
  const { stream, client, honoured } = await listen('sessions', undefined, uris.slice(0, 3));
  assert.deepEqual(honoured, []);
  release();
  await sessions.until(() => sessions.count('unsubscribe') === 3 && sessions.now.size === 0, 'given up');
  sessions.hold = undefined;
  stream.close();
  client.close();
});

test('who listens while the last listener is being given up is heard', async () => {
  const [uri] = uris;
  const first = await listenToAll('sessions', [uri]);
  sessions.told = [];
  let release;
  const held = new Promise((resolve) => { release = resolve; });
  sessions.hold = (method) => (method === 'resources/unsubscribe' ? held : undefined);
  first.stream.close();
  await sessions.until(() => sessions.count('unsubscribe', uri) === 1, 'given up');
  const second = listenToAll('sessions', [uri]);
  // It is not told before the server has answered.
  await first.client.request('server/discover');
  assert.equal(sessions.count('subscribe', uri), 0);
  release();
  const { stream, client, honoured } = await second;
  sessions.hold = undefined;
  assert.deepEqual(honoured, [uri]);
  assert.ok(sessions.now.has(uri));
  await until(() => sessions.server.isHeard, 'the streams of the server');
  sessions.server.notify('notifications/resources/updated', { uri });
  const update = await stream.next();
  assert.equal(update.params.uri, uri);
  stream.close();
  await sessions.until(() => !sessions.now.has(uri), 'given up');
  client.close();
  first.client.close();
});

test('a stateless server gets one request for all resources', async () => {
  const { stream, client, honoured, attempts } = await listenToAll('stateless');
  assert.deepEqual(honoured.toSorted(), uris.toSorted());
  const requests = stateless.requests.filter(
    ({ method, params }) => method === 'subscriptions/listen' && params.notifications.resourceSubscriptions,
  );
  assert.equal(requests.length, attempts);
  assert.deepEqual(requests[0].params.notifications.resourceSubscriptions.toSorted(), uris.toSorted());
  stream.close();
  client.close();
});

const asksFor = (uri) => (notifications) => notifications.resourceSubscriptions?.includes(uri);

const listenersOf = (uri) =>
  [...stateless.listening.values()].filter(({ params }) => asksFor(uri)(params.notifications)).length;
// What listeners of the test before wanted is given up.
const nobodyListens = () => stateless.until(() => uris.every((uri) => listenersOf(uri) === 0));

test('a request that a stateless server does not acknowledge delays nobody else, and goes with its client', async () => {
  await nobodyListens();
  const [silent, ...others] = uris;
  stateless.listen = (asked) => (asksFor(silent)(asked) ? 'nothing' : 'acknowledge');
  const first = new StatelessClient(gateway.url('stateless'));
  const waiting = listen('stateless', first, [silent]);
  await stateless.until(() => listenersOf(silent) === 1);
  const began = performance.now();
  for (const uri of others.slice(0, 3)) {
    const { stream, client, honoured } = await listenToAll('stateless', [uri]);
    assert.deepEqual(honoured, [uri]);
    stream.close();
    client.close();
  }
  const { stream, honoured } = await waiting;
  assert.deepEqual(honoured, []);
  await stateless.until(() => listenersOf(silent) === 0);
  assert.ok(performance.now() - began < 9500, 'not after the 10 s that an acknowledgement may take');
  stream.close();
  first.close();
});

test('a resource that a stateless server refuses spoils no other', async () => {
  await nobodyListens();
  const bad = uris[5];
  stateless.listen = (asked) => (asksFor(bad)(asked) ? 'refuse' : 'acknowledge');
  const good = uris.filter((uri) => uri !== bad);
  const { stream, client, honoured } = await listenToAll('stateless', uris, { wanted: good.length });
  assert.deepEqual(honoured.toSorted(), good.toSorted());
  for (const uri of [bad, good[7]]) stateless.notify('notifications/resources/updated', { uri });
  assert.equal((await stream.next()).params.uri, good[7]);
  stream.close();
  client.close();
});
