// A tool that its server, one of 2025-11-25, runs as a task only: clients of revisions that have no such tasks call
// it as any other.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { startGateway } from './lib/gateway.mjs';
import { startEverything } from './lib/servers.mjs';
import { callToTheEnd, StatelessClient } from './lib/stateless-client.mjs';

const tool = 'simulate-research-query';
let server, gateway;

before(async () => {
  server = await startEverything();
  gateway = await startGateway({ upstreams: { everything: { url: server.url } } });
});
after(async () => {
  await gateway?.kill();
  await server?.process.stop('SIGKILL');
});

const assertReport = ({ result }) => {
  assert.match(result?.content[0].text, /Research Report/i);
  assert.equal(result._meta?.['io.modelcontextprotocol/related-task'], undefined);
};

test('a client of an older revision gets its result', async () => {
  const client = await new Client(gateway.url('everything'), { revision: '2025-06-18' }).open();
  assertReport(await client.call(tool, { topic: 'levers' }));
  await client.close();
});

test('a stateless client gets its result, and answers what it asks', async () => {
  const client = new StatelessClient(gateway.url('everything'), { capabilities: { elicitation: {} } });
  const asked = [];
  const answer = await callToTheEnd(client, tool, { topic: 'levers', ambiguous: true }, (method, params) => {
    asked.push([method, params._meta]);
    return { action: 'accept', content: { interpretation: 'technical' } };
  });
  assertReport(answer);
  assert.equal(answer.result.resultType, 'complete');
  assert.deepEqual(asked, [['elicitation/create', undefined]]);
  client.close();
});
