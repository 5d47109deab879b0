// Virtual servers and names.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { Client } from './lib/client.mjs';
import { withGateway } from './lib/gateway.mjs';
import { startFixture } from './lib/servers.mjs';
import { setting } from './lib/setting.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

let small, fixture, upstreams;

before(async () => {
  small = await startUpstream({ tools: { echo: (call) => text(call.arguments.text), other: () => text('other') } });
  fixture = await startFixture();
  upstreams = { small: { url: small.url }, fixture: { url: fixture.url } };
});
after(async () => {
  await small.stop();
  await fixture.process.stop('SIGKILL');
});

async function withServer(server, body) {
  return withGateway({ upstreams, servers: { chosen: server } }, async (gateway) => {
    const client = await new Client(gateway.url('chosen')).open();
    await body(client, gateway);
    await client.close();
  });
}

const listOf = async (client, method, kind, member = 'name') =>
  (await client.request(method)).result[kind].map((entry) => entry[member]);
const toolsOf = (client) => listOf(client, 'tools/list', 'tools');

setting('servers.ID.upstreams', () =>
  withServer({ upstreams: ['small'] }, async (client) => {
    assert.deepEqual(await toolsOf(client), ['small-echo', 'small-other']);
    assert.equal((await client.call('small-echo', { text: 'x' })).result.content[0].text, 'x');
    assert.equal((await client.call('fixture-test-simple-text')).error.code, -32602);
  }),
);

setting('servers.ID.tools', () =>
  withServer({ upstreams: ['small', 'fixture'], tools: ['small-echo', 'fixture-test-simple-text'] }, async (client) => {
    assert.deepEqual(await toolsOf(client), ['small-echo', 'fixture-test-simple-text']);
    assert.equal((await client.call('small-echo', { text: 'x' })).result.content[0].text, 'x');
    // Hidden and missing look the same.
    const [hidden, missing] = [await client.call('small-other'), await client.call('small-nothing')];
    assert.equal(hidden.error.code, -32602);
    assert.equal(hidden.error.message.replace('other', ''), missing.error.message.replace('nothing', ''));
  }),
);

setting('servers.ID.prompts', () =>
  withServer({ upstreams: ['fixture'], prompts: ['fixture-test-simple-prompt'] }, async (client) => {
    assert.deepEqual(await listOf(client, 'prompts/list', 'prompts'), ['fixture-test-simple-prompt']);
    const shown = await client.request('prompts/get', { name: 'fixture-test-simple-prompt' });
    assert.ok(shown.result.messages);
    const hidden = await client.request('prompts/get', { name: 'fixture-test-prompt-with-image' });
    assert.equal(hidden.error.code, -32602);
  }),
);

setting('servers.ID.resources', () =>
  withServer({ upstreams: ['fixture'], resources: ['test://static-text'] }, async (client) => {
    assert.deepEqual(await listOf(client, 'resources/list', 'resources', 'uri'), ['test://static-text']);
    assert.ok((await client.request('resources/read', { uri: 'test://static-text' })).result.contents);
    const hidden = await client.request('resources/read', { uri: 'test://static-binary' });
    assert.equal(hidden.error.code, -32002);
  }),
);

setting('servers.ID.names', async () => {
  await withServer({ upstreams: ['small'], names: 'plain' }, async (client) => {
    assert.deepEqual(await toolsOf(client), ['echo', 'other']);
    assert.equal((await client.call('echo', { text: 'x' })).result.content[0].text, 'x');
  });
});

setting('servers.ID.instructions', () =>
  withServer({ upstreams: ['small'], instructions: 'Echo first.' }, async (client) => {
    assert.equal(client.server.instructions, 'Echo first.');
  }),
);

setting('names.separator', async () => {
  for (const separator of ['-', '--', '_', '.']) {
    await withGateway({ names: { separator }, upstreams: { small: { url: small.url } } }, async (gateway) => {
      const client = await new Client(gateway.url()).open();
      assert.deepEqual(await toolsOf(client), [`small${separator}echo`, `small${separator}other`]);
      assert.equal((await client.call(`small${separator}echo`, { text: 'x' })).result.content[0].text, 'x');
      await client.close();
    });
  }
});
