// One endpoint in front of servers of all ages, and stock clients of all ages in front of it: each lists everything and
// calls every tool. `node tests/e2e/lib/union.mjs` prints the table for docs/protocol.md, and why tools failed.
import { fileURLToPath } from 'node:url';
import { accepted, everyCapability, roots, sampled } from '../../kit/clients/answers.mjs';
import { everyPage, loadSdk, loadSdkV2, sdkOf } from '../../kit/clients/sdk.mjs';
import { startGateway } from './gateway.mjs';
import { until } from './process.mjs';
import { startEverything, startFixture, startOldServer } from './servers.mjs';

export const servers = {
  fixture: ['fixture, 2025-11-25', () => startFixture('legacy')],
  stateless: ['fixture, 2026-07-28', () => startFixture('modern')],
  everything: ['server-everything, 2025-11-25', () => startEverything()],
  old: ['SDK 1.12.3, 2025-03-26', () => startOldServer()],
};

const elicits = 'elicitation/create';

async function oldClient(sdk) {
  const { Client, StreamableHTTPClientTransport, types } = await loadSdk(sdk);
  const client = new Client({ name: 'union', version: '1' }, { capabilities: everyCapability });
  // The oldest SDK has no schema for elicitation.
  const handle = (schema, answer) => schema && client.setRequestHandler(schema, answer);
  handle(types.ListRootsRequestSchema, async () => roots);
  handle(types.CreateMessageRequestSchema, async () => sampled);
  handle(types.ElicitRequestSchema, async ({ params }) => accepted(params));
  return { client, Transport: StreamableHTTPClientTransport };
}

async function newClient(mode) {
  const { Client, StreamableHTTPClientTransport } = await loadSdkV2();
  const client = new Client({ name: 'union', version: '1' }, { capabilities: everyCapability, versionNegotiation: { mode } });
  client.setRequestHandler('roots/list', async () => roots);
  client.setRequestHandler('sampling/createMessage', async () => sampled);
  client.setRequestHandler(elicits, async ({ params }) => accepted(params));
  return { client, Transport: StreamableHTTPClientTransport };
}

export const clients = {
  'SDK 1.12.3, 2025-03-26': () => oldClient(sdkOf['2025-03-26']),
  'SDK 1.22.0, 2025-06-18': () => oldClient(sdkOf['2025-06-18']),
  'SDK 1.32.2, 2025-11-25': () => oldClient(sdkOf['2025-11-25']),
  'SDK 2.4.0, 2025-11-25': () => newClient('legacy'),
  'SDK 2.4.0, 2026-07-28': () => newClient({ pin: '2026-07-28' }),
};

// What a tool is given where an example of its schema is not good enough, or slow. By its name without what the gateway
// makes of it.
const arguments_ = {
  'trigger-long-running-operation': { duration: 0.1, steps: 1 },
  'gzip-file-as-resource': { name: 'a.gz', data: 'data:text/plain,hello', outputType: 'resourceLink' },
  'get-resource-reference': { resourceType: 'Text', resourceId: 1 },
  'json-schema-2020-12-tool': { phone: '1', contactMethod: 'phone' },
  'slow-compute': { seconds: 0 },
};

function given({ name, inputSchema }, server) {
  const own = arguments_[name.slice(server.length + 1)];
  return own ?? accepted({ requestedSchema: { properties: pick(inputSchema) } }).content;
}

function pick({ properties = {}, required = [] }) {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => required.includes(name)));
}

// 'ok', or why not.
async function outcome(client, tool, server) {
  const result = await client.callTool({ name: tool.name, arguments: given(tool, server) }).catch((error) => error);
  if (result instanceof Error) return `error ${result.code ?? ''} ${result.message}`;
  return result.isError ? `isError ${result.content[0]?.text}` : 'ok';
}

// client -> server -> { tool: outcome }.
async function explore(url, connect) {
  const { client, Transport } = await connect();
  await client.connect(new Transport(new URL(url)));
  let tools;
  // Some of server-everything's tools come when it has heard of the client.
  await until(async () => {
    tools = await everyPage((cursor) => client.listTools({ cursor }), 'tools');
    const isThere = (server) => tools.some(({ name }) => name.startsWith(`${server}-`));
    return Object.keys(servers).every(isThere) && tools.some(({ name }) => name === 'everything-get-roots-list');
  }, 'everything-get-roots-list', 10_000).catch(() => {});
  const cells = {};
  for (const server of Object.keys(servers)) {
    cells[server] = {};
    for (const tool of tools.filter(({ name }) => name.startsWith(`${server}-`))) {
      cells[server][tool.name] = await outcome(client, tool, server);
    }
  }
  await client.close();
  return cells;
}

export async function exploreAll() {
  const started = {};
  for (const [name, [, start]] of Object.entries(servers)) started[name] = await start();
  const upstreams = Object.fromEntries(Object.entries(started).map(([name, { url }]) => [name, { url }]));
  const gateway = await startGateway({ upstreams });
  try {
    const found = {};
    for (const [name, connect] of Object.entries(clients)) found[name] = await explore(gateway.url(), connect);
    return found;
  } finally {
    await gateway.kill();
    for (const { process } of Object.values(started)) await process.stop('SIGKILL');
  }
}

export const failed = (cell) => Object.entries(cell).filter(([, said]) => said !== 'ok');

// How many of the tools that are listed give a result.
export function table(found) {
  const heads = Object.values(servers).map(([label]) => label);
  const lines = [`| client | ${heads.join(' | ')} |`, `|---|${heads.map(() => '---').join('|')}|`];
  for (const [client, cells] of Object.entries(found)) {
    const counts = Object.values(cells).map((cell) => {
      const all = Object.keys(cell).length;
      return `${all - failed(cell).length} of ${all}`;
    });
    lines.push(`| ${client} | ${counts.join(' | ')} |`);
  }
  return lines.join('\n');
}

// Those that do not.
export function others(found) {
  const by = new Map(); // Tool -> clients.
  for (const [client, cells] of Object.entries(found)) {
    for (const [tool] of Object.values(cells).flatMap(failed)) by.set(tool, [...(by.get(tool) ?? []), client]);
  }
  const groups = new Map(); // Clients -> tools.
  for (const [tool, who] of by) {
    const all = who.length === Object.keys(found).length ? 'all clients' : who.join('; ');
    groups.set(all, [...(groups.get(all) ?? []), `\`${tool}\``]);
  }
  const line = (who) => `- ${who}: ${groups.get(who).sort().join(', ')}`;
  return [...groups.keys()].sort().map(line).join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = await exploreAll();
  console.log(`${table(found)}\n\n${others(found)}`);
  for (const [client, cells] of Object.entries(found)) {
    for (const [tool, said] of Object.values(cells).flatMap(failed)) console.error(`${client}: ${tool}: ${said}`);
  }
  process.exit(0);
}
