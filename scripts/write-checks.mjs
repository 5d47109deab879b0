// Writes build/checks/CTestTestfile.cmake: every check of the project as one test of ctest, with a label, so that
// one summary at the end tells all. What must be built first and is not there is still listed, and fails.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { clientLegs, serverLegs } from '../tests/conformance/legs.mjs';
import { root } from '../tests/e2e/lib/gateway.mjs';

const at = (...parts) => path.join(root, ...parts);
const lines = [];

const quote = (text) => `[==[${text}]==]`;

// `command`: program and arguments. `alone`: it measures time or uses both processors.
function add(name, label, command, { alone = false, seconds = 300, env = {}, folder = root } = {}) {
  const properties = [
    `LABELS ${label}`,
    `TIMEOUT ${seconds}`,
    `PROCESSORS ${alone ? 2 : 1}`,
    `WORKING_DIRECTORY ${quote(fs.existsSync(folder) ? folder : root)}`,
  ];
  const pairs = Object.entries(env).map(([key, value]) => `${key}=${value}`);
  if (pairs.length) properties.push(`ENVIRONMENT ${quote(pairs.join(';'))}`);
  lines.push(`add_test(${quote(name)} ${command.map(quote).join(' ')})`);
  lines.push(`set_tests_properties(${quote(name)} PROPERTIES ${properties.join(' ')})`);
}

// What stands for a program that is not there: a check that fails and says so.
const missing = (what) => ['sh', '-c', `echo "${what} is not built"; exit 1`];

// A file of end-to-end tests on the program of a build folder.
function nodeTest(name, build) {
  if (!fs.existsSync(at(build, 'bascule'))) return missing(`${build}/bascule`);
  return [process.execPath, '--test', '--test-force-exit', '--test-reporter=spec', at(`tests/e2e/${name}.test.mjs`)];
}

// The unit tests that a build folder declares. ctest gives no command for one that is not built.
function unitTests(build) {
  if (!fs.existsSync(at(build, 'CTestTestfile.cmake'))) return [];
  const json = execFileSync('ctest', ['--test-dir', at(build), '--show-only=json-v1'], { encoding: 'utf8' });
  return JSON.parse(json).tests.map(({ name, command }) => ({ name, command: command ?? missing(`${build} ${name}`) }));
}

function addUnitTests() {
  const declared = unitTests('build/dev');
  if (declared.length === 0) declared.push({ name: 'all', command: missing('build/dev') });
  for (const { name, command } of declared) {
    add(`unit.${name}`, 'unit', command, { seconds: 240, folder: at('build/dev') });
  }
}

// What is built with the thread sanitizer: the unit tests that start threads, and the program on two shards. Files
// that expect an answer sooner than the sanitizer lets it come are not among them.
const threadedUnits = ['async', 'net', 'upstream'];
const onTwoShards = [
  'batches', 'concurrency', 'dead-upstreams', 'limits-of-all-workers', 'malicious-upstream', 'reload-and-drain',
  'reload-command', 'resume', 'sessions', 'settings-network', 'settings-processes', 'settings-servers', 'settings-upstreams', 'stdio', 'tls', 'two-workers',
];

function addThreadTests() {
  const declared = unitTests('build/tsan');
  for (const name of threadedUnits) {
    const command = declared.find((test) => test.name === name)?.command ?? missing(`build/tsan ${name}`);
    add(`tsan.${name}`, 'tsan', command, { seconds: 300, folder: at('build/tsan') });
  }
  for (const name of onTwoShards) {
    const env = { BASCULE: at('build/tsan/bascule'), WORKERS: '2', CALLS: '10' };
    add(`tsan.${name}`, 'tsan', nodeTest(name, 'build/tsan'), { alone: alone.has(name), env });
  }
}

// Files that measure time, or load both processors.
const alone = new Set(['concurrency', 'idle-connections', 'dead-upstreams', 'large-results', 'stateless-soak']);
const withStockClients = new Set(['tour', 'stock-clients', 'stateless-goldens', 'stateless-union']);
// What strangers send is also sent to the build with address and undefined-behaviour sanitizers.
const sanitized = [
  ...['http-strictness', 'http-paths', 'malicious-upstream', 'sessions', 'stdio', 'resume', 'batches', 'pitfalls'],
  ...['stateless-requests', 'stateless-streams', 'stateless-parks', 'stateless-pitfalls', 'stateless-soak'],
  'ended-sessions', 'ended-anywhere', 'slow-readers',
];

function addEndToEndTests() {
  const files = fs.readdirSync(at('tests/e2e')).filter((file) => file.endsWith('.test.mjs'));
  for (const file of files) {
    const name = file.replace('.test.mjs', '');
    const label = withStockClients.has(name) ? 'clients' : 'e2e';
    const seconds = { 'stateless-soak': 600, 'ended-anywhere': 900, 'slow-readers': 3000 }[name] ?? 300;
    add(`${label}.${name}`, label, nodeTest(name, 'build/release'), { alone: alone.has(name), seconds });
  }
  for (const name of sanitized) {
    add(`asan.${name}`, 'e2e', nodeTest(name, 'build/dev'), { env: { BASCULE: at('build/dev/bascule'), SANITIZED: '1' } });
  }
  const soak = [process.execPath, '--test', '--test-force-exit', '--test-reporter=spec', at('tests/soak/soak.test.mjs')];
  add('e2e.soak', 'e2e', fs.existsSync(at('build/release/bascule')) ? soak : missing('build/release/bascule'), { seconds: 400 });
  add('clients.demo', 'clients', [process.execPath, at('scripts/demo.mjs')], { env: { DEMO_ONCE: '1' } });
}

// The first run of a build folder installs the servers, so one comes after the other.
function addRealServers() {
  const files = ['real', 'asking'].map((name) => at(`tests/real/${name}.test.mjs`));
  const command = [process.execPath, '--test', '--test-force-exit', '--test-concurrency=1', '--test-reporter=spec', ...files];
  add('clients.real', 'clients', fs.existsSync(at('build/release/bascule')) ? command : missing('build/release/bascule'), { seconds: 900 });
}

function addConformance() {
  for (const leg of [...Object.keys(serverLegs), ...Object.keys(clientLegs)]) {
    const command = [process.execPath, at('tests/conformance/run.mjs'), leg];
    add(`conformance.${leg}`, 'conformance', command, { alone: true });
  }
}

// The short runs try the same inputs each time: whether a change passes is decided by the change. The long ones search.
function addFuzz() {
  const seconds = Number(process.env.FUZZ_SECONDS ?? 30);
  const env = process.env.FUZZ_SECONDS ? {} : { FUZZ_SEED: '1' };
  for (const file of fs.readdirSync(at('tests/fuzz')).filter((name) => name.endsWith('_fuzz.cpp'))) {
    const name = file.replace('_fuzz.cpp', '');
    add(`fuzz.${name}`, 'fuzz', [at('scripts/fuzz'), name, String(seconds)], { seconds: seconds + 60, env });
  }
}

addUnitTests();
addEndToEndTests();
addRealServers();
addConformance();
add('toolchain', 'lint', [at('tests/toolchain/run')], { seconds: 300 });
add('lint.format', 'lint', [at('scripts/lint'), 'format']);
add('lint.breaks', 'lint', [process.execPath, at('scripts/breaks.mjs'), '--check']);
add('lint.tidy', 'lint', [at('scripts/lint'), 'changed'], { alone: true, seconds: 600 });
addThreadTests();
addFuzz();
add('breaks', 'breaks', [process.execPath, at('scripts/breaks.mjs')], { alone: true, seconds: 900 });
// The aims are 18 700, and 21 200 with the access log; measured 2026-11-28: 18 950 and 21 230. The count spreads by 2 %.
add('bench.instructions', 'bench', [at('bench/instructions'), '19400'], { alone: true, seconds: 600 });
add('bench.instructions-logged', 'bench', [at('bench/instructions'), '21800'], { alone: true, seconds: 600, env: { LOG: 'true' } });
// A tenth of what docs/performance.md has.
const tenth = ['--tools', '10000', '--servers', '100', '--check'];
add('bench.catalogue', 'bench', [process.execPath, at('bench/catalogue.mjs'), ...tenth], { alone: true, seconds: 300 });

fs.mkdirSync(at('build/checks'), { recursive: true });
fs.writeFileSync(at('build/checks/CTestTestfile.cmake'), `${lines.join('\n')}\n`);
console.log(`${lines.length / 2} checks`);
