// How long until sixteen real servers over stdio are listed: started directly, all side by side, and by the gateway.
//   node bench/starts.mjs [BINARY]      default: build/release/bascule; ROUNDS=3
// The eight servers of tests/real (node tests/real/install.mjs), each twice. Direct: what any client of its own would do,
// `initialize` and `tools/list` over a pipe. Both ways in turn; medians and their ratio.
import { spawn } from 'node:child_process';
import readline from 'node:readline';

process.env.BASCULE = process.argv[2] ?? process.env.BASCULE ?? '';
const { startGateway } = await import('../tests/e2e/lib/gateway.mjs');
const { until } = await import('../tests/e2e/lib/process.mjs');
const { commands } = await import('../tests/real/servers.mjs');

const rounds = Number(process.env.ROUNDS ?? 3);
const servers = () => {
  const twice = [commands(), commands()].flatMap((each, i) => Object.entries(each).map(([name, at]) => [`${name}-${i + 1}`, at]));
  return Object.fromEntries(twice);
};

const initialize = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'bench', version: '1' },
};

// Starts one server, lists its tools, and answers with its process.
async function listDirectly({ command, args, env }) {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'ignore'] });
  const send = (message) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  send({ id: 1, method: 'initialize', params: initialize });
  for await (const line of readline.createInterface({ input: child.stdout })) {
    const { id } = JSON.parse(line);
    if (id === 1) {
      send({ method: 'notifications/initialized' });
      send({ id: 2, method: 'tools/list' });
    }
    if (id === 2) return child;
  }
  throw new Error(`${command} ended before it listed its tools`);
}

async function direct() {
  const begin = performance.now();
  const children = await Promise.all(Object.values(servers()).map(listDirectly));
  const time = performance.now() - begin;
  for (const child of children) child.kill('SIGKILL');
  return time;
}

async function throughGateway() {
  const upstreams = servers();
  const begin = performance.now();
  const gateway = await startGateway({ workers: 2, upstreams });
  const ready = () => (gateway.output.match(/ is ready/g) ?? []).length;
  await until(() => ready() >= Object.keys(upstreams).length, 'all are listed', 300_000);
  const time = performance.now() - begin;
  await gateway.kill();
  return time;
}

const median = (times) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
const times = { direct: [], gateway: [] };
for (let i = 0; i < rounds; i++) {
  times.direct.push(await direct());
  times.gateway.push(await throughGateway());
}
const [a, b] = [median(times.direct), median(times.gateway)];
console.log(`sixteen servers are listed: directly ${(a / 1000).toFixed(1)} s, by the gateway ${(b / 1000).toFixed(1)} s, ratio ${(b / a).toFixed(2)}`);
