// The v2 stock client lists all that a server has, and shows what went over the wire.
//   node list-v2.mjs URL [auto|legacy|2026-07-28]
import { everyCapability } from './answers.mjs';
import { loadSdkV2 } from './sdk.mjs';

const [, , url, era = 'auto'] = process.argv;
const mode = era === 'auto' || era === 'legacy' ? era : { pin: era };
const { Client, StreamableHTTPClientTransport } = await loadSdkV2();

const wire = [];
async function observe(address, init) {
  const headers = new Headers(init?.headers);
  const body = init?.body ? JSON.parse(init.body) : undefined;
  const response = await fetch(address, init);
  const what = body ? (body.method ?? 'response') : '';
  const session = headers.get('mcp-session-id') ? 'yes' : 'no';
  wire.push(
    `${init?.method ?? 'GET'} ${what} version=${headers.get('mcp-protocol-version')} ` +
      `method=${headers.get('mcp-method')} name=${headers.get('mcp-name')} session=${session}` +
      ` -> ${response.status} ${response.headers.get('content-type')}`,
  );
  return response;
}

const client = new Client(
  { name: 'list-v2', version: '0' },
  { capabilities: everyCapability, versionNegotiation: { mode } },
);
const transport = new StreamableHTTPClientTransport(new URL(url), { fetch: observe });

async function list() {
  await client.connect(transport);
  console.log('era', client.getProtocolEra?.(), 'version', client.getNegotiatedProtocolVersion?.());
  console.log('server', JSON.stringify(client.getServerVersion?.()));
  const has = client.getServerCapabilities() ?? {};
  console.log('capabilities', JSON.stringify(has));
  if (has.tools) {
    const { tools, ttlMs, cacheScope, resultType, nextCursor } = await client.listTools();
    console.log('tools', tools.length, tools.map((tool) => tool.name).join(' '));
    console.log('envelope', JSON.stringify({ ttlMs, cacheScope, resultType, nextCursor }));
  }
  if (has.resources) {
    const { resources } = await client.listResources();
    console.log('resources', resources.map((resource) => resource.uri).join(' '));
    const { resourceTemplates } = await client.listResourceTemplates();
    console.log('templates', resourceTemplates.map((template) => template.uriTemplate).join(' '));
  }
  if (has.prompts) {
    const { prompts } = await client.listPrompts();
    console.log('prompts', prompts.map((prompt) => prompt.name).join(' '));
  }
}

let code = 0;
await list().catch((error) => {
  console.log('ERROR', error.name, error.code, error.message);
  code = 1;
});
for (const line of wire) console.log('wire', line);
await client.close().catch(() => {});
process.exit(code);
