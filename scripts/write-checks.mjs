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
    `WORKING_DIRECTORY ${quote(folder)}`,
  ];
  const pairs = Object.entries(env).map(([key, value]) => `${key}=${value}`);
  if (pairs.length) properties.push(`ENVIRONMENT ${quote(pairs.join(';'))}`);
  lines.push(`add_test(${quote(name)} ${command.map(quote).join(' ')})`);
  lines.push(`set_tests_properties(${quote(name)} PROPERTIES ${properties.join(' ')})`);
}

// The tests that a build folder declares.
function declaredTests(build) {
  if (!fs.existsSync(at(build, 'CTestTestfile.cmake'))) return undefined;
  const json = execFileSync('ctest', ['--test-dir', at(build), '--show-only=json-v1'], { encoding: 'utf8' });
  return JSON.parse(json).tests.filter((test) => test.command);
}

function addUnitTests() {
  const missing = [{ name: 'build', command: ['false'] }];
  for (const { name, command } of declaredTests('build/dev') ?? missing) {
    add(`unit.${name}`, 'unit', command, { seconds: 120, folder: at('build/dev') });
  }
}

// What is built with the thread sanitizer: the tests of modules that use threads, and the program on two shards.
function addThreadTests() {
  const threaded = ['net', 'http', 'upstream', 'transport', 'app'];
  for (const name of threaded) {
    const found = declaredTests('build/tsan')?.find((test) => test.name === name);
    add(`tsan.${name}`, 'tsan', found?.command ?? ['false'], { seconds: 300, folder: at('build/tsan') });
  }
  for (const name of ['two-workers', 'reload-and-drain']) {
    add(`tsan.${name}`, 'tsan', nodeTest(name), {
      alone: true,
      env: { BASCULE: at('build/tsan/bascule'), TSAN_OPTIONS: 'halt_on_error=1' },
    });
  }
}

const nodeTest = (name) => [process.execPath, '--test', '--test-reporter=spec', at(`tests/e2e/${name}.test.mjs`)];

// Files that measure time, or load both processors.
const alone = new Set(['concurrency', 'idle-connections', 'dead-upstreams', 'large-results', 'stateless-soak']);
const withStockClients = new Set(['tour', 'stock-clients', 'stateless-goldens', 'stateless-union']);
// What strangers send is also sent to the build with address and undefined-behaviour sanitizers.
const sanitized = [
  ...['http-strictness', 'http-paths', 'malicious-upstream', 'sessions', 'stdio', 'resume', 'batches', 'pitfalls'],
  ...['stateless-requests', 'stateless-streams', 'stateless-parks', 'stateless-pitfalls', 'stateless-soak'],
];

function addEndToEndTests() {
  const files = fs.readdirSync(at('tests/e2e')).filter((file) => file.endsWith('.test.mjs'));
  for (const file of files) {
    const name = file.replace('.test.mjs', '');
    const label = withStockClients.has(name) ? 'clients' : 'e2e';
    const seconds = name === 'stateless-soak' ? 600 : 300;
    add(`${label}.${name}`, label, nodeTest(name), { alone: alone.has(name), seconds });
  }
  for (const name of sanitized) {
    add(`asan.${name}`, 'e2e', nodeTest(name), { env: { BASCULE: at('build/dev/bascule') } });
  }
  add('clients.demo', 'clients', [process.execPath, at('scripts/demo.mjs')], { env: { DEMO_ONCE: '1' } });
}

function addConformance() {
  for (const leg of [...Object.keys(serverLegs), ...Object.keys(clientLegs)]) {
    const command = [process.execPath, at('tests/conformance/run.mjs'), leg];
    add(`conformance.${leg}`, 'conformance', command, { alone: true });
  }
}

function addFuzz() {
  const seconds = Number(process.env.FUZZ_SECONDS ?? 30);
  for (const file of fs.readdirSync(at('tests/fuzz')).filter((name) => name.endsWith('_fuzz.cpp'))) {
    const name = file.replace('_fuzz.cpp', '');
    add(`fuzz.${name}`, 'fuzz', [at('scripts/fuzz'), name, String(seconds)], { seconds: seconds + 60 });
  }
}

addUnitTests();
addEndToEndTests();
addConformance();
add('lint.format', 'lint', [at('scripts/lint'), 'format']);
// These need builds of their own; `make tsan`, `make fuzz`, `make breaks` and `make lint` ask for them.
const more = (process.env.CHECKS ?? '').split(' ');
if (more.includes('tsan')) addThreadTests();
if (more.includes('fuzz')) addFuzz();
if (more.includes('breaks')) {
  add('breaks', 'breaks', [process.execPath, at('scripts/breaks.mjs')], { alone: true, seconds: 3600 });
}
// The budget is 20 000; the count spreads by 1 to 2 %.
add('bench.instructions', 'bench', [at('bench/instructions'), '20400'], { seconds: 600 });

fs.mkdirSync(at('build/checks'), { recursive: true });
fs.writeFileSync(at('build/checks/CTestTestfile.cmake'), `${lines.join('\n')}\n`);
console.log(`${lines.length / 2} checks`);
