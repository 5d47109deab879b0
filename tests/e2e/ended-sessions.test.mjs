// A session ends while something of it is under way upstream.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, exchangeJson } from './lib/client.mjs';
import { startGateway, withGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

let upstream;
let gateway;
const started = new Map(); // Name of a call -> what waits for its start.
const goOn = new Map(); // Name of a call -> lets it end.

const begun = (name) => new Promise((resolve) => started.set(name, resolve));

// Tells that it has begun, and answers when it may.
async function held(call) {
  const { name } = call.arguments;
  const mayEnd = new Promise((resolve) => goOn.set(name, resolve));
  started.get(name)?.();
  await mayEnd;
  return text(`${name} ended`);
}

// Sends progress for as long as somebody hears it.
async function reports(call) {
  for (let i = 1; !call.response.destroyed; i += 1) {
    call.progress(i);
    if (i === 20) started.get(call.arguments.name)?.();
    await sleep(2);
  }
}

async function loses(call) {
  call.upstream.sessions.delete(call.session); // So that it refuses a ping in the same words.
  call.response.writeHead(404);
  call.response.end();
}

before(async () => {
  upstream = await startUpstream({
    tools: { echo: (call) => text(call.arguments.text), held, reports, loses },
    capabilities: { tools: {}, logging: {}, resources: { subscribe: true } },
  });
  upstream.methods['resources/subscribe'] = async () => ({});
  gateway = await startGateway({ streams: { sse_after: '0s' }, upstreams: { one: { url: upstream.url } } });
});

after(async () => {
  await gateway.kill();
  await upstream.stop();
});

const open = () => new Client(gateway.url('one'), { capabilities: { sampling: {} } }).open();

const end = (client) =>
  exchangeJson(client.url, { method: 'DELETE', headers: client.headers, agent: client.agent });

async function still() {
  const client = await open();
  const answer = await client.call('echo', { text: 'still here' });
  assert.equal(answer.result?.content[0].text, 'still here', JSON.stringify(answer));
  await end(client);
}

const firsts = {
  'a tool is called': ['tools/call', { name: 'echo', arguments: { text: 'x' } }],
  'a resource is subscribed to': ['resources/subscribe', { uri: 'x://y' }],
  'a log level is set': ['logging/setLevel', { level: 'debug' }],
};

for (const [what, [method, params]] of Object.entries(firsts)) {
  test(`a session may end milliseconds after ${what}, the first of it upstream`, async () => {
    for (let milliseconds = 0; milliseconds < 12; milliseconds += 1) {
      const client = await open();
      const answered = client.request(method, params).catch(() => {});
      await sleep(milliseconds);
      await end(client);
      await answered;
    }
    await still();
  });
}

test('a session may end while progress streams', async () => {
  for (let i = 0; i < 5; i += 1) {
    const client = await open();
    const isStreaming = begun(`reports ${i}`);
    const params = { name: 'reports', arguments: { name: `reports ${i}` }, _meta: { progressToken: 1 } };
    const answered = client.request('tools/call', params).catch(() => {});
    await isStreaming;
    await end(client);
    await answered;
  }
  await still();
});

test('calls under way keep their upstream session when the server refuses another call as lost', async () => {
  const client = await open();
  const others = Array.from({ length: 5 }, (_, i) => `kept ${i}`);
  const allBegun = Promise.all(others.map(begun));
  const answers = others.map((name) => client.call('held', { name }));
  await allBegun;
  const sessions = upstream.initialized.length;
  await client.call('loses');
  assert.equal((await client.call('echo', { text: 'new' })).result.content[0].text, 'new');
  assert.ok(upstream.initialized.length > sessions, 'a new call opened another session');
  for (const name of others) goOn.get(name)();
  for (const [i, answer] of (await Promise.all(answers)).entries()) {
    assert.equal(answer.result?.content[0].text, `${others[i]} ended`, JSON.stringify(answer));
  }
  await end(client);
  await still();
});

test('of 300 sessions that expire at once a server that takes one at a time hears the end of each', async () => {
  const opened = new Set();
  const ended = new Set();
  const slow = await startUpstream({ tools: { enter: (call) => text(`${opened.add(call.session).size}`) } });
  let turn = Promise.resolve();
  slow.onDelete = (session, response) => {
    turn = turn.then(() => sleep(12)).then(() => {
      if (!response.destroyed) response.end(() => ended.add(session));
    });
  };
  const settings = { sessions: { idle_timeout: '3s' }, upstreams: { one: { url: slow.url } } };
  await withGateway(settings, async (gateway) => {
    const enter = async () => {
      const client = await new Client(gateway.url('one')).open();
      await client.hear(); // Who listens is not idle.
      await client.call('enter');
      return client;
    };
    // Some at a time, so that none is idle before it listens.
    const clients = [];
    for (let i = 0; i < 15; i += 1) clients.push(...(await Promise.all(Array.from({ length: 20 }, enter))));
    assert.equal(opened.size, 300);
    for (const client of clients) {
      client.stream.destroy();
      client.agent.destroy();
    }
    await until(() => [...opened].every((each) => ended.has(each)), 'the end of all', 60_000);
  });
  await slow.stop();
});
