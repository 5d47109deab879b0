// Sessions that end in every way that there is, each at another moment of what it does upstream. SOAK=1 makes it 2 000.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, exchangeJson } from './lib/client.mjs';
import { defaults, withGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { replaceFile, scratchFile } from './lib/scratch.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

const together = 12;
const rounds = process.env.SOAK ? 24 : 2; // Of each of seven ways.

let upstream; // With sessions, and one whose sessions have no ids: no DELETE gives time to those who leave.
let nameless;
let letGo = () => {}; // Ends what is held.

const tools = {
  echo: (call) => text(call.arguments.text),
  // Sends progress for as long as somebody hears it.
  async reports(call) {
    for (let i = 1; i < 100 && !call.response.destroyed; i += 1) {
      call.progress(i);
      await sleep(2);
    }
    return text('reported');
  },
  async held(call) {
    const before = letGo;
    await new Promise((resolve) => {
      letGo = () => (before(), resolve());
      call.response.on('close', resolve);
    });
    return text('held');
  },
  async asks(call) {
    await call.ask('sampling/createMessage', { messages: [], maxTokens: 1 });
    return text('asked');
  },
};

before(async () => {
  const capabilities = { tools: {}, logging: {}, resources: { subscribe: true } };
  upstream = await startUpstream({ tools, capabilities });
  nameless = await startUpstream({ tools, capabilities });
  nameless.hasNoIds = true;
  for (const each of [upstream, nameless]) each.methods['resources/subscribe'] = async () => ({});
});
after(() => Promise.all([upstream.stop(), nameless.stop()]));

const upstreams = (headers = {}) => ({
  one: { url: upstream.url, headers },
  two: { url: nameless.url, headers },
});

const settings = (more) => ({
  ...defaults,
  streams: { sse_after: '0s' },
  timeouts: { call: '20s', drain: '100ms' },
  upstreams: upstreams(),
  ...more,
});

const activities = [
  (client) => client.call('echo', { text: 'x' }),
  (client) => client.call('reports', {}, { meta: { progressToken: 1 } }),
  (client) => client.call('held'),
  (client) => client.call('asks'),
  (client) => client.request('resources/subscribe', { uri: 'x://y' }),
  (client) => client.request('logging/setLevel', { level: 'debug' }),
  (client) => Promise.all([client.call('held'), client.call('echo', { text: 'x' }), client.call('asks')]),
];

const moment = (i) => (i * 13) % 40; // Milliseconds; with seven activities all pairs come.

// A session that does something, at its own moment of that. `answered`: it has come to an end, whatever that was.
async function begin(gateway, i, headers = {}) {
  const url = gateway.url(Math.floor(i / activities.length) % 2 ? 'two' : 'one');
  let client;
  const open = async () => (client = await new Client(url, { capabilities: { sampling: {} }, headers }).open());
  // Where sessions become idle soon, one may before it is open.
  const isRefused = (error) => error.code === undefined && /404/.test(error.message);
  await until(() => open().catch((error) => !isRefused(error) && Promise.reject(error)), 'a session');
  client.answerers['sampling/createMessage'] = async () => {
    await sleep(moment(i));
    return { role: 'assistant', model: 'm', content: { type: 'text', text: 'x' } };
  };
  const answered = activities[i % activities.length](client).catch(() => {});
  await sleep(moment(i));
  return { client, answered };
}

const remove = (client) =>
  exchangeJson(client.url, { method: 'DELETE', headers: client.headers, agent: client.agent });

const ping = { jsonrpc: '2.0', id: 'ping', method: 'ping' };

async function statusOf(client) {
  const response = await client.post(ping);
  response.resume();
  return response.statusCode;
}

// Does `end` to each of many sessions at its own moment; all that they waited for must come to an end, the gateway must
// live on, and must be able to end: whoever is left behind would keep it.
const endEach = (more, end, headersOf = () => ({})) =>
  withGateway(settings(more), async (gateway) => {
    const endOne = async (i) => {
      const { client, answered } = await begin(gateway, i, headersOf(i));
      await end(client, { gateway, answered, i });
      letGo();
      await answered;
      client.agent.destroy();
    };
    for (let round = 0; round < rounds; round += 1) {
      await Promise.all(Array.from({ length: together }, (_, i) => endOne(round * together + i)));
      letGo = () => {};
    }
    // Where sessions become idle soon, this one may too.
    const isServed = async () => {
      const client = new Client(gateway.url('one'), { headers: headersOf(together * rounds) });
      const answer = await client.open().then(() => client.call('echo', { text: 'still here' })).catch(() => ({}));
      client.agent.destroy();
      return answer.result?.content[0].text === 'still here';
    };
    await until(isServed, 'a call after all that');
    assert.deepEqual(await gateway.stop('SIGTERM'), { code: 0, signal: null });
  });

test('sessions may be deleted at any moment', () => endEach({}, remove));

test('clients may drop their connections at any moment', () =>
  endEach({ sessions: { idle_timeout: '300ms' } }, (client) => client.agent.destroy()));

test('the server may forget sessions at any moment', () =>
  endEach({}, async (client) => {
    upstream.sessions.clear();
    await client.call('echo', { text: 'x' }).catch(() => {});
    await remove(client);
  }));

test('the way to a server may change at any moment', () =>
  endEach({}, async (client, { gateway, i }) => {
    gateway.configure(settings({ upstreams: upstreams({ 'x-turn': `${i}` }) }));
    gateway.reload();
    await sleep(moment(i));
    await remove(client);
  }));

test('tokens may go at any moment', async () => {
  const line = (i) => `n${i}:sha256:${createHash('sha256').update(`token-of-${i}`).digest('hex')}\n`;
  const left = new Set(Array.from({ length: together * rounds + 1 }, (_, i) => i));
  const file = scratchFile('tokens', [...left].map(line).join(''));
  const withoutToken = async (client, { gateway, i }) => {
    left.delete(i);
    replaceFile(file, [...left].map(line).join(''));
    gateway.reload();
    await until(async () => (await statusOf(client)) === 401, 'the end of the token');
  };
  await endEach({ auth: { tokens_file: file } }, withoutToken, (i) => ({ authorization: `Bearer token-of-${i}` }));
});

test('sessions may become idle at any moment', () =>
  endEach({ sessions: { idle_timeout: '200ms' } }, async (client, { answered }) => {
    letGo();
    await answered;
    const isGone = async () => {
      await sleep(1300); // To ask makes it busy again.
      return (await statusOf(client)) === 404;
    };
    await until(isGone, 'the end of the session', 30_000);
  }));

test('the gateway may end at any moment', async () => {
  for (let round = 0; round < rounds; round += 1) {
    await withGateway(settings(), async (gateway) => {
      const clients = [];
      const endOf = async (i) => {
        const { client, answered } = await begin(gateway, i);
        clients.push(client);
        await answered;
      };
      const all = Array.from({ length: together }, (_, i) => endOf(round * together + i).catch(() => {}));
      await Promise.race([Promise.all(all), sleep(40 + moment(round))]);
      assert.deepEqual(await gateway.stop('SIGTERM'), { code: 0, signal: null });
      letGo();
      await Promise.all(all);
      for (const client of clients) client.agent.destroy();
    });
  }
});
