// A user who thinks for longer than a call may take does not end the call, whatever transport its server speaks.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { startGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { stdioCommand } from './lib/servers.mjs';
import { startSseServer } from './lib/sse-server.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

const question = { message: 'Name?', requestedSchema: { type: 'object', properties: {} } };
const said = ({ result, error }) => text(error ? 'nobody answered' : result.action);
let http, sse, gateway;

before(async () => {
  http = await startUpstream({
    tools: {
      echo: () => text('here'),
      sleep: () => new Promise(() => {}),
      inquire: async (call) => said(await call.ask('elicitation/create', question)),
    },
  });
  sse = await startSseServer({
    echo: () => text('here'),
    sleep: () => undefined,
    inquire: async (_, { ask }) => said(await ask('elicitation/create', question)),
  });
  gateway = await startGateway({
    upstreams: { http: { url: http.url }, sse: { url: sse.url, transport: 'sse' }, stdio: stdioCommand({}) },
    timeouts: { call: '3s' },
  });
});
after(async () => {
  await gateway?.kill();
  await http?.stop();
  await sse?.stop();
});

// Reads on while its user thinks.
class Thinking extends Client {
  async take(message) {
    const taken = super.take(message);
    if (message.id === undefined) await taken;
  }
}

// Its user begins to think when so many questions are asked, and answers all of them when a call that was made since has
// ended for want of time. A call that is made between two questions may be what the second one is about, and waits for it.
async function openThinking(server, questions = 1) {
  const client = await new Thinking(gateway.url(server), { capabilities: { elicitation: {} } }).open();
  // The time of a call is spent on calls then, and not on the start of a process.
  await until(async () => !(await client.call('echo')).result.isError, 'the session at the server', 30_000);
  let asked = 0;
  let begin;
  const thought = new Promise((resolve) => (begin = resolve)).then(async () => {
    const { result } = await client.call('sleep');
    assert.match(result.content[0].text, /in time/);
  });
  client.answerers['elicitation/create'] = async () => {
    asked += 1;
    if (asked === questions) begin();
    await thought;
    return { action: 'decline' };
  };
  return client;
}

for (const server of ['http', 'sse', 'stdio']) {
  test(`the call of one that is asked goes on: ${server}`, { timeout: 90_000 }, async () => {
    const client = await openThinking(server);
    const { result } = await client.call('inquire');
    assert.equal(result.content[0].text, 'decline');
    await client.close();
  });
}

// All that such a server says comes on one stream, so it cannot be known which of the two asks.
for (const server of ['sse', 'stdio']) {
  test(`so do all calls that it may be asked for: ${server}`, { timeout: 90_000 }, async () => {
    const client = await openThinking(server, 2);
    await client.hear();
    const answers = await Promise.all([client.call('inquire'), client.call('inquire')]);
    assert.deepEqual(answers.map(({ result }) => result.content[0].text), ['decline', 'decline']);
    await client.close();
  });
}
