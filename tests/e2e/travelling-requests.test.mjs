// A request whose parts belong to different workers comes to an answer, and does not travel between them for ever.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freshConnections } from './lib/client.mjs';
import { withGateway } from './lib/gateway.mjs';
import { within } from './lib/process.mjs';
import { StatelessClient } from './lib/stateless-client.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

const tools = {
  async ask(call) {
    const reply = await call.ask('elicitation/create', { message: '?', requestedSchema: { type: 'object' } });
    return text(reply.result?.action ?? 'error');
  },
};

test('a requestState of one worker beside the session id of another', async () => {
  const upstream = await startUpstream({ tools });
  await withGateway({ workers: 2, upstreams: { one: { url: upstream.url } } }, async (gateway) => {
    const client = new StatelessClient(gateway.url('one'), {
      capabilities: { elicitation: {} },
      agent: freshConnections(),
    });
    // Each worker has accepted some of so many connections.
    for (let turn = 0; turn < 8; turn += 1) {
      const { result } = await client.call('ask');
      const [key] = Object.keys(result.inputRequests);
      const retry = { state: result.requestState, answers: { [key]: { action: 'accept', content: {} } } };
      for (const worker of [0, 1]) {
        client.extraHeaders = { 'mcp-session-id': `0-${worker}-${'x'.repeat(32)}` };
        const answer = await within(10_000, client.call('ask', {}, retry), 'an answer');
        // The first is the answer to the call; for the second the state has been used.
        if (worker === 0) assert.equal(answer.result?.content[0].text, 'accept', answer.body);
        else assert.equal(answer.error?.code, -32602, answer.body);
      }
      client.extraHeaders = {};
    }
    client.close();
  });
  await upstream.stop();
});
