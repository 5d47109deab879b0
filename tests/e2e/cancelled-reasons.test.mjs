// The reason with which one side takes a request back reaches the other, whatever transport and revision they speak.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { startGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { scratchFile } from './lib/scratch.mjs';
import { stdioCommand } from './lib/servers.mjs';
import { startSseServer } from './lib/sse-server.mjs';
import { StatelessClient } from './lib/stateless-client.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

const question = { message: 'Name?', requestedSchema: { type: 'object', properties: {} } };
const why = 'the "form" has changed: größe';
const records = { stdio: scratchFile('stdio', ''), modern: scratchFile('modern', '') };
const lines = (file) => fs.readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));

let http, sse, gateway, impatient;
let regretted; // A call in which the HTTP server has asked.
// What each server was told.
const told = {
  http: () => [...http.calls, ...http.notes],
  sse: () => sse.messages,
  stdio: () => lines(records.stdio),
  modern: () => lines(records.modern),
};

before(async () => {
  http = await startUpstream({
    tools: {
      echo: () => text('here'),
      sleep: () => new Promise(() => {}),
      begin: (call) => call.emit({ method: 'notifications/message', params: { level: 'error', data: 1 } }),
      break({ response }) {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end('id: 1\nretry: 60000\ndata:\n\n');
      },
      // Asks, and the second takes the question back.
      ask(call) {
        regretted = call;
        call.ask('elicitation/create', question);
      },
      regret() {
        regretted.emit({ method: 'notifications/cancelled', params: { requestId: `ask-${http.asked}`, reason: why } });
        return text('regretted');
      },
    },
  });
  sse = await startSseServer({
    echo: () => text('here'),
    sleep: () => undefined,
    ask: (_, { write }) => void write({ id: 'asked', method: 'elicitation/create', params: question }),
    regret(_, { write }) {
      write({ method: 'notifications/cancelled', params: { requestId: 'asked', reason: why } });
      return text('regretted');
    },
  });
  const upstreams = {
    http: { url: http.url },
    sse: { url: sse.url, transport: 'sse' },
    stdio: stdioCommand({ RECORD: records.stdio }),
    modern: stdioCommand({ RECORD: records.modern, STATELESS: '1' }),
  };
  gateway = await startGateway({ upstreams });
  impatient = await startGateway({ upstreams, timeouts: { call: '1s' } });
});
after(async () => {
  await gateway.kill();
  await impatient?.kill();
  await http.stop();
  await sse.stop();
});

// Begins a call of `sleep`, has it taken back by `cancel` once it is at the server, and returns what that was told.
async function cancelled(server, call, cancel) {
  const isCall = ({ method, params }) => method === 'tools/call' && params.name === 'sleep';
  const isCancellation = ({ method }) => method === 'notifications/cancelled';
  const [calls, cancellations] = [isCall, isCancellation].map((isIt) => () => told[server]().filter(isIt));
  const before = [calls().length, cancellations().length];
  const ended = call().catch(() => {});
  await until(() => calls().length > before[0], 'the call');
  await cancel();
  await until(() => cancellations().length > before[1], 'the cancellation');
  await ended;
  const { params } = cancellations().at(-1);
  assert.equal(params.requestId, calls().at(-1).id);
  return params.reason;
}

for (const server of ['http', 'sse', 'stdio', 'modern']) {
  test(`the reason of a client with a session reaches its server: ${server}`, async () => {
    const client = await new Client(gateway.url(server)).open();
    for (const [given, expected] of [
      ['the user "left"', 'the user "left"'],
      ['ß'.repeat(2000), 'ß'.repeat(512)],
      [7, 'the request was withdrawn'],
      [undefined, 'the request was withdrawn'],
    ]) {
      const call = () => client.call('sleep', {}, { id: 'mine' });
      const cancel = () => client.notify('notifications/cancelled', { requestId: 'mine', reason: given });
      assert.equal(await cancelled(server, call, cancel), expected);
    }
    await client.close();
  });

  test(`a stateless client that leaves cancels, and has no reason: ${server}`, async () => {
    const client = new StatelessClient(gateway.url(server));
    const reason = await cancelled(server, () => client.call('sleep'), () => client.close());
    assert.equal(reason, 'the request was withdrawn');
  });
}

// Where the time runs out: nothing has come, a stream has begun, or it has ended and is about to be resumed.
const runOut = {
  http: ['sleep', 'begin', 'break'],
  sse: ['sleep'],
  stdio: ['sleep'],
  modern: ['sleep'],
};
for (const [server, tools] of Object.entries(runOut)) {
  for (const tool of tools) {
    test(`a server is told that the time of a call has run out: ${server}, ${tool}`, async () => {
      const cancellations = () => told[server]().filter(({ method }) => method === 'notifications/cancelled');
      const client = await new Client(impatient.url(server)).open();
      // What the time of a call is spent on is the call, and not the start of a process.
      await until(async () => !/in time/.test(JSON.stringify(await client.call('echo'))), 'the session at the server', 30_000);
      const before = cancellations().length;
      const { result, error } = await client.call(tool);
      assert.match(result?.content?.[0].text ?? error.message, /did not answer in time/);
      await until(() => cancellations().length > before, 'the cancellation');
      assert.equal(cancellations().at(-1).params.reason, 'Upstream server did not answer in time');
      await client.close();
    });
  }
}

for (const server of ['http', 'sse', 'stdio']) {
  test(`the reason why a server takes its question back reaches the client: ${server}`, async () => {
    const client = await new Client(gateway.url(server), { capabilities: { elicitation: {} } }).open();
    const heard = [];
    client.take = async (message) => void heard.push(message);
    client.call('ask', {}, { id: 'asking' }).catch(() => {});
    const find = (method) => heard.find((message) => message.method === method);
    await until(() => find('elicitation/create'), 'the question');
    await client.call('regret');
    await until(() => find('notifications/cancelled'), 'the cancellation');
    const { params } = find('notifications/cancelled');
    assert.deepEqual(params, { requestId: find('elicitation/create').id, reason: why });
    await client.notify('notifications/cancelled', { requestId: 'asking' });
    await client.close();
  });
}
