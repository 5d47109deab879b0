// The demonstration behind `make demo`: two real MCP servers behind one gateway on its defaults, a stock client
// that calls a tool of each, and the lines to paste into a client's configuration. Serves until Ctrl-C;
// with DEMO_ONCE=1 it ends after the calls. Ends only the processes that it started.
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { binary, root } from '../tests/e2e/lib/gateway.mjs';
import { start } from '../tests/e2e/lib/process.mjs';
import { filesystemCommand, startEverything } from '../tests/e2e/lib/servers.mjs';
import { loadSdk } from '../tests/kit/clients/sdk.mjs';

const folder = path.join(root, 'build/demo');
const files = path.join(folder, 'files');
const configuration = path.join(folder, 'mcp.json');
const started = [];

const isFree = (port) =>
  new Promise((resolve) => {
    const probe = net.createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });

async function startServers() {
  fs.mkdirSync(files, { recursive: true });
  fs.writeFileSync(path.join(files, 'hello.txt'), 'Hello from a file that the filesystem server reads.\n');
  const everything = await startEverything();
  started.push(everything.process);
  const mcpServers = {
    everything: { type: 'http', url: everything.url },
    files: filesystemCommand(files),
  };
  fs.writeFileSync(configuration, `${JSON.stringify({ mcpServers }, null, 2)}\n`);
}

async function startGateway() {
  // The default address, unless something else has it.
  const listen = (await isFree(8080)) ? [] : ['--listen', '127.0.0.1:0'];
  const gateway = start(binary, ['serve', '--mcp-servers', configuration, ...listen], { name: 'bascule' });
  started.push(gateway);
  const [, address] = await gateway.find(/^listening on (\S+)$/m);
  gateway.ended.then(({ code }) => stop(`the gateway ended (${code}):\n${gateway.output}`));
  return `${address}/mcp`;
}

async function showCalls(url) {
  const { Client, StreamableHTTPClientTransport } = await loadSdk();
  const client = new Client({ name: 'demo', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  const { tools } = await client.listTools();
  console.log(`\n${tools.length} tools of 2 servers behind ${url}`);
  for (const [name, given] of [
    ['everything-get-sum', { a: 2, b: 40 }],
    ['files-read-text-file', { path: path.join(files, 'hello.txt') }],
  ]) {
    const result = await client.callTool({ name, arguments: given });
    const [{ text }] = result.content;
    console.log(`  ${name} ${JSON.stringify(given)}\n    -> ${text.trim()}`);
    if (result.isError) throw new Error(`${name} failed`);
  }
  await client.close();
}

function showHowToConnect(url) {
  const entry = { mcpServers: { bascule: { type: 'http', url } } };
  console.log(`
Paste this into your client's configuration (VS Code calls the key "servers"):

  ${JSON.stringify(entry)}

or run:  claude mcp add --transport http bascule ${url}

The servers behind it are named in ${path.relative(process.cwd(), configuration)}.`);
}

let isStopping = false;

async function stop(problem) {
  if (isStopping) return;
  isStopping = true;
  if (problem) console.error(`demo: ${problem}`);
  // The gateway first: it ends the sessions that it has with the servers.
  for (const each of started.reverse()) await each.stop().catch(() => {});
  process.exit(problem ? 1 : 0);
}

process.on('SIGINT', () => stop());
process.on('SIGTERM', () => stop());

try {
  await startServers();
  const url = await startGateway();
  await showCalls(url);
  showHowToConnect(url);
  if (process.env.DEMO_ONCE) await stop();
  console.log('\nServing until Ctrl-C.');
  setInterval(() => {}, 1 << 30);
} catch (error) {
  await stop(error.stack);
}
