// A server of the Python SDK that asks its client by requests, and speaks both eras: each client gets what it gets
// directly.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { accepted, everyCapability, roots, sampled } from '../kit/clients/answers.mjs';
import { loadSdk } from '../kit/clients/sdk.mjs';
import { root, startGateway } from '../e2e/lib/gateway.mjs';
import { start } from '../e2e/lib/process.mjs';
import { StatelessClient } from '../e2e/lib/stateless-client.mjs';
import { python } from './install.mjs';

const command = path.join(python.servers, 'python');
const main = path.join(root, 'tests/real/asking_server.py');
const tools = { elicit: 'accept', sample: 'hi', roots: 'file:///tmp' };
let http, gateway;

before(async () => {
  http = start(command, [main, 'http'], { name: 'asking_server.py' });
  const [, url] = await http.find(/^(http:\S+)$/m, 30_000);
  gateway = await startGateway({ upstreams: { stdio: { command, args: [main] }, http: { url } } });
});
after(async () => {
  await gateway?.kill();
  await http.stop('SIGKILL');
});

for (const server of ['stdio', 'http']) {
  test(`a client with a session is asked by tools of the Python SDK (${server})`, async () => {
    const { Client, StreamableHTTPClientTransport, types } = await loadSdk();
    const client = new Client({ name: 'stock', version: '1' }, { capabilities: everyCapability });
    client.setRequestHandler(types.ListRootsRequestSchema, async () => roots);
    client.setRequestHandler(types.CreateMessageRequestSchema, async () => sampled);
    client.setRequestHandler(types.ElicitRequestSchema, async ({ params }) => accepted(params));
    await client.connect(new StreamableHTTPClientTransport(new URL(gateway.url(server))));
    for (const [name, wanted] of Object.entries(tools)) {
      assert.equal((await client.callTool({ name })).content[0].text, wanted, name);
    }
    await client.close();
  });

  test(`a stateless client is told by them what it is told directly (${server})`, async () => {
    const client = new StatelessClient(gateway.url(server), { capabilities: everyCapability });
    assert.match((await client.call('elicit')).error.message, /no back-channel/);
    client.close();
  });
}
