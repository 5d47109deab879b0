// The mcpServers file that people already have, in the forms in which they have it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { binary, startGatewayOnFile } from './lib/gateway.mjs';
import { run } from './lib/process.mjs';
import { scratchFile } from './lib/scratch.mjs';
import { stdioCommand } from './lib/servers.mjs';
import { startUpstream } from './lib/upstream.mjs';

let upstream;

before(async () => {
  upstream = await startUpstream();
});
after(() => upstream.stop());

async function toolsOf(file, env) {
  const gateway = await startGatewayOnFile(file, { env });
  const client = await new Client(gateway.url()).open();
  const { tools } = (await client.request('tools/list')).result;
  await client.close();
  await gateway.kill();
  return tools.map(({ name }) => name);
}

test('mcpServers with url and headers, command and args', async () => {
  const names = await toolsOf({
    mcpServers: { remote: { url: upstream.url, headers: { 'X-A': 'b' } }, local: stdioCommand() },
  });
  assert.ok(names.includes('remote-echo'));
  assert.ok(names.includes('local-echo'));
});

test('VS Code’s servers, with comments and trailing commas', async () => {
  const text = `{
    // what I use
    "servers": {
      "remote": { "type": "http", "url": "${upstream.url}", /* here */ },
    },
  }`;
  assert.deepEqual(await toolsOf(text), ['remote-echo']);
});

test('variables, in both spellings', async () => {
  const file = { mcpServers: { one: { url: 'http://127.0.0.1:${PORT}/mcp' }, two: { url: '${env:URL}' } } };
  const names = await toolsOf(file, { PORT: String(upstream.port), URL: upstream.url });
  assert.deepEqual(names, ['one-echo', 'two-echo']);
});

async function refusal(file) {
  const place = scratchFile('mcp.json', JSON.stringify(file, null, 1));
  const { code, output } = await run(binary, ['serve', '--mcp-servers', place, '--listen', '127.0.0.1:0']);
  assert.equal(code, 2, output);
  return output;
}

test('what cannot be had is refused by its name', async () => {
  assert.match(await refusal({ mcpServers: { a: { url: '${input:secret-key}' } } }), /secret-key/);
  assert.match(await refusal({ mcpServers: { a: { url: '${MISSING_VARIABLE}' } } }), /MISSING_VARIABLE/);
});

test('other keys get a slug, and two that give the same one are refused with both', async () => {
  const names = await toolsOf({ mcpServers: { 'My Server!': { url: upstream.url } } });
  assert.deepEqual(names, ['my-server-echo']);
  const clash = await refusal({ mcpServers: { 'My Server!': { url: 'http://a' }, 'my server': { url: 'http://b' } } });
  assert.match(clash, /mcp\.json:3.*mcp\.json:6/);
});
