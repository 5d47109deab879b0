// Pitfalls of a gateway in front of a server of the stateless revision; docs/testing.md has the list of all.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { startGateway } from './lib/gateway.mjs';
import { until, within } from './lib/process.mjs';
import { metaKey, stateless, StatelessClient } from './lib/stateless-client.mjs';
import { startStatelessUpstream } from './lib/stateless-upstream.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

const mirroring = (header) => ({
  type: 'object',
  properties: {
    region: { type: 'string', 'x-mcp-header': header },
    limit: { type: 'integer', 'x-mcp-header': 'Limit' },
    big: { type: 'integer' },
  },
});

let running; // The call that a test looks into.
let header = 'Region';
const tools = {
  echo: { run: (call) => text(call.arguments.text ?? '') },
  wait: { run: (call) => new Promise((resolve) => (running = { call, finish: () => resolve(text('done')) })) },
  region: {
    schema: mirroring('Region'),
    run(call) {
      const sent = call.headers[`mcp-param-${header.toLowerCase()}`];
      return sent === undefined ? { refuse: -32020, status: 400 } : text(sent);
    },
  },
  decline: { run: (call) => ({ refuse: call.arguments.code, status: call.arguments.status }) },
  task: { run: () => ({ resultType: 'task', taskId: 'x', status: 'working' }) },
  odd: { run: () => ({ resultType: 'no-such-type' }) },
  nothing: { run: () => ({ ...text('null'), structuredContent: null }) },
  array: { run: () => ({ ...text('[1]'), structuredContent: [1] }) },
  ask: { run: () => ({ resultType: 'input_required', inputRequests: { a: { method: 'roots/list', params: {} } } }) },
};

let upstream, gateway;
const stateful = (options) => new Client(gateway.url('one'), options).open();
const modern = (options) => new StatelessClient(gateway.url('one'), options);

before(async () => {
  upstream = await startStatelessUpstream({ tools });
  gateway = await startGateway({ upstreams: { one: { url: upstream.url } } });
});
after(async () => {
  await gateway.kill();
  await upstream.stop();
});

test('a server of the stateless revision is asked to initialize once, for all clients with a session', async () => {
  for (let i = 0; i < 3; i += 1) {
    const client = await stateful();
    assert.equal((await client.call('echo', { text: 'x' })).result.content[0].text, 'x');
    await client.close();
  }
  const other = modern();
  assert.equal((await other.call('echo', { text: 'x' })).result.content[0].text, 'x');
  other.close();
  assert.equal(upstream.count('initialize'), 1);
});

test('a session-era server is asked for its era once', async () => {
  const old = await startUpstream();
  const other = await startGateway({ upstreams: { one: { url: old.url } } });
  for (let i = 0; i < 3; i += 1) {
    const client = await new Client(other.url('one')).open();
    await client.call('echo');
    await client.close();
  }
  const modern = new StatelessClient(other.url('one'), { capabilities: { roots: {} } });
  await modern.call('echo');
  modern.close();
  const probes = old.bodies.filter((body) => body.includes('server/discover'));
  assert.equal(probes.length, 1);
  await other.kill();
  await old.stop();
});

test('what a server of the stateless revision gets says all it needs', async () => {
  const client = await stateful({ capabilities: { roots: {} } });
  await client.call('echo', { text: 'x' });
  const { params, headers } = upstream.last('tools/call');
  assert.equal(headers['mcp-protocol-version'], stateless);
  assert.equal(headers['mcp-method'], 'tools/call');
  assert.equal(headers['mcp-name'], 'echo');
  assert.equal(headers['mcp-session-id'], undefined);
  assert.equal(params._meta[metaKey('protocolVersion')], stateless);
  assert.ok(params._meta[metaKey('clientCapabilities')].roots);
  assert.equal(params._meta[metaKey('clientCapabilities')].sampling, undefined);
  await client.close();
});

test('a session-era client that goes does not cancel its call at a stateless server', async () => {
  const client = await stateful();
  running = undefined;
  const { result } = await client.leaveAndReturn('wait', async () => {
    await until(() => running, 'the call at the server');
    for (const progress of [1, 2, 3]) {
      running.call.emit('notifications/progress', { progressToken: running.call.token, progress });
      await client.call('echo');
    }
    running.finish();
  });
  assert.equal(result.content[0].text, 'done');
  assert.equal(await running.call.closed, 'answered');
  await client.close();
});

test('a stateless client that goes cancels its call at a stateless server', async () => {
  const client = modern();
  running = undefined;
  const gone = client.post('tools/call', { name: 'wait', arguments: {} }).catch(() => {});
  await until(() => running, 'the call');
  client.close();
  assert.equal(await within(20_000, running.call.closed, 'the end of the call'), 'left');
  assert.equal(upstream.count('notifications/cancelled'), 0);
  await gone;
});

test('arguments of a session-era client are mirrored into headers', async () => {
  const client = await stateful();
  for (const [value, sent] of [
    ['eu-1', 'eu-1'],
    ['größe', `=?base64?${Buffer.from('größe').toString('base64')}?=`],
  ]) {
    const { result } = await client.call('region', { region: value });
    assert.equal(result.content[0].text, sent);
  }
  await client.close();
});

test('a stateless client has to mirror them itself', async () => {
  const client = modern();
  const sent = (value) => client.call('region', { region: 'eu-1' }, {
    change: (_, headers) => void (value === undefined ? 0 : (headers['mcp-param-region'] = value)),
  });
  assert.equal((await sent('eu-1')).result.content[0].text, 'eu-1');
  for (const wrong of [undefined, 'us-1', 'EU-1', '=?base64?%%?=']) {
    const { status, error } = await sent(wrong);
    assert.deepEqual([status, error?.code], [400, -32020], String(wrong));
  }
  const none = await client.call('region', { region: null });
  assert.notEqual(none.error?.code, -32020, 'null needs no header');
  client.close();
});

test('a header for an argument that the tool does not list is passed as it came, and nothing else of the client', async () => {
  const client = modern();
  const foreign = { 'Mcp-Param-Tenant': '=?base64?w7w=?=', 'X-Other': 'mine', 'mcp-param-limit': '7' };
  for (const tool of ['echo', 'region']) {
    const given = tool === 'region' ? { region: 'eu-1' } : {};
    const mirror = tool === 'region' ? { 'mcp-param-region': 'eu-1' } : {};
    const { error } = await client.call(tool, given, {
      change: (_, headers) => void Object.assign(headers, foreign, mirror),
    });
    assert.equal(error, undefined, JSON.stringify(error));
    const { headers } = upstream.last('tools/call');
    assert.equal(headers['mcp-param-tenant'], foreign['Mcp-Param-Tenant']);
    assert.equal(headers['mcp-param-region'], mirror['mcp-param-region']);
    // The tool "region" has it, for an argument that is not there: it is known, and says nothing.
    assert.equal(headers['mcp-param-limit'], tool === 'region' ? undefined : '7');
    assert.equal(headers['x-other'], undefined);
  }
  client.close();
});

test('a header that says what its argument does not say is refused, whatever the argument is', async () => {
  const client = modern();
  const call = (given, sent) => client.call('region', {}, {
    change: (message, headers) => {
      Object.assign(headers, sent);
      return JSON.stringify(message).replace('"arguments":{}', `"arguments":${given}`);
    },
  });
  for (const [given, sent] of [
    ['{"limit":9007199254740993}', { 'mcp-param-limit': '1' }],
    ['{"limit":9007199254740993}', {}],
    ['{"limit":1e400}', { 'mcp-param-limit': '1' }],
    ['{"region":["x"]}', { 'mcp-param-region': 'x' }],
    ['{"region":{"x":1}}', { 'mcp-param-region': 'x' }],
    ['{"region":7}', { 'mcp-param-region': 'x' }],
    ['{"region":null}', { 'mcp-param-region': '=?base64?!!?=' }],
    ['{}', { 'mcp-param-region': '=?base64?!!?=' }],
  ]) {
    const { status, error } = await call(given, sent);
    assert.deepEqual([status, error?.code], [400, -32020], `${given} ${JSON.stringify(sent)}`);
  }
  for (const given of ['{}', '{"region":null}', '{"region":["x"]}', '{"region":{}}']) {
    assert.notEqual((await call(given, {})).error?.code, -32020, given);
  }
  client.close();
});

test('a schema that changed is fetched again before a header counts as wrong', async () => {
  const client = await stateful();
  await client.call('region', { region: 'eu-1' });
  header = 'Place';
  tools.region.schema = mirroring('Place');
  try {
    const { result } = await client.call('region', { region: 'eu-2' });
    assert.equal(result?.content[0].text, 'eu-2');
  } finally {
    header = 'Region';
    tools.region.schema = mirroring('Region');
    upstream.notify('notifications/tools/list_changed');
    await client.close();
  }
});

test('a call that a server refuses by a code of its own is not run again', async () => {
  const client = await stateful();
  for (const [status, code] of [[400, 1001], [400, -32000], [404, -32002], [405, 5]]) {
    const before = upstream.count('tools/call');
    assert.equal((await client.call('decline', { status, code })).error.code, code);
    assert.equal((await modern().call('decline', { status, code })).error.data.error.code, code);
    assert.equal(upstream.count('tools/call') - before, 2, `${status} ${code}`);
  }
  assert.equal((await client.call('echo', { text: 'well' })).result.content[0].text, 'well');
  await client.close();
});

test('large numbers keep their digits on the way to a stateless server', async () => {
  const client = await stateful();
  await client.post('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"big":9007199254740993.10}}}');
  await until(() => upstream.last('tools/call').raw.includes('9007199254740993.10'), 'the digits');
  await client.close();
});

test('structuredContent that is null arrives', async () => {
  const client = modern();
  const { result } = await client.call('nothing');
  assert.equal('structuredContent' in result, true);
  assert.equal(result.structuredContent, null);
  assert.deepEqual((await client.call('array')).result.structuredContent, [1]);
  client.close();
  // The session era knows objects only.
  const old = await stateful();
  assert.deepEqual((await old.call('nothing')).result.structuredContent, { result: null });
  assert.deepEqual((await old.call('array')).result.structuredContent, { result: [1] });
  await old.close();
});

test('a result of a kind that was not declared is a fault of the server', async () => {
  for (const tool of ['task', 'odd']) {
    for (const client of [await stateful(), modern()]) {
      const { result, error } = await client.call(tool);
      assert.ok(error?.code === -32603 || result?.isError === true, JSON.stringify(result ?? error));
      assert.equal(result?.taskId, undefined);
      await client.close();
    }
  }
});

test('a server that asks what was not declared is at fault', async () => {
  for (const client of [await stateful(), modern()]) {
    const { result, error } = await client.call('ask');
    assert.ok(error?.code === -32603 || result?.isError === true, JSON.stringify(result ?? error));
    await client.close();
  }
});

// A server that says nothing for 300 ms is not waited for: on a machine that stood still for so long it is done again.
test('a subscription is acknowledged after the server has, and soon', async () => {
  const uri = 'test://watched';
  const asksFor = ({ params }) => params.notifications.resourceSubscriptions?.includes(uri);
  const isInTime = async () => {
    upstream.acknowledges = false;
    const began = performance.now();
    const client = modern();
    const stream = await client.listen({ resourceSubscriptions: [uri] });
    const first = stream.next();
    let isAcknowledged = false;
    first.then(() => (isAcknowledged = true));
    await until(() => isAcknowledged || [...upstream.listening.values()].some(asksFor), 'the subscription at the server');
    await client.call('echo');
    for (const id of upstream.listening.keys()) {
      if (!isAcknowledged) upstream.acknowledge(id);
    }
    upstream.acknowledges = true;
    const told = await within(9000, first, 'the acknowledgement');
    assert.equal(told.method, 'notifications/subscriptions/acknowledged');
    const { resourceSubscriptions } = told.params.notifications;
    const isLate = resourceSubscriptions === undefined && performance.now() - began >= 250;
    if (!isLate) {
      assert.deepEqual(resourceSubscriptions, [uri]);
      upstream.notify('notifications/resources/updated', { uri });
      assert.equal((await within(20_000, stream.next(), 'the update')).method, 'notifications/resources/updated');
    }
    stream.close();
    client.close();
    return !isLate;
  };
  await until(isInTime, 'an acknowledgement in time', 30_000);
});

test('a server that never acknowledges does not hold the client up', async () => {
  upstream.acknowledges = false;
  const client = modern();
  const stream = await client.listen({ toolsListChanged: true, resourceSubscriptions: ['test://watched'] });
  const told = await within(4500, stream.next(), 'the acknowledgement'); // Who is not silent may take 5 s.
  assert.equal(told.method, 'notifications/subscriptions/acknowledged');
  upstream.acknowledges = true;
  stream.close();
  client.close();
});

test('a session-era client hears of changes at a stateless server', async () => {
  const client = await stateful();
  await client.hear();
  assert.deepEqual((await client.request('resources/subscribe', { uri: 'test://watched' })).result, {});
  upstream.notify('notifications/resources/updated', { uri: 'test://watched' });
  await until(() => client.heard.some(({ method }) => method === 'notifications/resources/updated'), 'the update');
  const hearsOfTools = ({ params }) => params.notifications.toolsListChanged;
  await until(() => [...upstream.listening.values()].some(hearsOfTools), 'who hears of changes of the list');
  tools.added = { run: () => text('added') };
  upstream.notify('notifications/tools/list_changed');
  await until(() => client.heard.some(({ method }) => method === 'notifications/tools/list_changed'), 'the change');
  delete tools.added;
  await client.close();
});

test('a session-era client sees nothing of the stateless protocol', async () => {
  const client = await stateful();
  for (const [method, params] of [['tools/list'], ['resources/list'], ['tools/call', { name: 'echo' }]]) {
    const answer = JSON.stringify((await client.request(method, params)).result);
    for (const word of ['resultType', 'ttlMs', 'cacheScope', 'io.modelcontextprotocol/']) {
      assert.ok(!answer.includes(word), `${method}: ${answer}`);
    }
  }
  await client.close();
});
