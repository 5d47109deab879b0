// Many clients with the same JSON-RPC ids and progress tokens, many calls each at once, every call with progress
// and a question to its user: every message reaches its own call.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { startGateway } from './lib/gateway.mjs';
import { startUpstream } from './lib/upstream.mjs';

const clientCount = 64;
const callCount = Number(process.env.CALLS ?? 32); // Of each; fewer under the thread sanitizer.

let upstream, gateway;

// The mark names client and call; it stands in all that is sent, and the user's answer must bring it back.
async function work(call) {
  const { mark } = call.arguments;
  call.progress(1, mark);
  const { result } = await call.ask('elicitation/create', {
    message: mark,
    requestedSchema: { type: 'object', properties: { mark: { type: 'string' } } },
  });
  call.progress(2, mark);
  return { content: [{ type: 'text', text: `${mark} answered by ${result.content.mark}` }] };
}

before(async () => {
  upstream = await startUpstream({ tools: { work } });
  // So much is going on in this process that Node could close connections whose requests wait to be read.
  Object.assign(upstream.server, { keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 });
  gateway = await startGateway({
    upstreams: { one: { url: upstream.url } },
    workers: 2,
    // Clients and server are one process, which may take long for each of them. What opens a session has the time of a list.
    timeouts: Object.fromEntries(['call', 'list', 'connect', 'head', 'body', 'idle', 'write'].map((each) => [each, '200s'])),
  });
});
after(async () => {
  await gateway?.kill();
  await upstream.stop();
});

// One call: what came, in order, as short text.
async function oneCall(client, name, id) {
  const mark = `${name}/${id}`;
  const seen = [];
  const response = await client.post({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name: 'work', arguments: { mark }, _meta: { progressToken: id } },
  });
  const answer = await client.answer(response, id, (message) => {
    if (message.method === 'notifications/progress') {
      const { progressToken, progress, message: text } = message.params;
      seen.push(`progress ${progressToken} ${progress} ${text}`);
    } else if (message.method === 'elicitation/create') {
      seen.push(`question ${message.params.message}`);
    }
  });
  const whole = JSON.stringify(answer);
  assert.deepEqual(seen, [`progress ${id} 1 ${mark}`, `question ${mark}`, `progress ${id} 2 ${mark}`], whole);
  assert.equal(answer.result.content[0].text, `${mark} answered by ${mark} of ${name}`);
}

async function oneClient(number) {
  const name = `client-${number}`;
  const client = new Client(gateway.url('one'), { capabilities: { elicitation: {} } });
  client.answerers['elicitation/create'] = ({ message }) => ({
    action: 'accept',
    content: { mark: `${message} of ${name}` },
  });
  await client.open();
  await Promise.all(Array.from({ length: callCount }, (_, i) => oneCall(client, name, i + 1)));
  await client.close();
}

test(`${clientCount} clients, ${callCount} calls each at once`, { timeout: 240_000 }, async () => {
  await Promise.all(Array.from({ length: clientCount }, (_, i) => oneClient(i)));
  assert.equal(upstream.calls.length, clientCount * callCount);
});
