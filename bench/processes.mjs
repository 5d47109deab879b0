// How many processes some clients need, how much memory those have, and how long a first call takes.
//   node bench/processes.mjs [BINARY]      default: build/release/bascule
// Four real servers over stdio, five clients that call each of them once; and a stateless server.
import fs from 'node:fs';
import path from 'node:path';

process.env.BASCULE = process.argv[2] ?? process.env.BASCULE ?? '';
const { Client } = await import('../tests/e2e/lib/client.mjs');
const { startGateway } = await import('../tests/e2e/lib/gateway.mjs');
const { childrenOf, until } = await import('../tests/e2e/lib/process.mjs');
const { scratchFolder } = await import('../tests/e2e/lib/scratch.mjs');
const { everythingCommand, filesystemCommand, stdioCommand } = await import('../tests/e2e/lib/servers.mjs');

const clientCount = 5;
const folder = scratchFolder();
const real = {
  everything: everythingCommand,
  'everything-2': everythingCommand,
  files: filesystemCommand(folder),
  'files-2': filesystemCommand(folder),
};

const residentOf = (pid) => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(path.join('/proc', `${pid}`, 'status'), 'utf8'))[1]);

// Waits until no process has come or gone for two seconds.
async function calm(gateway) {
  let last = '';
  let since = Date.now();
  await until(() => {
    const now = childrenOf(gateway.process.pid).join(' ');
    if (now !== last) since = Date.now();
    last = now;
    return Date.now() - since > 2000;
  }, 'processes that stay', 60_000);
}

async function measure(title, upstreams, tools, processes) {
  const gateway = await startGateway({ workers: 1, ...(processes && { processes }), upstreams });
  await until(() => (gateway.output.match(/ is ready/g) ?? []).length >= Object.keys(upstreams).length, 'all are listed', 60_000);
  await calm(gateway);
  const idle = childrenOf(gateway.process.pid).length;
  const clients = [];
  const times = [];
  for (let i = 0; i < clientCount; i++) {
    const client = await new Client(gateway.url()).open();
    clients.push(client);
    for (const [name, given] of tools) {
      const begin = performance.now();
      const answer = await client.call(name, given);
      times.push(performance.now() - begin);
      if (!answer.result || answer.result.isError) throw new Error(`${name}: ${JSON.stringify(answer)}`);
    }
    await calm(gateway);
  }
  const all = childrenOf(gateway.process.pid);
  const megabytes = all.map(residentOf).reduce((a, b) => a + b, 0) / 1024;
  times.sort((a, b) => a - b);
  const ms = times[Math.floor(times.length / 2)];
  console.log(`| ${title} | ${idle} | ${all.length} | ${megabytes.toFixed(0)} MiB | ${ms.toFixed(0)} ms |`);
  await gateway.kill();
}

const calls = [
  ['everything-echo', { message: 'a' }],
  ['everything-2-echo', { message: 'a' }],
  ['files-list-allowed-directories', {}],
  ['files-2-list-allowed-directories', {}],
];
console.log('| | processes without clients | with five | their memory | first call, median |\n|---|---|---|---|---|');
const only = process.argv[3];
if (only !== 'before') await measure('four servers with sessions, no spares', real, calls, { spares: 0 });
await measure('four servers with sessions', real, calls);
await measure('a stateless server', { one: stdioCommand({ STATELESS: '1' }) }, [['one-echo', { text: 'a' }]]);
