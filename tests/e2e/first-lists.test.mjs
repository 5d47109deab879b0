// Clients that come while servers are slow, down, or being configured anew: nobody is turned away, and what comes later
// is told.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { defaults, startGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { stdioCommand } from './lib/servers.mjs';
import { StatelessClient } from './lib/stateless-client.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

const able = { roots: { listChanged: true }, sampling: {}, elicitation: {} };
const tools = { echo: (call) => text(call.arguments.text ?? '') };
let gateway;
const servers = [];

afterEach(async () => {
  await gateway?.kill();
  gateway = undefined;
  for (const server of servers.splice(0)) await server.stop();
});

// One that answers nothing before `slow.open()`.
async function startSlow(options) {
  const slow = await startUpstream({ tools, ...options });
  servers.push(slow);
  const opened = new Promise((resolve) => (slow.open = resolve));
  const answer = slow.server.listeners('request')[0];
  slow.server.removeAllListeners('request');
  slow.server.on('request', async (request, response) => {
    await opened;
    answer(request, response);
  });
  return slow;
}

async function took(work) {
  const start = Date.now();
  await work();
  return Date.now() - start;
}

const names = async (client) => (await client.request('tools/list')).result.tools.map(({ name }) => name);
const hasHeard = (client) => client.heard.some(({ method }) => method === 'notifications/tools/list_changed');

test('initialize waits for nobody longer than first_list_wait, offers every list, and what comes is told', async () => {
  const slow = await startSlow();
  gateway = await startGateway({ upstreams: { slow: { url: slow.url } }, timeouts: { first_list_wait: '500ms' } });
  const client = new Client(gateway.url(), { capabilities: able });
  const ms = await took(() => client.open());
  assert.ok(ms >= 300 && ms < 8000, `${ms} ms`); // And not timeouts.list.
  assert.deepEqual(client.server.capabilities, {
    logging: {},
    completions: {},
    prompts: { listChanged: true },
    resources: { subscribe: true, listChanged: true },
    tools: { listChanged: true },
  });
  await client.hear();
  assert.deepEqual(await names(client), []);
  assert.deepEqual((await client.request('prompts/list')).result.prompts, []);
  slow.open();
  await until(() => hasHeard(client), 'list_changed');
  assert.deepEqual(await names(client), ['slow-echo']);
  assert.equal((await client.call('slow-echo', { text: 'x' })).result.content[0].text, 'x');
  await client.close();
});

test('the first list, and a call, of a session wait for a server that is still starting', async () => {
  const slow = await startSlow();
  const other = await startUpstream({ tools });
  servers.push(other);
  gateway = await startGateway({
    upstreams: { slow: { url: slow.url }, other: { url: other.url } },
    timeouts: { first_list_wait: '4s' },
  });
  const early = await new Client(gateway.url()).open();
  assert.deepEqual(await names(early), ['other-echo']);
  // Calls of what is there wait for nobody: who does so does it each time.
  const calls = [];
  for (let i = 0; i < 5; i += 1) calls.push(await took(() => early.call('other-echo', { text: 'x' })));
  assert.ok(Math.min(...calls) < 1000, calls.join());
  const waiting = await new Client(gateway.url()).open();
  const listed = names(waiting);
  slow.open();
  assert.deepEqual((await listed).sort(), ['other-echo', 'slow-echo']);
  await early.close();
  await waiting.close();
});

test('a client that can do more waits for nothing at initialize when others have been listed', async () => {
  const upstream = await startUpstream({ tools });
  servers.push(upstream);
  gateway = await startGateway({ upstreams: { one: { url: upstream.url } }, timeouts: { first_list_wait: '30s' } });
  const plain = await new Client(gateway.url()).open();
  assert.deepEqual(await names(plain), ['one-echo']);
  // From now on its sessions do not open.
  let release;
  const held = new Promise((resolve) => (release = resolve));
  upstream.methods.initialize = async () => {
    await held;
    return { protocolVersion: '2025-11-25', capabilities: upstream.capabilities, serverInfo: { name: 'u', version: '1' } };
  };
  const ms = await took(() => new Client(gateway.url(), { capabilities: able }).open());
  assert.ok(ms < 8000, `${ms} ms`);
  release();
  await plain.close();
});

test('a stateless client is told to come again soon while a server is missing', async () => {
  const slow = await startSlow();
  gateway = await startGateway({ upstreams: { slow: { url: slow.url } }, timeouts: { first_list_wait: '300ms' } });
  const client = new StatelessClient(gateway.url());
  const { status, result } = await client.request('server/discover');
  assert.equal(status, 200);
  assert.ok(result.capabilities.tools && result.ttlMs <= 1000, JSON.stringify(result));
  const { result: listed } = await client.request('tools/list');
  assert.deepEqual(listed.tools, []);
  assert.ok(listed.ttlMs <= 1000, JSON.stringify(listed));
  slow.open();
  await until(async () => (await client.request('tools/list')).result.tools.length === 1, 'the tools');
  client.close();
});

test('clients of every kind leave no process behind that only listed for them', async () => {
  const settings = { processes: { per_upstream_max: 3 }, timeouts: { first_list_wait: '30s' } };
  gateway = await startGateway({ upstreams: { one: stdioCommand() }, ...settings });
  for (const roots of [undefined, {}, { listChanged: true }]) {
    for (const sampling of [undefined, {}, { tools: {} }]) {
      const client = await new Client(gateway.url(), { capabilities: { roots, sampling, elicitation: {} } }).open();
      assert.ok((await names(client)).includes('one-echo'));
      await client.close();
    }
  }
  const client = await new Client(gateway.url()).open();
  assert.equal((await client.call('one-echo', { text: 'x' })).result.content[0].text, 'x');
  await client.close();
});

test('SIGHUP: a changed header leaves all lists in place, and counts for the next call', async () => {
  const upstream = await startUpstream({ tools });
  servers.push(upstream);
  const settings = (key) => ({ ...defaults, upstreams: { one: { url: upstream.url, headers: { 'x-key': key } } } });
  gateway = await startGateway(settings('old'));
  const before = await new Client(gateway.url()).open();
  assert.deepEqual(await names(before), ['one-echo']);
  // Lists of the new target never come.
  upstream.list = () => new Promise(() => {});
  gateway.configure(settings('new'));
  gateway.reload();
  await until(() => /"reloaded"/.test(gateway.output), 'the end of the reload');
  for (const client of [before, await new Client(gateway.url(), { capabilities: able }).open()]) {
    assert.deepEqual(await names(client), ['one-echo']);
    assert.equal((await client.call('one-echo', { text: 'x' })).result.content[0].text, 'x');
    assert.equal(upstream.requests.findLast(({ method }) => method === 'POST').headers['x-key'], 'new');
  }
  const { result } = await new StatelessClient(gateway.url()).request('tools/list');
  assert.deepEqual([result.tools.length, result.ttlMs <= 1000], [1, true]);
  await before.close();
});
