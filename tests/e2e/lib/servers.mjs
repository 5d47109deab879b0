// Real MCP servers of other people, and the kit's fixture, as processes.
import path from 'node:path';
import { root } from './gateway.mjs';
import { start } from './process.mjs';

export const kit = path.join(root, 'tests/kit');
const modules = path.join(kit, 'node_modules');
const preload = (name) => ['--import', path.join(kit, 'tools', name)];

const everythingMain = path.join(modules, '@modelcontextprotocol/server-everything/dist/index.js');
const filesystemMain = path.join(modules, '@modelcontextprotocol/server-filesystem/dist/index.js');

// server-everything over Streamable HTTP: { process, port, url }.
export async function startEverything(transport = 'streamableHttp') {
  const preloads = [...preload('bind-local.mjs'), ...preload('announce-port.mjs')];
  const server = start(process.execPath, [...preloads, everythingMain, transport], {
    env: { PORT: '0' },
    name: 'server-everything',
  });
  const port = Number((await server.find(/^listening on port (\d+)$/m))[1]);
  const place = transport === 'sse' ? 'sse' : 'mcp';
  return { process: server, port, url: `http://127.0.0.1:${port}/${place}` };
}

// An example server of the SDK of 2025-03-26: it answers by JSON only, and has no GET stream.
export async function startOldServer() {
  const main = path.join(modules, 'sdk-2025-03-26/dist/esm/examples/server/jsonResponseStreamableHttp.js');
  const preloads = ['bind-local.mjs', 'any-port.mjs', 'announce-port.mjs'].flatMap(preload);
  const server = start(process.execPath, [...preloads, main], { name: 'old server' });
  const port = Number((await server.find(/^listening on port (\d+)$/m))[1]);
  return { process: server, port, url: `http://127.0.0.1:${port}/mcp` };
}

// How an mcpServers file, or `upstreams` in bascule.yaml, names these servers over stdio.
export const everythingCommand = { command: process.execPath, args: [everythingMain, 'stdio'] };
export const filesystemCommand = (folder) => ({
  command: process.execPath,
  args: [filesystemMain, folder],
});

// The kit's fixture: { process, port, url }.
export async function startFixture(era = 'legacy', env = {}) {
  const server = start(process.execPath, [path.join(kit, 'fixture/server.mjs')], {
    env: { PORT: '0', ERA: era, ...env },
    name: 'fixture',
  });
  const [, url, port] = await server.find(/(http:\/\/127\.0\.0\.1:(\d+)\/mcp)/);
  return { process: server, port: Number(port), url };
}

// The kit's server of both eras (fixture/both-eras.mjs): over stdio, as an upstream; or over HTTP, as `kind` has it.
const bothErasMain = path.join(kit, 'fixture/both-eras.mjs');
export const bothErasCommand = (env = {}) => ({ command: process.execPath, args: [bothErasMain, 'stdio'], env });
export async function startBothEras(kind, env = {}) {
  const server = start(process.execPath, [bothErasMain, kind], { env, name: `both eras, ${kind}` });
  return { process: server, url: (await server.find(/(http:\/\/127\.0\.0\.1:\d+\/mcp)/))[1] };
}

// The stdio server of lib/stdio-server.mjs, as an upstream.
export const stdioCommand = (env = {}, more = {}) => ({
  command: process.execPath,
  args: [path.join(root, 'tests/e2e/lib/stdio-server.mjs'), ...(more.args ?? [])],
  env,
  ...Object.fromEntries(Object.entries(more).filter(([key]) => key !== 'args')),
});
