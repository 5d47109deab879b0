// What a reload leaves as it was, though it changes how a server is reached; and what it ends, because its server or
// virtual server is gone.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { afterEach, test } from 'node:test';
import { Client, exchangeJson } from './lib/client.mjs';
import { defaults, startGateway } from './lib/gateway.mjs';
import { until, within } from './lib/process.mjs';
import { replaceFile, scratchFile } from './lib/scratch.mjs';
import { readEvents } from './lib/sse.mjs';
import { StatelessClient } from './lib/stateless-client.mjs';
import { startStatelessUpstream } from './lib/stateless-upstream.mjs';
import { TaskServer } from './lib/task-server.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

const updated = 'notifications/resources/updated';
const uri = 'test://a';
const servers = [];
let gateway, settings;

afterEach(async () => {
  await gateway?.kill();
  for (const server of servers.splice(0)) await server.stop();
});

const keep = (server) => {
  servers.push(server);
  return server;
};

async function start(upstreams, more = {}) {
  settings = { upstreams, ...more };
  gateway = await startGateway(settings);
}

// Has other settings read, and returns when they hold.
async function reload(change) {
  const reloads = () => gateway.output.match(/"reloaded"/g)?.length ?? 0;
  const before = reloads();
  settings = change(settings);
  gateway.configure({ ...defaults, ...settings });
  gateway.reload();
  await until(() => reloads() > before, 'the end of the reload');
}

// Each upstream is reached in another way, which makes it another one to the gateway.
let seconds = 60;
const reachAnew = () =>
  reload(({ upstreams, ...more }) => {
    seconds += 1;
    const anew = Object.entries(upstreams).map(([name, entry]) => [name, { ...entry, timeout: `${seconds}s` }]);
    return { ...more, upstreams: Object.fromEntries(anew) };
  });
const without = (gone) =>
  reload(({ upstreams, ...more }) => ({
    ...more,
    upstreams: Object.fromEntries(Object.entries(upstreams).filter(([name]) => name !== gone)),
  }));

const form = { type: 'object', properties: { name: { type: 'string' } } };
const asksName = { method: 'elicitation/create', params: { message: 'Name?', requestedSchema: form } };
const accepted = { action: 'accept', content: { name: 'Ann' } };

const tasksOfSession = async (isPerSession) => {
  const server = await new TaskServer().start();
  server.isPerSession = isPerSession;
  keep(server.upstream);
  await start({ one: { url: server.upstream.url } });
  const client = await new Client(gateway.url()).open();
  const { result } = await client.request('tools/call', { name: 'one-work', arguments: {}, task: {} });
  const { taskId } = result.task;
  await reachAnew();
  assert.deepEqual((await client.request('tasks/list')).result.tasks.map((task) => task.taskId), [taskId]);
  server.finish('t-1');
  assert.equal((await client.request('tasks/get', { taskId })).result.status, 'completed');
  assert.equal((await client.request('tasks/result', { taskId })).result.content[0].text, 'outcome of t-1');
  await client.close();
};
test('a task of a session goes on at the server of its name', () => tasksOfSession(false));
test('a task that only its upstream session knows goes on, too', () => tasksOfSession(true));

test('a task of a stateless client goes on at the server of its name, and is refused while that is not shown', async () => {
  const extensions = { 'io.modelcontextprotocol/tasks': {} };
  const began = { resultType: 'task', taskId: 't-1', status: 'working', ttlMs: null };
  const server = keep(await startStatelessUpstream({
    tools: { work: { run: () => began } },
    capabilities: { tools: {}, extensions },
  }));
  const other = keep(await startUpstream());
  server.methods['tasks/get'] = ({ taskId }) => ({ resultType: 'complete', taskId, status: 'working', ttlMs: null });
  await start({ one: { url: server.url }, other: { url: other.url } });
  const client = new StatelessClient(gateway.url(), { capabilities: { extensions } });
  const { result, body } = await client.call('one-work');
  assert.equal(result?.resultType, 'task', body);
  const { taskId } = result;
  await reachAnew();
  const told = await client.request('tasks/get', { taskId });
  assert.equal(told.result?.status, 'working', told.body);
  const { one } = settings.upstreams;
  await without('one');
  assert.match((await client.request('tasks/get', { taskId })).error.message, /not available/);
  await reload((now) => ({ ...now, upstreams: { one, ...now.upstreams } }));
  await until(async () => (await client.request('tasks/get', { taskId })).result?.status === 'working', 'the task');
  client.close();
});

test('a requestState is good for the server of its name', async () => {
  const server = keep(await startStatelessUpstream({
    tools: {
      ask: {
        run: ({ message: { params } }) =>
          params.requestState === 'mine'
            ? text(`it is ${params.inputResponses.k.content.name}`)
            : { resultType: 'input_required', inputRequests: { k: asksName }, requestState: 'mine' },
      },
    },
  }));
  await start({ one: { url: server.url } });
  const client = new StatelessClient(gateway.url(), { capabilities: { elicitation: {} } });
  const { result } = await client.call('one-ask');
  assert.equal(result.resultType, 'input_required');
  await reachAnew();
  const done = await client.call('one-ask', {}, { answers: { k: accepted }, state: result.requestState });
  assert.equal(done.result?.content[0].text, 'it is Ann', done.body);
  client.close();
});

// A server with sessions whose tool asks its client; `withdrawn` are the calls that were taken back.
async function startAsking() {
  const withdrawn = [];
  const server = keep(await startUpstream({
    tools: {
      ask: async (call) => text(`it is ${(await call.ask(asksName.method, asksName.params)).result.content.name}`),
    },
  }));
  server.onCancelled = (session, params) => withdrawn.push(params);
  return { server, withdrawn };
}

test('a call that waits for its client goes on, and ends at once when its server is removed', async () => {
  const [{ server }, other] = [await startAsking(), await startAsking()];
  await start({ one: { url: server.url }, other: { url: other.server.url } });
  const client = new StatelessClient(gateway.url(), { capabilities: { elicitation: {} } });
  const [one, two] = [(await client.call('one-ask')).result, (await client.call('other-ask')).result];
  const answer = (name, { inputRequests, requestState }) => {
    const answers = Object.fromEntries(Object.keys(inputRequests).map((key) => [key, accepted]));
    return client.call(name, {}, { answers, state: requestState });
  };
  await reachAnew();
  assert.equal((await answer('one-ask', one)).result.content[0].text, 'it is Ann');
  await without('other');
  await until(() => other.withdrawn.length === 1, 'the end of the parked call');
  const { error } = await answer('other-ask', two);
  assert.deepEqual([error.code, /server that was removed/.test(error.message)], [-32602, true], error.message);
  client.close();
});

test('a call that waits for its client ends at once when its tool is hidden', async () => {
  const [hidden, shown] = [await startAsking(), await startAsking()];
  await start({ hidden: { url: hidden.server.url }, shown: { url: shown.server.url } });
  const client = new StatelessClient(gateway.url(), { capabilities: { elicitation: {} } });
  const asked = {};
  for (const name of ['hidden', 'shown']) asked[name] = (await client.call(`${name}-ask`)).result;
  await reload(({ upstreams, ...more }) => {
    const changed = Object.entries(upstreams).map(([name, entry]) => [name, name === 'hidden' ? { ...entry, hidden_tools: ['ask'] } : entry]);
    return { ...more, upstreams: Object.fromEntries(changed) };
  });
  await until(() => hidden.withdrawn.length === 1, 'the end of the parked call');
  assert.equal(hidden.withdrawn[0].reason, 'what was called is not there any more');
  const answer = (name) => {
    const { inputRequests, requestState } = asked[name];
    const answers = Object.fromEntries(Object.keys(inputRequests).map((key) => [key, accepted]));
    return client.call(`${name}-ask`, {}, { answers, state: requestState });
  };
  assert.match((await answer('hidden')).error.message, /Unknown tool: hidden-ask/);
  assert.equal((await answer('shown')).result.content[0].text, 'it is Ann');
  client.close();
});

// A server with sessions that knows to what each is subscribed.
async function startSubscribable() {
  const server = keep(await startUpstream({ capabilities: { tools: {}, resources: { subscribe: true } } }));
  const subscribed = new Map(); // Session -> its URIs.
  const uris = [uri, 'test://b', 'test://c'];
  server.methods = {
    'resources/list': () => ({ resources: uris.map((each) => ({ name: each, uri: each })) }),
    'resources/templates/list': () => ({ resourceTemplates: [] }),
    'resources/subscribe'(call) {
      const { session, params } = call;
      if (server.refused?.includes(params.uri)) return call.refuse(-32602, 'no more');
      if (server.silent?.includes(params.uri)) return undefined;
      subscribed.set(session, new Set([...(subscribed.get(session) ?? []), params.uri]));
      return {};
    },
    'resources/unsubscribe'({ session, params }) {
      subscribed.get(session)?.delete(params.uri);
      return {};
    },
  };
  // Tells those that are subscribed, and says how many these were.
  const listenersOf = (which) => [...subscribed].filter(([session, has]) => has.has(which) && server.sessions.get(session));
  server.listeners = (which) => listenersOf(which).length;
  server.update = (which) => {
    const of = listenersOf(which);
    for (const [session] of of) server.notifyOne(session, updated, { uri: which });
    return of.length;
  };
  server.forgetSessions = () => {
    for (const stream of server.sessions.values()) stream?.end();
    server.sessions.clear();
    subscribed.clear();
  };
  return server;
}

test('a subscription of a session is carried over: one update comes once, and it can be ended', async () => {
  const server = await startSubscribable();
  await start({ one: { url: server.url } });
  const client = await new Client(gateway.url()).open();
  await client.hear();
  const told = () => client.heard.filter(({ method }) => method === updated).length;
  assert.ok((await client.request('resources/subscribe', { uri })).result);
  for (const round of [1, 2]) {
    await reachAnew();
    // It may have changed in between, and nobody would have heard of it.
    await until(() => told() === 2 * round - 1, 'that it may have changed');
    await until(() => server.listeners(uri) === 1, 'the one subscription');
    assert.equal(server.update(uri), 1);
    await until(() => told() === 2 * round, 'the update');
  }
  assert.ok((await client.request('resources/subscribe', { uri })).result);
  assert.equal(server.update(uri), 1);
  assert.ok((await client.request('resources/unsubscribe', { uri })).result);
  assert.equal(server.update(uri), 0);
  await client.close();
});

test('what stateless clients listen to is carried over, and ended when the last one leaves', async () => {
  const server = await startSubscribable();
  await start({ one: { url: server.url } });
  const client = new StatelessClient(gateway.url());
  const { stream: first, honoured } = await client.listenTo([uri]);
  assert.deepEqual(honoured, [uri]);
  await reachAnew();
  assert.equal((await within(30_000, first.next(), 'that it may have changed')).params.uri, uri);
  const { stream: second, honoured: too } = await client.listenTo([uri]);
  assert.deepEqual(too, [uri]);
  await until(() => server.listeners(uri) === 1, 'the one subscription');
  assert.equal(server.update(uri), 1);
  assert.equal((await within(30_000, second.next(), 'the update')).params.uri, uri);
  first.close();
  second.close();
  await until(() => server.listeners(uri) === 0, 'the end of the subscription');
  client.close();
});

test('after a time in which a session of a server was lost, each resource is told, whatever it refuses', async () => {
  const server = await startSubscribable();
  await start({ one: { url: server.url } }, { timeouts: { list: '3s' } });
  const client = await new Client(gateway.url()).open();
  await client.hear();
  for (const each of [uri, 'test://b', 'test://c'])
    assert.ok((await client.request('resources/subscribe', { uri: each })).result);
  server.refused = ['test://b'];
  server.silent = ['test://c'];
  server.forgetSessions();
  const heard = () => client.heard.filter(({ method }) => method === updated).map(({ params }) => params.uri).sort();
  await until(() => heard().length === 3, 'what may have changed', 20_000);
  assert.deepEqual(heard(), [uri, 'test://b', 'test://c']);
  await until(() => server.listeners(uri) === 1, 'the stream of the new session');
  assert.equal(server.update(uri), 1);
  await until(() => heard().length === 4, 'the update');
  await gateway.process.find(/2 of 3 resources could not be subscribed to again/);
  await client.close();
});

test('the sessions of a virtual server end with it, their streams and those at servers too', async () => {
  const server = keep(await startUpstream());
  const ended = [];
  server.onDelete = (session, response) => {
    ended.push(session);
    server.sessions.delete(session);
    response.end();
  };
  await start({ one: { url: server.url } }, { servers: { mine: { upstreams: ['one'] } }, sessions: { max: 2 } });
  const [client, other] = [await new Client(gateway.url('mine')).open(), await new Client(gateway.url()).open()];
  await client.call('one-echo', { text: 'x' });
  await other.call('one-echo', { text: 'x' });
  const stream = await client.listen();
  const hasEnded = (async () => {
    for await (const event of readEvents(stream)) assert.ok(event);
    return stream.complete;
  })();
  await reload(({ servers: _, ...more }) => more);
  assert.equal(await within(30_000, hasEnded, 'the end of the stream'), true);
  await until(() => ended.length === 1, 'the end of the upstream session');
  assert.equal((await exchangeJson(client.url, { body: '{}', headers: client.headers })).status, 404);
  const third = await new Client(gateway.url()).open(); // There is a place for it.
  assert.ok((await other.call('one-echo', { text: 'x' })).result);
  await third.close();
  await other.close();
});

test('what a stateless client listens to at a virtual server ends with it', async () => {
  const server = keep(await startUpstream());
  await start({ one: { url: server.url } }, { servers: { mine: { upstreams: ['one'] } } });
  const clients = ['mine', undefined].map((id) => new StatelessClient(gateway.url(id)));
  const streams = await Promise.all(clients.map((client) => client.listen({ toolsListChanged: true })));
  for (const stream of streams) assert.match((await stream.next()).method, /acknowledged/);
  // Of what nobody has seen yet no change is told.
  const isListed = async (client) => (await client.request('tools/list')).result.tools.length > 0;
  for (const client of clients) await until(() => isListed(client), 'the first list');
  await reload(({ servers: _, ...more }) => more);
  const [ended, other] = streams;
  while ((await within(30_000, ended.next(), 'the end of the stream')) !== undefined);
  server.tools.another = () => text('x');
  await until(() => server.isHeard, 'the stream of the server');
  server.notify('notifications/tools/list_changed');
  assert.match((await within(30_000, other.next(), 'the change')).method, /list_changed/);
  other.close();
});

// What a path leads to is another thing then, though it is called the same.
test('sessions of a virtual server end when an upstream takes its name, and the other way', async () => {
  const server = keep(await startUpstream());
  const upstream = { url: server.url };
  const asVirtual = { upstreams: { one: upstream }, servers: { mine: { upstreams: ['one'] } } };
  const asUpstream = { upstreams: { mine: upstream } };
  const both = { upstreams: { one: upstream, mine: upstream }, servers: { mine: { upstreams: ['one'] } } };
  const ping = '{"jsonrpc":"2.0","id":7,"method":"ping"}';
  settings = asVirtual;
  gateway = await startGateway(settings);
  for (const [change, tool] of [[asUpstream, 'one-echo'], [asVirtual, 'echo'], [both, 'one-echo'], [asUpstream, 'one-echo'], [both, 'echo']]) {
    const client = await new Client(gateway.url('mine')).open();
    if (change === both && tool === 'one-echo') {
      await reload(() => change); // The virtual server stays what it was.
      assert.ok((await client.call(tool, { text: 'x' })).result);
      await client.close();
      continue;
    }
    assert.ok((await client.call(tool, { text: 'x' })).result);
    const stream = await client.listen();
    const hasEnded = (async () => {
      for await (const event of readEvents(stream)) assert.ok(event);
    })();
    await reload(() => change);
    await within(30_000, hasEnded, 'the end of the stream');
    assert.equal((await exchangeJson(client.url, { body: ping, headers: client.headers })).status, 404);
  }
});

test('tokens that came and went are counted, and not named', async () => {
  const line = (name) => `${name}:sha256:${crypto.createHash('sha256').update(name).digest('hex')}\n`;
  const file = scratchFile('tokens', line('ann') + line('bob') + line('cyd'));
  const server = keep(await startUpstream());
  await start({ one: { url: server.url } }, { auth: { tokens_file: file } });
  replaceFile(file, line('ann') + line('dan'));
  await reload((now) => now);
  await gateway.process.find(/"changed":"tokens: 1 added, 2 removed".*\n/);
  assert.doesNotMatch(gateway.output, /bob|cyd|dan/);
});
