// Two workers and a fresh connection for every request: whichever worker accepts one, the session is found.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, freshConnections, keepAlive } from './lib/client.mjs';
import { startGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { readEvents } from './lib/sse.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

let upstream, gateway;

const tools = {
  echo: (call) => text(call.arguments.text),
  async ask(call) {
    const { result } = await call.ask('elicitation/create', { message: 'go on?', requestedSchema: { type: 'object' } });
    return text(result.action);
  },
};

before(async () => {
  upstream = await startUpstream({ tools });
  gateway = await startGateway({ workers: 2, upstreams: { one: { url: upstream.url } } });
});
after(async () => {
  await gateway?.kill();
  await upstream.stop();
});

const open = (agent = freshConnections()) => {
  const client = new Client(gateway.url('one'), { agent, capabilities: { elicitation: {} } });
  client.answerers['elicitation/create'] = () => ({ action: 'accept', content: {} });
  return client.open();
};

test('requests', async () => {
  const clients = await Promise.all(Array.from({ length: 8 }, () => open()));
  for (let round = 0; round < 20; round++) {
    const answers = await Promise.all(clients.map((client, i) => client.call('echo', { text: `${i}/${round}` })));
    answers.forEach((answer, i) => assert.equal(answer.result?.content[0].text, `${i}/${round}`));
  }
  await Promise.all(clients.map((client) => client.close()));
});

test('answers to server requests', async () => {
  const clients = await Promise.all(Array.from({ length: 8 }, () => open()));
  for (const client of clients) {
    for (let round = 0; round < 5; round++) {
      assert.equal((await client.call('ask')).result.content[0].text, 'accept');
    }
    await client.close();
  }
});

test('the GET stream', async () => {
  const clients = await Promise.all(Array.from({ length: 8 }, () => open()));
  for (const client of clients) {
    await client.hear();
    await client.call('echo', { text: 'opens the upstream session' });
  }
  const hasHeard = (client) => client.heard.some(({ method }) => method === 'notifications/tools/list_changed');
  // The gateway's own streams upstream open when they open; until then nobody can hear anything.
  const isHeardByAll = () => {
    upstream.notify('notifications/tools/list_changed');
    return clients.every(hasHeard);
  };
  await until(isHeardByAll, 'list_changed at every client');
  await Promise.all(clients.map((client) => client.close()));
});

test('resumption', async () => {
  for (let round = 0; round < 8; round++) {
    const client = await open();
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'ask', arguments: {} } };
    const cut = await client.post(body);
    let last, asked;
    for await (const event of readEvents(cut)) {
      last = event.id ?? last;
      asked = event.data && JSON.parse(event.data);
      if (asked) break;
    }
    await client.take(asked);
    const answer = await client.answer(await client.listen(last), 1);
    assert.equal(answer.result.content[0].text, 'accept');
    await client.close();
  }
});

test('DELETE ends a session wherever it lives', async () => {
  for (let round = 0; round < 8; round++) {
    const client = await open();
    const { headers } = client;
    await client.close();
    client.extraHeaders = headers;
    const response = await client.post({ jsonrpc: '2.0', id: 1, method: 'ping' });
    response.resume();
    assert.equal(response.statusCode, 404);
  }
});

test('one connection that carries the sessions of many, as from a proxy in front', async () => {
  const agent = keepAlive();
  agent.maxSockets = 1;
  const clients = [];
  for (let i = 0; i < 6; i++) clients.push(await open());
  for (let round = 0; round < 10; round++) {
    for (const [i, client] of clients.entries()) {
      const answer = await client.call('echo', { text: `${i}/${round}` }, { agent });
      assert.equal(answer.result.content[0].text, `${i}/${round}`);
    }
  }
  for (const client of clients) await client.close();
  agent.destroy();
});
