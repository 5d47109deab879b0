// Servers that speak both eras, as those of the stock SDKs do by default: each client is served in its own, so that a
// server which asks by requests can ask.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { accepted, everyCapability, roots, sampled } from '../kit/clients/answers.mjs';
import { loadSdk } from '../kit/clients/sdk.mjs';
import { status } from '../soak/status.mjs';
import { ChangingUpstream } from './lib/changing-upstream.mjs';
import { Client } from './lib/client.mjs';
import { defaults, startGateway, withGateway } from './lib/gateway.mjs';
import { childrenOf, until } from './lib/process.mjs';
import { scratchFile, scratchFolder } from './lib/scratch.mjs';
import { bothErasCommand, startBothEras } from './lib/servers.mjs';
import { StatelessClient, callToTheEnd } from './lib/stateless-client.mjs';

const capabilities = everyCapability;
const answerers = {
  'elicitation/create': accepted,
  'sampling/createMessage': () => sampled,
  'roots/list': () => roots,
};
const answer = (method, params) => answerers[method](params);
const said = ({ result, error }) => result?.content?.[0].text ?? JSON.stringify(error);

let sessions, handler, gateway;

const socketPath = () => path.join(fs.mkdtempSync(path.join(scratchFolder(), 'status-')), 's');
const socket = socketPath();
before(async () => {
  [sessions, handler] = await Promise.all([startBothEras('sessions'), startBothEras('handler')]);
  const upstreams = { stdio: bothErasCommand(), sessions: { url: sessions.url }, handler: { url: handler.url } };
  gateway = await startGateway({ upstreams, status: { socket } });
});
after(async () => {
  await gateway?.kill();
  for (const { process } of [sessions, handler]) await process.stop('SIGKILL');
});

async function open(at, server, more = {}) {
  const client = await new Client(at.url(server), { capabilities, ...more }).open();
  Object.assign(client.answerers, answerers);
  return client;
}
const openStateless = (at, server) => new StatelessClient(at.url(server), { capabilities });

for (const server of ['stdio', 'sessions']) {
  test(`a client with a session is asked by a server of both eras that asks by requests (${server})`, async () => {
    const client = await open(gateway, server);
    await client.hear(); // What names no call comes there.
    assert.equal(said(await client.call('elicit')), 'accept');
    assert.equal(said(await client.call('require')), 'accept');
    assert.equal(said(await client.call('sample')), 'hi');
    assert.equal(said(await client.call('roots')), 'file:///tmp');
    await client.close();
  });

  test(`a stock client with a session is asked as it is directly (${server})`, async () => {
    const { Client: Stock, StreamableHTTPClientTransport, types } = await loadSdk();
    const client = new Stock({ name: 'stock', version: '1' }, { capabilities });
    client.setRequestHandler(types.ListRootsRequestSchema, async () => roots);
    client.setRequestHandler(types.CreateMessageRequestSchema, async () => sampled);
    client.setRequestHandler(types.ElicitRequestSchema, async ({ params }) => accepted(params));
    await client.connect(new StreamableHTTPClientTransport(new URL(gateway.url(server))));
    for (const [name, wanted] of [['elicit', 'accept'], ['sample', 'hi'], ['roots', 'file:///tmp']]) {
      assert.equal((await client.callTool({ name })).content[0].text, wanted, name);
    }
    await client.close();
  });

  test(`clients of both eras at once have each its own era of one server (${server})`, async () => {
    const client = await open(gateway, server);
    const other = await open(gateway, server);
    const modern = openStateless(gateway, server);
    for (const wanted of ['1', '2']) {
      const all = await Promise.all([client.call('count'), client.call('era'), modern.call('era')]);
      assert.deepEqual(all.map(said), [wanted, 'legacy', 'modern']);
    }
    assert.equal(said(await other.call('count')), '1');
    assert.equal(said(await callToTheEnd(modern, 'require', {}, answer)), 'accept');
    const listed = (await client.request('tools/list')).result.tools.map(({ name }) => name);
    assert.deepEqual(listed, (await modern.request('tools/list')).result.tools.map(({ name }) => name));
    assert.equal(new Set(listed).size, listed.length);
    const { servers } = await status(socket);
    assert.equal(servers.find(({ name }) => name === server).era, 'both');
    await client.close();
    await other.close();
    modern.close();
  });
}

test('a server that serves each request by itself in both eras is not spoken to with sessions that it has not', async () => {
  const client = await open(gateway, 'handler');
  assert.equal(said(await client.call('era')), 'modern');
  assert.equal(said(await client.call('require')), 'accept');
  await client.close();
});

const erasIn = (record) => fs.readFileSync(record, 'utf8').trim().split('\n');

test('where it is known a session costs nothing more: one process, one question', async () => {
  const record = scratchFile('eras.txt', '');
  await withGateway({ workers: 2, processes: { spares: 0 }, upstreams: { one: bothErasCommand({ RECORD: record }) } }, async (at) => {
    const clients = [];
    for (let i = 0; i < 3; i++) {
      clients.push(await open(at, 'one'));
      assert.equal(said(await clients.at(-1).call('era')), 'legacy');
    }
    // What lists the server, and a process for each session.
    assert.deepEqual(erasIn(record).sort(), ['legacy', 'legacy', 'legacy', 'modern']);
    for (const client of clients) await client.close();
  });
});

test('a server over stdio without sessions is asked for them once, and shared', async () => {
  const record = scratchFile('eras.txt', '');
  const one = bothErasCommand({ RECORD: record, LEGACY: 'reject' });
  await withGateway({ workers: 1, upstreams: { one } }, async (at) => {
    const clients = await Promise.all(Array.from({ length: 4 }, () => open(at, 'one')));
    const pids = new Set();
    for (const client of clients) pids.add(said(await client.call('pid')));
    assert.equal(pids.size, 1);
    await until(() => childrenOf(at.process.pid).length === 1, 'the end of the one that was asked');
    assert.deepEqual(childrenOf(at.process.pid).map(String), [...pids]);
    assert.deepEqual(erasIn(record), ['modern', 'modern'], 'the one for all, and the one that was asked');
    for (const client of clients) await client.close();
  });
});

test('sessions take processes that were started ahead, once it is known that there are sessions', async () => {
  const at = await startGateway({ upstreams: { one: bothErasCommand() }, status: { socket: `${socket}-2` } });
  const first = await open(at, 'one');
  await first.call('era');
  await until(async () => (await status(`${socket}-2`)).spares === 1, 'a spare process', 20_000);
  const second = await open(at, 'one');
  assert.equal(said(await second.call('era')), 'legacy');
  await first.close();
  await second.close();
  await at.kill();
});

test('where there may be no more processes sessions are served by the one that all share', async () => {
  const record = scratchFile('eras.txt', '');
  await withGateway({ workers: 1, processes: { max: 1 }, upstreams: { one: bothErasCommand({ RECORD: record }) } }, async (at) => {
    const modern = openStateless(at, 'one');
    const shared = said(await modern.call('pid'));
    const lingering = modern.call('linger').catch(() => undefined);
    await until(() => erasIn(record).includes('lingers'), 'the call');
    const client = await open(at, 'one');
    assert.equal(said(await client.call('pid')), shared);
    await client.close();
    modern.close();
    await lingering;
  });
});

test('a reload changes neither the sessions at a server of both eras nor what is spoken there next', async () => {
  const one = bothErasCommand();
  const at = await startGateway({ upstreams: { one } });
  const client = await open(at, 'one');
  assert.equal(said(await client.call('count')), '1');
  at.configure({ ...defaults, upstreams: { one, two: { url: sessions.url } } });
  at.reload();
  await until(() => /"reloaded"/.test(at.output), 'the end of the reload');
  assert.equal(said(await client.call('count')), '2');
  const next = await open(at, 'one');
  assert.equal(said(await next.call('era')), 'legacy');
  const modern = openStateless(at, 'one');
  assert.equal(said(await modern.call('era')), 'modern');
  for (const each of [client, next, modern]) await each.close();
  await at.kill();
});

test('a change of lists that such a server tells in each era is told to a client once', async () => {
  const server = await new ChangingUpstream('both', { tools: { listChanged: true }, prompts: { listChanged: true } }).start();
  const ended = withGateway({ upstreams: { one: { url: server.url } } }, async (at) => {
    const [client, other] = await Promise.all([open(at, 'one'), open(at, 'one')]);
    for (const each of [client, other]) await each.hear();
    const heard = (who, kind) => who.heard.filter(({ method }) => method === `notifications/${kind}/list_changed`).length;
    await server.stateless.until(() => server.stateless.listening.size > 0); // By what lists it.
    assert.equal(said(await client.call('run')), 'sessions');
    await until(() => server.sessions.isHeard, 'the stream of the session');
    for (const round of [1, 2]) {
      server.sessions.notify('notifications/tools/list_changed');
      await until(() => heard(client, 'tools') === round, 'the change, by its own session');
      server.stateless.notify('notifications/tools/list_changed');
      await until(() => heard(other, 'tools') === round, 'the change, by the lists of all');
      // What comes last shows that nothing else came before.
      server.sessions.notify('notifications/prompts/list_changed');
      await until(() => heard(client, 'prompts') === round, 'another change');
      assert.equal(heard(client, 'tools'), round);
    }
    await client.close();
    await other.close();
  });
  await ended.finally(() => server.stop());
});

for (const [era, wanted] of [['sessions', /^accept$/], ['stateless', /2026-07-28/]]) {
  test(`era: ${era} is what a server of both eras is spoken to in, by all`, async () => {
    await withGateway({ upstreams: { one: { ...bothErasCommand(), era } } }, async (at) => {
      const client = await open(at, 'one');
      await client.hear();
      assert.match(said(await client.call('elicit')), wanted);
      await client.close();
    });
  });
}
