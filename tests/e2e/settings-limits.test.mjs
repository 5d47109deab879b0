// Limits: each is met by what is just over it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, bodyOf, exchangeJson } from './lib/client.mjs';
import { binary, defaults, withGateway } from './lib/gateway.mjs';
import { run, until } from './lib/process.mjs';
import { connect, exchange, requestText } from './lib/raw-http.mjs';
import { setting } from './lib/setting.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

let upstream, upstreams;
let waiting = [];

const tools = {
  a: (call) => text(call.arguments.text ?? ''),
  b: () => text('b'),
  c: () => text('c'),
  wait: () => new Promise((resolve) => waiting.push(() => resolve(text('waited')))),
  large: (call) => text('x'.repeat(call.arguments.size)),
};

before(async () => {
  upstream = await startUpstream({ tools });
  upstreams = { one: { url: upstream.url } };
});
after(() => upstream.stop());

const usual = ['Content-Type: application/json', 'Accept: application/json, text/event-stream'];
const ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
const withLimits = (limits, body) => withGateway({ limits, upstreams }, body);
const send = (gateway, headers, body = ping) =>
  exchange(gateway.port, requestText({ port: gateway.port, headers: [...usual, ...headers], body }));
const open = (gateway) => new Client(gateway.url('one')).open();

function finish() {
  for (const each of waiting) each();
  waiting = [];
}

setting('limits.head_bytes_max', () =>
  withLimits({ head_bytes_max: '2KiB' }, async (gateway) => {
    assert.equal((await send(gateway, [`X-Long: ${'a'.repeat(1500)}`])).status, 200);
    assert.equal((await send(gateway, [`X-Long: ${'a'.repeat(2500)}`])).status, 431);
  }),
);

setting('limits.headers_max', () =>
  withLimits({ headers_max: 20 }, async (gateway) => {
    const some = (count) => Array.from({ length: count }, (_, i) => `X-${i}: a`);
    assert.equal((await send(gateway, some(10))).status, 200);
    assert.equal((await send(gateway, some(20))).status, 431);
  }),
);

setting('limits.body_bytes_max', () =>
  withLimits({ body_bytes_max: '2KiB' }, async (gateway) => {
    const padded = (size) => ping + ' '.repeat(size - ping.length);
    assert.equal((await send(gateway, [], padded(2048))).status, 200);
    assert.equal((await send(gateway, [], padded(2049))).status, 413);
    // A chunked body has no length to refuse at once.
    const chunk = `${(2049).toString(16)}\r\n${padded(2049)}\r\n0\r\n\r\n`;
    const head = requestText({ port: gateway.port, headers: [...usual, 'Transfer-Encoding: chunked'] });
    assert.equal((await exchange(gateway.port, head + chunk)).status, 413);
  }),
);

setting('limits.batch_max', () =>
  withLimits({ batch_max: 2 }, async (gateway) => {
    const client = await new Client(gateway.url(), { revision: '2025-03-26' }).open();
    const batch = (count) => client.post(`[${Array.from({ length: count }, () => ping)}]`);
    const status = async (count) => {
      const response = await batch(count);
      await bodyOf(response);
      return response.statusCode;
    };
    assert.equal(await status(2), 200);
    assert.ok([400, 413].includes(await status(3)));
    await client.close();
  }),
);

const tree = (levels) => (levels === 0 ? 0 : [tree(levels - 1)]);

setting('limits.depth_max', async (t) => {
  const deep = await startUpstream({
    tools: {
      echo: (call) => ({ ...text('x'), structuredContent: { given: call.arguments.given } }),
      answer: (call) => ({ ...text('x'), structuredContent: { given: tree(call.arguments.levels) } }),
    },
  });
  t.after(() => deep.stop());
  const entry = (levels) => ({ name: `levels-${levels}`, inputSchema: { type: 'object', x: tree(levels - 2) } });
  deep.list = () => [64, 65, 512, 513, 1024, 1025, 4000].map(entry);
  const listed = async (client) => (await client.request('tools/list')).result.tools.map(({ name }) => name);
  for (const [max, names] of [
    [64, ['levels-64']],
    [undefined, ['levels-64', 'levels-65', 'levels-512']],
    [1024, ['levels-64', 'levels-65', 'levels-512', 'levels-513', 'levels-1024']],
  ]) {
    const limit = max ?? 512;
    const too = new RegExp(`nested ${limit + 1} levels deep; limits.depth_max is ${limit}$`);
    await withGateway({ limits: max ? { depth_max: max } : {}, upstreams: { one: { url: deep.url } } }, async (gateway) => {
      const client = await open(gateway);
      assert.deepEqual(await listed(client), names);
      // Around the tree there are the message, its params and the arguments; or the result and the structured content.
      const { result } = await client.call('echo', { given: tree(limit - 3) });
      assert.deepEqual(result.structuredContent.given, tree(limit - 3));
      const { error, id } = await client.request('tools/call', { name: 'echo', arguments: { given: tree(limit - 2) } });
      assert.equal(error.code, -32600);
      assert.match(error.message, too);
      assert.ok(id !== null);
      const answer = (await client.call('answer', { levels: limit - 2 })).result;
      assert.equal(answer.isError, true);
      assert.match(answer.content[0].text, too);
      assert.ok(!(await client.call('answer', { levels: limit - 3 })).result.isError);
      const response = await client.post({ jsonrpc: '2.0', id: 7, result: { roots: tree(limit - 1) } });
      assert.equal(response.statusCode, 400);
      assert.match(JSON.parse(await bodyOf(response)).error.message, too);
      await client.close();
    });
  }
});

test('entries come back when limits.depth_max is raised, and the commands read what the gateway sends', async (t) => {
  const deep = await startUpstream({ tools: { echo: () => text('x') } });
  t.after(() => deep.stop());
  deep.list = () => ['flat', 'deep'].map((name) => ({ name, inputSchema: { type: 'object', x: name === 'deep' ? tree(800) : 0 } }));
  const settings = { upstreams: { one: { url: deep.url } } };
  await withGateway(settings, async (gateway) => {
    const client = await open(gateway);
    const names = async () => (await client.request('tools/list')).result.tools.map(({ name }) => name);
    assert.deepEqual(await names(), ['flat']);
    await gateway.process.find(/lists 1 unusable items: deep is nested 802 levels deep; limits.depth_max is 512/);
    gateway.configure({ ...defaults, ...settings, limits: { depth_max: 1000 } });
    gateway.reload();
    await until(async () => (await names()).length === 2, 'the entry that is not too deep any more');
    const listed = await run(binary, ['list', 'tools', '--url', gateway.url()]);
    assert.match(listed.stdout, /one-deep/, listed.output);
    await client.close();
  });
});

setting('limits.in_flight_max', () =>
  withLimits({ in_flight_max: 2 }, async (gateway) => {
    const client = await open(gateway);
    const running = [client.call('wait'), client.call('wait')];
    await until(() => waiting.length === 2, 'two calls upstream');
    const refused = await exchangeJson(gateway.url(), { body: ping });
    assert.equal(refused.status, 503);
    assert.ok(refused.headers['retry-after']);
    finish();
    for (const answer of await Promise.all(running)) assert.equal(answer.result.content[0].text, 'waited');
    // A place is free a moment after the answer that it was for is there.
    await until(async () => (await exchangeJson(gateway.url(), { body: ping })).status === 200, 'a free place');
    await client.close();
  }),
);

setting('limits.connections_max', () =>
  withLimits({ connections_max: 2 }, async (gateway) => {
    const [first, second] = [await connect(gateway.port), await connect(gateway.port)];
    const request = requestText({ port: gateway.port, headers: usual, body: ping });
    // On both a request is under way: its body has not come.
    const busy = requestText({ port: gateway.port, headers: [...usual, 'Expect: 100-continue'], body: ping });
    for (const each of [first, second]) {
      each.send(busy.slice(0, -ping.length));
      assert.equal((await each.response()).status, 100);
    }
    const third = await connect(gateway.port);
    third.send(request);
    await assert.rejects(third.response(500), /took longer/);
    first.close();
    // The one that waited is served in the place of the one that left.
    assert.equal((await third.response()).status, 200);
    second.close();
    third.close();
  }),
);

setting('limits.upstream_body_bytes_max', () =>
  withLimits({ upstream_body_bytes_max: '64KiB' }, async (gateway) => {
    const client = await open(gateway);
    assert.equal((await client.call('large', { size: 60_000 })).result.content[0].text.length, 60_000);
    const answer = await client.call('large', { size: 70_000 });
    assert.ok(answer.error || answer.result.isError);
    await client.close();
  }),
);

setting('limits.page_size', () =>
  withLimits({ page_size: 2 }, async (gateway) => {
    const client = await open(gateway);
    const names = [];
    let cursor;
    do {
      const { result } = await client.request('tools/list', cursor && { cursor });
      assert.ok(result.tools.length <= 2);
      names.push(...result.tools.map(({ name }) => name));
      cursor = result.nextCursor;
    } while (cursor);
    assert.deepEqual(names, Object.keys(tools));
    for (const wrong of ['x', '', 'AAAA', 7]) {
      assert.equal((await client.request('tools/list', { cursor: wrong })).error?.code, -32602, String(wrong));
    }
    await client.close();
  }),
);

setting('limits.calls_per_session_max', () =>
  withLimits({ calls_per_session_max: 1 }, async (gateway) => {
    const [client, other] = [await open(gateway), await open(gateway)];
    const running = client.call('wait');
    await until(() => waiting.length === 1, 'the call upstream');
    const refused = await client.post({ jsonrpc: '2.0', id: 9, method: 'tools/call', params: { name: 'b' } });
    await bodyOf(refused);
    assert.equal(refused.statusCode, 429);
    assert.equal((await other.call('b')).result.content[0].text, 'b');
    finish();
    assert.equal((await running).result.content[0].text, 'waited');
    await client.close();
    await other.close();
  }),
);
