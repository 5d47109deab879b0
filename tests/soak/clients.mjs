// What the clients of the soak do: each behaviour is one visit, from connecting to leaving. What a visit is answered
// may be an error, since servers fail meanwhile; that it is answered is what counts.
import { Client, send } from '../e2e/lib/client.mjs';
import { connect, requestText } from '../e2e/lib/raw-http.mjs';
import { StatelessClient } from '../e2e/lib/stateless-client.mjs';
import { accept } from './upstreams.mjs';

const named = ['forgetful', 'restarting', 'changing', 'modern', 'child'];

// Every set of what a client can be asked.
const capabilitiesOf = (number) => ({
  ...(number & 1 && { roots: { listChanged: true } }),
  ...(number & 2 && { sampling: {} }),
  ...(number & 4 && { elicitation: {} }),
});

const open = (gateway, number, keep) => keep(new Client(gateway.url(), { capabilities: capabilitiesOf(number) })).open();

const toolOf = (number, tool) => `${named[number % named.length]}-${tool}`;

// Leaves without a word, as most clients do.
const drop = (client) => client.agent.destroy();

async function callAndDelete(gateway, number, keep) {
  const client = await open(gateway, number, keep);
  await client.request('tools/list');
  await client.call(toolOf(number, 'echo'), { text: 'a' });
  await client.call('changing-large', { size: 200_000 });
  await client.close();
}

async function callAndDrop(gateway, number, keep) {
  const client = await open(gateway, number, keep);
  await client.hear();
  await client.call(toolOf(number, 'echo'), { text: 'a' });
  client.stream.destroy();
  drop(client);
}

// Deletes its session while a call runs.
async function deleteUnderWay(gateway, number, keep) {
  const client = await open(gateway, number, keep);
  const running = client.call(toolOf(number, 'slow'), {}, { meta: { progressToken: 1 } }).catch(() => {});
  await client.close();
  await running;
}

async function cancel(gateway, number, keep) {
  const client = await open(gateway, number, keep);
  const response = await client.post({
    jsonrpc: '2.0', id: 77, method: 'tools/call', params: { name: toolOf(number % 4, 'hang'), arguments: {} },
  });
  await client.notify('notifications/cancelled', { requestId: 77, reason: 'soak' });
  for await (const part of response) if (part.length === 0) break;
  await client.close();
}

async function subscribe(gateway, number, keep) {
  const client = await open(gateway, number, keep);
  await client.hear();
  await client.request('resources/subscribe', { uri: 'test://watched' });
  if (number % 2) await client.request('resources/unsubscribe', { uri: 'test://watched' });
  client.stream.destroy();
  drop(client);
}

async function answerQuestions(gateway, number, keep) {
  const client = keep(new Client(gateway.url(), { capabilities: { elicitation: {} } }));
  client.answerers['elicitation/create'] = () => accept;
  await client.open();
  await client.call(toolOf(number % 3, 'ask'));
  drop(client);
}

async function stateless(gateway, number, keep) {
  const client = keep(new StatelessClient(gateway.url(), { capabilities: capabilitiesOf(number) }));
  await client.request('server/discover');
  await client.request('tools/list');
  await client.call(toolOf(number, 'echo'), { text: 'a' });
  const listening = await client.listen({ toolsListChanged: true, resourceSubscriptions: ['test://watched'] });
  await listening.next();
  listening.close();
  client.close();
}

// Asks, and comes back with the answer, or does not.
async function park(gateway, number, keep) {
  const client = keep(new StatelessClient(gateway.url(), { capabilities: { elicitation: {} } }));
  const name = toolOf(number % 4, 'ask');
  const { result } = await client.call(name);
  if (number % 3 && result?.resultType === 'input_required') {
    const answers = Object.fromEntries(Object.keys(result.inputRequests ?? {}).map((key) => [key, accept]));
    await client.call(name, {}, { answers, state: result.requestState });
  }
  client.close();
}

async function leaveUnderWay(gateway, number, keep) {
  const client = keep(new StatelessClient(gateway.url()));
  const response = await client.post('tools/call', { name: toolOf(number % 4, 'slow'), arguments: {} }, { meta: { progressToken: 1 } });
  response.destroy();
  client.close();
}

// What is refused, on one connection.
async function sendRefused(gateway) {
  const { port } = gateway;
  const connection = await connect(port);
  const json = ['Content-Type: application/json', 'Accept: application/json, text/event-stream'];
  const refused = [
    { method: 'GET', path: '/nowhere' },
    { headers: ['Content-Type: text/plain'], body: 'x' },
    { headers: [...json, 'Mcp-Session-Id: none'], body: '{"jsonrpc":"2.0","id":1,"method":"ping"}' },
    { headers: json, body: '{"jsonrpc":' },
    { headers: [...json, 'MCP-Protocol-Version: 1999-01-01'], body: '{"jsonrpc":"2.0","id":1,"method":"ping"}' },
  ];
  for (const each of refused) {
    connection.send(requestText({ port, ...each }));
    const response = await connection.response();
    if (!(response?.status >= 400)) throw new Error(`not refused: ${response?.status} ${JSON.stringify(each)}`);
  }
  connection.close();
}

// Leaves while its answer is written.
async function readSlowly(gateway, number, keep) {
  const client = await open(gateway, number, keep);
  const message = { jsonrpc: '2.0', id: 5, method: 'tools/call', params: { name: 'changing-large', arguments: { size: 2_000_000 } } };
  const response = await send(client.url, { headers: client.headers, body: JSON.stringify(message), agent: client.agent });
  response.destroy();
  drop(client);
}

// However a visit ends, its clients are gone then: an error on its way is no reason to stay.
const leaving = (visit) => {
  const whole = async (gateway, number) => {
    const clients = [];
    const keep = (client) => {
      clients.push(client);
      return client;
    };
    try {
      await visit(gateway, number, keep);
    } finally {
      for (const client of clients) {
        client.stream?.destroy();
        drop(client);
      }
    }
  };
  return Object.defineProperty(whole, 'name', { value: visit.name });
};

export const visits = [
  callAndDelete, callAndDrop, deleteUnderWay, cancel, subscribe, answerQuestions, stateless, park, leaveUnderWay,
  sendRefused, readSlowly,
].map(leaving);
