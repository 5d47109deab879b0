// Servers have resources that they do not list: what their results and tools name, and what their templates match beyond
// RFC 6570. Where all servers are one, each is read and subscribed to as at its server alone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { startGateway } from './lib/gateway.mjs';
import { StatelessClient } from './lib/stateless-client.mjs';
import { startUpstream } from './lib/upstream.mjs';

const capabilities = { tools: {}, resources: { subscribe: true } };
const view = 'ui://views/report.html';
const link = 'report://2026/11/28-77';

async function serve(name, { resources = [], templates = [], meta }) {
  const server = await startUpstream({ capabilities });
  server.page = () => ({ tools: [{ name: 'make', inputSchema: { type: 'object' }, ...(meta && { _meta: meta }) }] });
  server.tools.make = async () => ({ content: [{ type: 'resource_link', uri: link, name: 'your report' }] });
  server.methods['resources/list'] = async () => ({ resources: resources.map((uri) => ({ uri, name: uri })) });
  server.methods['resources/templates/list'] = async () => ({
    resourceTemplates: templates.map((uriTemplate) => ({ uriTemplate, name: uriTemplate })),
  });
  server.methods['resources/read'] = async ({ params }) => ({ contents: [{ uri: params.uri, text: `${name} has it` }] });
  server.methods['resources/subscribe'] = async () => ({});
  return server;
}

let reports, notes, gateway;
before(async () => {
  reports = await serve('reports', { resources: ['report://index'], meta: { ui: { resourceUri: view } } });
  notes = await serve('notes', {
    resources: ['memo://1', 'ui://notes/1'],
    templates: ['judgment://{slug*}', 'note://{title}'],
  });
  gateway = await startGateway({ upstreams: { reports: { url: reports.url }, notes: { url: notes.url } } });
});
after(async () => {
  await gateway?.kill();
  await reports.stop();
  await notes.stop();
});

const owners = {
  [link]: 'reports',
  [view]: 'reports',
  'judgment://uksc/2024/12': 'notes',
  'note://why?': 'notes',
  'note://a?b=c': 'notes',
  'note://x#y': 'notes',
};

test('a resource that no list has is read and subscribed to at the server that may have it', async () => {
  const client = await new Client(gateway.url()).open();
  const { result } = await client.request('tools/call', { name: 'reports-make', arguments: {} });
  assert.equal(result.content[0].uri, link);
  for (const [uri, owner] of Object.entries(owners)) {
    const read = await client.request('resources/read', { uri });
    assert.equal(read.result?.contents[0].text, `${owner} has it`, `${uri}: ${JSON.stringify(read)}`);
    assert.deepEqual((await client.request('resources/subscribe', { uri })).result, {}, uri);
  }
  await client.close();
});

test('a stateless client reads it as well', async () => {
  const client = new StatelessClient(gateway.url());
  for (const [uri, owner] of Object.entries(owners)) {
    const read = await client.request('resources/read', { uri });
    assert.equal(read.result?.contents[0].text, `${owner} has it`, `${uri}: ${JSON.stringify(read)}`);
  }
  client.close();
});

test('one that several servers may have is not found, and no server is asked', async () => {
  const client = await new Client(gateway.url()).open();
  await client.request('resources/list');
  const asked = () => [reports, notes].flatMap(({ bodies }) => bodies.filter(({ method }) => method === 'resources/read'));
  const before = asked().length;
  for (const uri of ['other://1', 'report', 'http://example.com/x']) {
    assert.equal((await client.request('resources/read', { uri })).error?.code, -32002, uri);
  }
  assert.equal(asked().length, before);
  await client.close();
});
