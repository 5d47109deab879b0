// Runs the cases of cases.mjs: candidates in turn, so that what the machine does in between hits all alike; medians.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { cases, pairings } from './cases.mjs';
import {
  candidates,
  cpuOf,
  freePort,
  mcpload,
  pinned,
  root,
  sleep,
  startCandidate,
  streams,
  userMemoryOf,
} from './candidates.mjs';
import { writePage } from './page.mjs';

const repetitions = Number(process.env.REPETITIONS ?? 5);
const chosen = process.env.CASES?.split(';') ?? Object.keys(cases);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bascule-bench-'));
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function outputOf(child) {
  let text = '';
  let errors = '';
  child.stdout.on('data', (part) => (text += part));
  child.stderr.on('data', (part) => (errors += part));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`exit code ${code}: ${errors}${text}`);
  return text;
}

// One run of one case against one candidate.
async function sample(name, options) {
  const [port, upstream] = [await freePort(), await freePort()];
  const go = path.join(folder, 'go');
  fs.rmSync(go, { force: true });
  const load = pinned(1, [mcpload, '--port', port, '--upstream', upstream, '--go', go, ...options], [
    'ignore',
    'pipe',
    'pipe',
  ]);
  const done = outputOf(load);
  await once(load.stderr, 'data');
  const candidate = await startCandidate(name, port, upstream, folder);
  // The gateway reads its upstream's lists first.
  await sleep(500);
  const before = cpuOf(candidate.pid);
  fs.writeFileSync(go, '');
  const found = JSON.parse(await done.finally(() => candidate.exitCode));
  const cpu = (cpuOf(candidate.pid) - before) / found.calls;
  candidate.kill('SIGKILL');
  await once(candidate, 'close');
  return { ...found, cpu };
}

// Cases that are compared with one another; their runs take turns.
async function measure(names) {
  const all = names.flatMap((name) => {
    const { options, only = Object.keys(candidates), bascule = [], others = [] } = cases[name];
    const optionsOf = (candidate) => [...options, ...(candidate === 'bascule' ? bascule : others)];
    return only.map((candidate) => ({ name, candidate, options: optionsOf(candidate), runs: [] }));
  });
  for (let i = 0; i < repetitions; i++) {
    for (const { candidate, options, runs } of all) runs.push(await sample(candidate, options));
  }
  for (const { name, candidate, runs } of all) {
    const [rps, cpu, p50, p99] = ['rps', 'cpu', 'p50', 'p99'].map((figure) => median(runs.map((run) => run[figure])));
    results.cases[name] ??= {};
    results.cases[name][candidate] = { rps, cpu, p50, p99 };
    console.log(`${name} ${candidate}: ${rps} per s, ${cpu.toFixed(1)} us CPU, p50 ${p50} us, p99 ${p99} us`);
  }
}

// 10 000 idle GET streams: memory of each, and the time of one list_changed to all.
async function measureStreams(count) {
  const [port, upstream] = [await freePort(), await freePort()];
  const go = path.join(folder, 'go');
  fs.rmSync(go, { force: true });
  const options = ['--port', port, '--upstream', upstream, '--go', go, '--count', count];
  const driver = pinned(1, [streams, ...options], ['pipe', 'pipe', 'inherit']);
  let printed = '';
  driver.stdout.on('data', (part) => (printed += part));
  const said = async (word) => {
    while (!printed.includes(word)) {
      if (driver.exitCode !== null) throw new Error(`streams ended: ${printed}`);
      await sleep(10);
    }
  };
  await sleep(200);
  const candidate = await startCandidate('bascule', port, upstream, folder);
  await sleep(1500);
  fs.writeFileSync(go, '');
  await said('empty');
  const before = userMemoryOf(candidate.pid);
  driver.stdin.write('x');
  await said('open');
  await sleep(1000);
  const bytes = (userMemoryOf(candidate.pid) - before) / count;
  driver.stdin.write('x');
  await said('}');
  candidate.kill('SIGKILL');
  const { milliseconds, heard } = JSON.parse(printed.slice(printed.indexOf('{')));
  console.log(`${count} streams: ${Math.round(bytes)} bytes each, list_changed to ${heard} in ${milliseconds} ms`);
  return { count, heard, bytes, milliseconds };
}

// CASES chooses some; the others keep what was measured before.
const file = path.join(root, 'build/bench/results.json');
const before = process.env.CASES && fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : { cases: {} };
const results = { ...before, date: new Date().toISOString().slice(0, 10), machine: machine(), repetitions };

function machine() {
  const [{ model }] = os.cpus();
  return `${os.cpus().length} x ${model.trim()}, Linux ${os.release()}`;
}

const isPairing = (name) => name in pairings;
for (const name of chosen) {
  if (cases[name] && !isPairing(name)) await measure([name]);
}
await measure(chosen.filter(isPairing));
if (!process.env.CASES || chosen.includes('instructions')) {
  results.instructions = {};
  for (const [name, eras] of Object.entries(pairings)) {
    const env = { ...process.env, ERAS: eras.join(' ') };
    const text = execFileSync(path.join(root, 'bench/instructions'), { encoding: 'utf8', env });
    results.instructions[name] = Number.parseInt(text, 10);
    console.log(`${name}: ${text.trim()}`);
  }
}
if (!process.env.CASES || chosen.includes('streams')) {
  const runs = [];
  for (let i = 0; i < Math.min(3, repetitions); i++) runs.push(await measureStreams(10_000));
  const of = (figure) => median(runs.map((run) => run[figure]));
  results.streams = { count: 10_000, bytes: of('bytes'), milliseconds: of('milliseconds') };
}
fs.writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
writePage(results);
