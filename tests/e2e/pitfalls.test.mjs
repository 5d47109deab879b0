// Pitfalls of a gateway between clients and servers of the session era; docs/testing.md has the list of all.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { startGateway, withGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { readEvents } from './lib/sse.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

let running;
const tools = {
  echo: (call) => text(call.arguments.text ?? ''),
  wait: (call) => new Promise((resolve) => (running = { call, finish: () => resolve(text('done')) })),
  chatter(call) {
    call.emit({ method: 'notifications/progress', params: { progressToken: call.token ?? 'made up', progress: 1 } });
    call.emit({ method: 'notifications/message', params: { level: 'debug', data: 'unasked' } });
    return text('said');
  },
  log(call) {
    call.emit({ method: 'notifications/message', params: { level: 'info', data: 'info' } });
    return text('logged');
  },
  async reconsider(call) {
    const asked = { message: 'sure?', requestedSchema: { type: 'object', properties: {} } };
    await new Promise((resolve) => {
      running = { reconsider: resolve };
      call.emit({ id: 'theirs', method: 'elicitation/create', params: asked });
    });
    call.emit({ method: 'notifications/cancelled', params: { requestId: 'theirs' } });
    return text('never mind');
  },
  session: (call) => text(call.session),
  cut: (call) => text(call.arguments.text.slice(0, -1)),
  structured: () => ({ ...text('null'), structuredContent: null }),
};

// Lists one tool a page, and its first cursor is the empty string.
class Paged {
  constructor(upstream) {
    this.upstream = upstream;
  }

  answer(params = {}) {
    const all = this.upstream.list();
    const at = params.cursor === undefined ? 0 : params.cursor === '' ? 1 : Number(params.cursor);
    const next = at + 1 < all.length ? { nextCursor: at === 0 ? '' : String(at + 1) } : {};
    return { tools: [all[at]], ...next };
  }
}

let upstream, gateway;
const open = (options) => new Client(gateway.url('one'), options).open();

before(async () => {
  upstream = await startUpstream({ tools, capabilities: { tools: { listChanged: true }, logging: {} } });
  gateway = await startGateway({ upstreams: { one: { url: upstream.url } } });
});
after(async () => {
  await gateway.kill();
  await upstream.stop();
});

test('a client that goes does not cancel its call', async () => {
  const client = await open();
  const { result } = await client.leaveAndReturn('wait', async () => {
    await until(() => running?.call, 'the call at the server');
    // What is written to a client that has gone must not end the call either.
    for (const progress of [1, 2, 3]) {
      running.call.progress(progress);
      await client.call('echo');
    }
    running.finish();
  });
  assert.equal(result.content[0].text, 'done');
  assert.ok(!upstream.notes.some(({ method }) => method === 'notifications/cancelled'));
  await client.close();
});

test('a storm of changes is told once', async () => {
  const client = await open();
  await client.hear();
  await client.call('echo');
  await until(() => upstream.isHeard, 'the streams of the server');
  upstream.tools.added = () => text('added');
  for (let i = 0; i < 50; i += 1) upstream.notify('notifications/tools/list_changed');
  await until(() => client.heard.length, 'the notice');
  await until(async () => (await client.request('tools/list')).result.tools.some(({ name }) => name === 'added'), 'the tool');
  assert.ok(client.heard.length <= 2, `${client.heard.length} notices`);
  await client.close();
});

test('a session that the server has lost is opened again with its log level', async () => {
  const client = await open();
  await client.request('logging/setLevel', { level: 'warning' });
  await client.call('echo');
  const sent = () => upstream.levels.filter((level) => level === 'warning').length;
  const before = sent();
  upstream.sessions.clear();
  const done = await client.call('echo', { text: 'again' });
  assert.equal(done.result.content[0].text, 'again');
  assert.equal(sent(), before + 1);
  await client.close();
});

test('a session that the server has lost is opened again for what nobody calls', async () => {
  const server = await startUpstream({ tools, capabilities: { tools: { listChanged: true }, resources: { subscribe: true } } });
  const subscribed = [];
  server.methods['resources/list'] = () => ({ resources: [{ uri: 'test://a', name: 'a' }] });
  server.methods['resources/subscribe'] = ({ session, params }) => subscribed.push({ session, ...params }) && {};
  await withGateway({ upstreams: { one: { url: server.url } } }, async (other) => {
    const client = await new Client(other.url('one')).open();
    await client.hear();
    await client.request('resources/subscribe', { uri: 'test://a' });
    await until(() => [...server.sessions.values()].filter(Boolean).length === 2, 'both streams');
    // It starts anew: with another tool, and without the sessions that it had.
    server.tools = { ...tools, fresh: () => text('fresh') };
    const streams = [...server.sessions.values()];
    server.sessions.clear();
    for (const stream of streams) stream.end();
    await until(() => client.heard.some(({ method }) => method === 'notifications/tools/list_changed'), 'the change');
    await until(() => subscribed.length === 2, 'the subscription');
    assert.ok((await client.request('tools/list')).result.tools.some(({ name }) => name === 'fresh'));
    await until(() => server.sessions.get(subscribed[1].session), 'the stream of the new session');
    server.notifyOne(subscribed[1].session, 'notifications/resources/updated', { uri: 'test://a' });
    await until(() => client.heard.some(({ method }) => method === 'notifications/resources/updated'), 'the update');
    assert.equal(server.initialized.length, 4);
    await client.close();
  });
  await server.stop();
});

// Breaks off after an event, so that the stream could be resumed; `forget` sees to it that it cannot.
function breaksOff(forget) {
  return (call) => {
    call.response.writeHead(200, { 'content-type': 'text/event-stream' });
    call.response.write('id: 1\nretry: 10\ndata: \n\n');
    forget(call.upstream);
    call.response.end();
  };
}

test('a call whose stream cannot be resumed fails, and is not run again', async () => {
  const cases = {
    'the session is lost': (server) => server.sessions.clear(),
    'no stream is given': (server) => (server.hasNoStream = true),
  };
  for (const [name, forget] of Object.entries(cases)) {
    const server = await startUpstream({ tools: { pay: breaksOff(forget), echo: tools.echo } });
    await withGateway({ upstreams: { one: { url: server.url } } }, async (other) => {
      const client = await new Client(other.url('one')).open();
      const answer = await client.call('pay');
      assert.equal(answer.status, 200, name);
      assert.ok(answer.result.isError, JSON.stringify(answer));
      assert.equal((await client.call('echo', { text: 'well' })).result.content[0].text, 'well', name);
      assert.deepEqual(server.calls.map(({ params }) => params.name), ['pay', 'echo'], name);
      await client.close();
    });
    await server.stop();
  }
});

test('a question that its server takes back is taken back from the client, by the id that it has there', async () => {
  const client = await open({ capabilities: { elicitation: {} } });
  const params = { name: 'reconsider', arguments: {} };
  const response = await client.post({ jsonrpc: '2.0', id: 'mine', method: 'tools/call', params });
  const seen = [];
  for await (const { data } of readEvents(response)) {
    if (!data) continue;
    seen.push(JSON.parse(data));
    if (seen.at(-1).method === 'elicitation/create') running.reconsider();
  }
  const [asked, cancelled, answer] = seen;
  assert.equal(cancelled.method, 'notifications/cancelled');
  assert.equal(cancelled.params.requestId, asked.id);
  assert.notEqual(asked.id, 'theirs');
  assert.equal(answer.result.content[0].text, 'never mind');
  assert.equal(seen.length, 3);
  await client.close();
});

test('a server that does not take a log level keeps no other from hearing it', async () => {
  const capabilities = { tools: {}, logging: {} };
  const [silent, other] = [await startUpstream({ capabilities }), await startUpstream({ capabilities })];
  silent.methods['logging/setLevel'] = () => new Promise(() => {});
  await withGateway({ upstreams: { silent: { url: silent.url }, other: { url: other.url } } }, async (both) => {
    const client = await new Client(both.url()).open();
    const answered = client.request('logging/setLevel', { level: 'error' }).catch(() => {});
    await until(() => other.levels.includes('error'), 'the level at the other server');
    await client.close();
    await answered;
  });
  await silent.stop();
  await other.stop();
});

test('a text that was cut within a character stays what it is on the way there and back', async () => {
  const client = await open();
  assert.equal((await client.call('cut', { text: 'half \u{1f600}' })).result?.content[0].text, 'half \ud83d');
  assert.equal((await client.call('echo', { text: '\ude00 half' })).result?.content[0].text, '\ude00 half');
  const { error } = await client.call('echo\ud83d');
  assert.equal(error?.code, -32602, 'a name has to be text');
  await client.close();
});

test('a progress token is a string or an integer', async () => {
  const client = await open();
  for (const progressToken of [{}, [], 1.5, true]) {
    const { status, error } = await client.call('chatter', {}, { meta: { progressToken } });
    assert.deepEqual([status, error?.code], [200, -32602], JSON.stringify(progressToken));
    assert.match(error.message, /"progressToken" must be a string or an integer/);
  }
  assert.deepEqual(client.heard, []);
  for (const progressToken of ['', 'a', 0, -7]) {
    await client.call('chatter', {}, { meta: { progressToken } });
    const told = client.heard.findLast(({ method }) => method === 'notifications/progress');
    assert.equal(told?.params.progressToken, progressToken);
  }
  await client.close();
});

test('numbers keep their digits on the way there and back', async () => {
  const client = await open();
  const id = '9007199254740993';
  const body = `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"echo","arguments":{"text":12345678901234567890.10}}}`;
  const response = await client.post(body);
  let raw = '';
  for await (const part of response) raw += part;
  assert.ok(raw.includes(`"id":${id}`), raw);
  assert.ok(upstream.bodies.some((each) => each.includes('12345678901234567890.10')), upstream.bodies.at(-1));
  await client.close();
});

test('structuredContent that is null is there', async () => {
  const client = await open();
  const { result } = await client.call('structured');
  assert.equal('structuredContent' in result, true);
  await client.close();
});

test('an empty cursor of a server is a cursor', async () => {
  const paged = await startUpstream({ tools });
  const pages = new Paged(paged);
  paged.page = (params) => pages.answer(params);
  const other = await startGateway({ upstreams: { one: { url: paged.url } } });
  const client = await new Client(other.url('one')).open();
  const { result } = await client.request('tools/list');
  assert.deepEqual(result.tools.map(({ name }) => name), Object.keys(tools));
  await client.close();
  await other.kill();
  await paged.stop();
});

test('a client may leave the version header out, or send an older one', async () => {
  const client = await open();
  for (const version of ['2025-03-26', '2025-06-18', undefined]) {
    const answer = await client.call('echo', { text: 'x' }, { headers: { 'mcp-protocol-version': version } });
    assert.equal(answer.status, 200, version);
  }
  await client.close();
});

test('a server without a GET stream is served', async () => {
  const deaf = await startUpstream({ tools });
  deaf.hasNoStream = true;
  const other = await startGateway({ upstreams: { one: { url: deaf.url } } });
  const client = await new Client(other.url('one')).open();
  for (let i = 0; i < 3; i += 1) assert.equal((await client.call('echo', { text: 'x' })).result.content[0].text, 'x');
  assert.equal(deaf.initialized.length, 2); // For the catalogue, and for the client.
  await client.close();
  await other.kill();
  await deaf.stop();
});

test('tools that appear right after initialize are seen', async () => {
  const late = await startUpstream({ tools: { echo: tools.echo } });
  late.onInitialized = () => {
    late.tools.late = () => text('late');
    setTimeout(() => late.notify('notifications/tools/list_changed'), 100);
  };
  const other = await startGateway({ upstreams: { one: { url: late.url } } });
  const client = await new Client(other.url('one')).open();
  const names = async () => (await client.request('tools/list')).result.tools.map(({ name }) => name);
  await until(async () => (await names()).includes('late'), 'the late tool');
  await client.close();
  await other.kill();
  await late.stop();
});

test('two clients never share a session at a server', async () => {
  const [first, second] = [await open(), await open()];
  const sessionOf = async (client) => (await client.call('session')).result.content[0].text;
  const [a, b] = [await sessionOf(first), await sessionOf(second)];
  assert.notEqual(a, b);
  assert.equal(await sessionOf(first), a, 'and each keeps its own');
  await first.close();
  await second.close();
});

test('progress that nobody asked for, and logs under the level, end here', async () => {
  const client = await open();
  await client.request('logging/setLevel', { level: 'warning' });
  const { result } = await client.call('chatter');
  assert.equal(result.content[0].text, 'said');
  await client.call('log');
  assert.deepEqual(client.heard, []);
  await client.close();
});
