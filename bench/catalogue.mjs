// What a large catalogue costs: the start, a change of one small server, and memory.
//   node bench/catalogue.mjs [--tools 100000] [--servers 1000] [--check]      BASCULE=build/release/bascule
// --check ends with 1 when a figure is over its bound. While a server changes, pings are sent one after the other to each
// worker; the longest of them is the longest that a loop can have stood still. What the machine itself adds is measured as
// well, without a change.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import readline from 'node:readline';
import { parseArgs } from 'node:util';
import { Client } from '../tests/e2e/lib/client.mjs';
import { startGateway } from '../tests/e2e/lib/gateway.mjs';
import { until } from '../tests/e2e/lib/process.mjs';

const options = {
  tools: { type: 'string', default: '100000' },
  servers: { type: 'string', default: '1000' },
  check: { type: 'boolean' },
};
const { values } = parseArgs({ options });
const [tools, servers] = [Number(values.tools), Number(values.servers)];
const each = Math.floor(tools / servers);
const workers = 2;
const changes = 20;
const bounds = {
  'start, CPU s': (3 * tools) / 100_000,
  'change, median ms': 200,
  'a ping longer than without, ms': 5,
  'KiB a tool over its bytes': 2,
};
const figures = {};

const proc = (pid, file) => fs.readFileSync(`/proc/${pid}/${file}`, 'utf8');
const cpu = (pid) => {
  const fields = proc(pid, 'stat').replace(/.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
};
const resident = (pid) => Number(/VmRSS:\s+(\d+)/.exec(proc(pid, 'status'))[1]) * 1024;
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

const program = new URL('catalogue-servers.mjs', import.meta.url).pathname;
const child = spawn(process.execPath, [program, servers, each], { stdio: ['pipe', 'pipe', 'inherit'] });
const { value: port } = await readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();

const upstreams = Object.fromEntries(
  Array.from({ length: servers }, (_, i) => [`s${i}`, { url: `http://127.0.0.1:${port}/${i}`, era: 'sessions' }]),
);
const begin = performance.now();
const gateway = await startGateway({ workers, upstreams, log: { access: false } });
const { pid } = gateway.process;
const empty = resident(pid);
const client = await new Client(gateway.url(), {}).open();

async function listAll() {
  const names = [];
  let bytes = 0;
  let cursor;
  do {
    const { result } = await client.request('tools/list', cursor ? { cursor } : {});
    bytes += JSON.stringify(result.tools).length;
    for (const { name } of result.tools) names.push(name);
    cursor = result.nextCursor;
  } while (cursor);
  return { names, bytes };
}

await until(() => (gateway.output.match(/ is ready/g) ?? []).length >= servers, 'all are listed', 120_000);
const ready = performance.now() - begin;
figures['start, wall s'] = ready / 1000;
figures['start, CPU s'] = cpu(pid);
const before = resident(pid);
const { names, bytes } = await listAll();
assert.equal(names.length, each * servers);
figures['list of all, bytes MB'] = bytes / 1e6;
figures['KiB a tool over its bytes'] = (before - empty - bytes) / tools / 1024;
figures['KiB a tool, with pages kept'] = (resident(pid) - empty - bytes) / tools / 1024;

// Pings on connections of their own, so that both workers have some.
let pinging = true;
let longest = 0;
async function ping() {
  const own = await new Client(gateway.url(), {}).open();
  while (pinging) {
    const sent = performance.now();
    await own.request('ping');
    longest = Math.max(longest, performance.now() - sent);
  }
}
const pings = Array.from({ length: 4 }, ping);

// As long as the machine itself makes them: nothing changes.
const quiet = [];
for (let i = 0; i < changes; i++) {
  longest = 0;
  await new Promise((resolve) => setTimeout(resolve, 30));
  quiet.push(longest);
}
figures['longest ping without change, median ms'] = median(quiet);

const times = [];
const stalls = [];
for (let i = 1; i <= changes; i++) {
  const server = (i * 37) % servers;
  longest = 0;
  const changed = performance.now();
  child.stdin.write(`change ${server}\n`);
  const name = `s${server}-new-${i}-2`;
  for (;;) {
    const answer = await client.request('tools/call', { name, arguments: {} });
    if (answer.result && !answer.result.isError) break;
    assert.ok(performance.now() - changed < 10_000, `${name} is not there: ${JSON.stringify(answer)}`);
  }
  times.push(performance.now() - changed);
  stalls.push(longest);
}
pinging = false;
await Promise.all(pings);
figures['change, median ms'] = median(times);
figures['longest ping, median ms'] = median(stalls);
figures['longest ping, worst ms'] = Math.max(...stalls);
figures['a ping longer than without, ms'] = Math.max(0, median(stalls) - median(quiet));

console.log(`${tools} tools of ${servers} servers, ${workers} workers`);
let isOver = false;
for (const [what, value] of Object.entries(figures)) {
  const bound = bounds[what];
  const over = bound !== undefined && value > bound;
  isOver ||= over;
  console.log(`  ${what.padEnd(40)} ${value.toFixed(2)}${bound === undefined ? '' : ` (at most ${bound})`}${over ? '  OVER' : ''}`);
}
await gateway.kill();
child.kill('SIGKILL');
process.exitCode = values.check && isOver ? 1 : 0;
