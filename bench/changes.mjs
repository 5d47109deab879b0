// What the n-th change of one server costs: time and memory must not grow with how many there have been.
//   node bench/changes.mjs [--changes 100000] [--check]      BASCULE=build/release/bascule
// Each change gives one of ten servers another header, is read by `reload` over the status socket, and is in effect when
// that answers. --check ends with 1 when the last thousand take over 1.5 times as long as the second thousand, or memory
// has grown by more than 4 MiB between the two.
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from '../tests/e2e/lib/client.mjs';
import { defaults, startGateway } from '../tests/e2e/lib/gateway.mjs';
import { scratchFolder } from '../tests/e2e/lib/scratch.mjs';
import { Upstream } from '../tests/e2e/lib/upstream.mjs';

const options = { changes: { type: 'string', default: '100000' }, check: { type: 'boolean' } };
const { values } = parseArgs({ options });
const changes = Number(values.changes);

const upstream = await new Upstream().start();
upstream.hasNoStream = true;
const forget = () => {
  for (const list of [upstream.requests, upstream.bodies, upstream.notes, upstream.initialized, upstream.calls]) list.length = 0;
};
const socket = path.join(scratchFolder(), 'status');
const url = upstream.url;
const servers = (n) =>
  Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`s${i}`, { url, era: 'sessions', headers: { 'x-change': i === 0 ? `${n}` : '' } }]));
const settings = (n) => ({ status: { socket }, workers: 2, log: { level: 'error' }, upstreams: servers(n) });
const gateway = await startGateway(settings(0));

const resident = () => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${gateway.process.pid}/status`, 'utf8'))[1]) / 1024;

function reload() {
  return new Promise((resolve, reject) => {
    let text = '';
    const connection = net.connect(socket, () => connection.write('reload\n'));
    connection.on('data', (part) => (text += part)).on('end', () => resolve(text)).on('error', reject);
  });
}

const median = (times) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
const client = await new Client(gateway.url(), {}).open();
const times = [];
const memory = {};
for (let n = 1; n <= changes; n++) {
  gateway.configure({ ...defaults, ...settings(n) });
  const begin = performance.now();
  const told = await reload();
  times.push(performance.now() - begin);
  if (!/s0/.test(told)) throw new Error(`change ${n}: ${told}`);
  if (n % 10 === 0) await client.call('s0-echo', { text: `${n}` });
  if (n % 1000 === 0) {
    forget();
    memory[n] = resident();
  }
}
const [second, last] = [median(times.slice(1000, 2000)), median(times.slice(-1000))];
const grown = memory[changes] - memory[2000];
console.log(`${changes} changes of one server of ten`);
console.log(`  the second thousand, each        ${second.toFixed(2)} ms`);
console.log(`  the last thousand, each          ${last.toFixed(2)} ms, ${(last / second).toFixed(2)} times`);
console.log(`  memory after 2000, and the last  ${memory[2000].toFixed(1)} MiB, ${memory[changes].toFixed(1)} MiB`);
await gateway.kill();
await upstream.stop();
process.exitCode = values.check && (last > 1.5 * second || grown > 4) ? 1 : 0;
