// Stock clients, and what they see of servers. A target is { url } or { command, args, env }.
import path from 'node:path';
import { everyPage, loadSdk, loadSdkV2, sdkOf } from '../kit/clients/sdk.mjs';
import { run } from '../e2e/lib/process.mjs';
import { root } from '../e2e/lib/gateway.mjs';
import { scratchFolder } from '../e2e/lib/scratch.mjs';
import { python as installed } from './install.mjs';

const attempt = (request) => request.catch(({ code, message }) => ({ error: { code, message } }));

async function inTurn(requests, make) {
  const outcomes = [];
  for (const request of requests ?? []) outcomes.push(await attempt(make(request)));
  return outcomes;
}

// A server may refuse a list that belongs to what it declared; the gateway lists nothing then, as clients take it too.
const listed = (list, member) =>
  everyPage(list, member).catch((error) => {
    if (error.code !== -32601) throw error;
    return [];
  });

async function lookWith(client, transport, { calls, reads, prompts }) {
  await client.connect(transport);
  const has = client.getServerCapabilities();
  const seen = { tools: await everyPage((cursor) => client.listTools({ cursor }), 'tools') };
  if (has.prompts) seen.prompts = await everyPage((cursor) => client.listPrompts({ cursor }), 'prompts');
  if (has.resources) {
    seen.resources = await everyPage((cursor) => client.listResources({ cursor }), 'resources');
    seen.templates = await listed((cursor) => client.listResourceTemplates({ cursor }), 'resourceTemplates');
  }
  seen.calls = await inTurn(calls, ([name, given]) => client.callTool({ name, arguments: given }));
  seen.reads = await inTurn(reads, (uri) => client.readResource({ uri }));
  seen.gets = await inTurn(prompts, ([name, given]) => client.getPrompt({ name, arguments: given }));
  await client.close();
  return seen;
}

const who = { name: 'real', version: '1' };

function sessionEra(sdk) {
  return async (target, asked) => {
    const { Client, StreamableHTTPClientTransport } = await loadSdk(sdk);
    const { StdioClientTransport } = await import(path.join(root, `tests/kit/node_modules/${sdk}/dist/esm/client/stdio.js`));
    const transport = target.url
      ? new StreamableHTTPClientTransport(new URL(target.url))
      : new StdioClientTransport({ ...target, stderr: 'ignore' });
    return lookWith(new Client(who), transport, asked);
  };
}

async function v2(target, asked) {
  const { Client, StreamableHTTPClientTransport } = await loadSdkV2();
  const { StdioClientTransport } = await import(path.join(root, 'tests/kit/node_modules/@modelcontextprotocol/client/dist/stdio.mjs'));
  const transport = target.url
    ? new StreamableHTTPClientTransport(new URL(target.url))
    : new StdioClientTransport({ ...target, stderr: 'ignore' });
  return lookWith(new Client(who, { versionNegotiation: { mode: 'auto' } }), transport, asked);
}

async function python(targets, asked) {
  const given = {};
  for (const [name, target] of Object.entries(targets)) {
    given[name] = { env: {}, reads: [], prompts: [], ...target, ...asked[name] };
  }
  const script = path.join(root, 'tests/real/look.py');
  const command = path.join(installed.servers, 'python');
  const ran = await run(command, [script, JSON.stringify(given)], { ms: 120_000 });
  if (ran.code !== 0) throw new Error(ran.output);
  return JSON.parse(ran.stdout);
}

// All servers at the same time.
const ofEach = (look) => async (targets, asked) => {
  const looks = Object.entries(targets).map(async ([name, target]) => [name, await look(target, asked[name])]);
  return Object.fromEntries(await Promise.all(looks));
};

// look(targets by name, what is asked by name) -> what is seen by name
export const clients = {
  python,
  'typescript-v2': ofEach(v2),
  'typescript-2025-11-25': ofEach(sessionEra(sdkOf['2025-11-25'])),
};

// The Inspector's command line does one thing each time.
export async function inspect(target, ...asked) {
  const main = path.join(root, 'tests/kit/node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js');
  const variables = Object.entries(target.env ?? {}).flatMap(([key, value]) => ['-e', `${key}=${value}`]);
  const server = target.url ? ['--server-url', target.url, '--transport', 'http'] : [...variables, target.command, ...target.args];
  const env = { HOME: scratchFolder() };
  const ran = await run(process.execPath, [main, '--cli', ...server, '--format', 'json', '-q', ...asked], { env });
  if (ran.code !== 0) throw new Error(ran.output);
  return JSON.parse(ran.stdout).result;
}
