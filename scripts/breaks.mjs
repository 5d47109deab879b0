// Tries the breaks of tests/breaks/breaks.mjs on the build in build/dev: each must make its test fail, and the test must
// pass without it. The tree is not touched: one changed file is compiled and linked before the archives that have the
// good one, in build/breaks.
//   node scripts/breaks.mjs [PITFALL...]      some of them
//   node scripts/breaks.mjs --table           the table for docs/testing.md
//   node scripts/breaks.mjs --check           only whether that is there, and each line to break in its file, once
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { breaks } from '../tests/breaks/breaks.mjs';
import { root } from '../tests/e2e/lib/gateway.mjs';
import { run } from '../tests/e2e/lib/process.mjs';

const build = path.join(root, 'build/dev');
const scratch = path.join(root, 'build/breaks');

const testName = ({ unit, e2e, name }) => `\`${unit ?? `${e2e}.test.mjs`}\`: ${name}`;
const code = (text) => `\`${text.replaceAll('|', '\\|')}\``;

function table() {
  const rows = breaks.map(({ pitfall, holds, test, file, old, new: instead }) => {
    const change = `${path.basename(file)}: ${code(old)} → ${instead ? code(instead) : 'nothing'}`;
    return `| ${pitfall} | ${holds} | ${testName(test)} | ${change} |`;
  });
  return ['| | what must hold | its test | what breaks it |', '|---|---|---|---|', ...rows].join('\n');
}

// The commands that make a program of the build.
const commands = (program) =>
  execFileSync('ninja', ['-C', build, '-t', 'commands', program], { encoding: 'utf8', maxBuffer: 1 << 26 })
    .trim()
    .split('\n');

const shell = async (command, what) => {
  const { code: exit, output } = await run('/bin/sh', ['-c', command], { cwd: build, ms: 240_000 });
  if (exit !== 0) throw new Error(`${what}: ${output.slice(-2000)}`);
};

// A program with the changed file in place of the good one.
async function make({ file, old, new: instead, test }, folder) {
  const source = path.join(root, file);
  const text = fs.readFileSync(source, 'utf8');
  const changed = path.join(folder, path.basename(file));
  fs.writeFileSync(changed, text.replace(old, () => instead));

  const program = test.unit ?? 'bascule';
  const all = commands(program);
  const compile = all.find((command) => command.endsWith(`-c ${source}`));
  if (!compile) throw new Error(`${program} is not made of ${file}`);
  const good = /-o (\S+\.o) -c /.exec(compile)[1];
  const object = path.join(folder, 'changed.o');
  const broken = compile
    .replace(`-c ${source}`, `-iquote ${path.dirname(source)} -w -c ${changed}`)
    .replaceAll(good, object);
  await shell(broken, 'it does not compile');

  const link = all.at(-1);
  const made = path.join(folder, path.basename(program));
  // In front of the archives its symbols win, and the good one is not taken out of its archive.
  const into = link.includes(` ${good} `) ? link.replace(` ${good} `, ` ${object} `) : link.replace(' -o ', ` ${object} -o `);
  await shell(into.replace(/ -o \S+/, ` -o ${made}`), 'it does not link');
  return made;
}

// Whether the test passes with this program; undefined when it did not run.
async function passes({ unit, e2e, name }, program) {
  if (unit) {
    const { output } = await run(program, [`--gtest_filter=${name}`], { ms: 60_000 }).catch(({ message }) => ({ output: message }));
    if (!output.includes(`[ RUN      ] ${name}`)) return undefined;
    return output.includes(`[       OK ] ${name}`);
  }
  const pattern = `^${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`;
  const file = path.join(root, `tests/e2e/${e2e}.test.mjs`);
  const options = ['--test', '--test-force-exit', '--test-timeout=40000', '--test-reporter=tap', `--test-name-pattern=${pattern}`, file];
  // In a process group of its own, which ends with it: a broken program may not end by itself.
  const command = ['-w', 'sh', '-c', '"$@"; kill -KILL 0', 'sh', 'timeout', '--foreground', '-k', '2', '50', process.execPath, ...options];
  const { output } = await run('setsid', command, { env: { BASCULE: program } }).catch(({ message }) => ({ output: message }));
  if (output.includes('ok') && !output.includes(name.replaceAll('#', '\\#'))) return undefined;
  const result = output.split('\n').find((line) => /^\s*(not )?ok /.test(line) && line.includes(name) && !line.includes('# SKIP'));
  return result ? result.trim().startsWith('ok') : false;
}

// What is wrong with this break, or nothing.
async function attempt(each, folder) {
  const intact = await passes(each.test, path.join(build, each.test.unit ? programPath(each.test.unit) : 'bascule'));
  if (intact === undefined) return 'there is no such test';
  if (!intact) return 'its test fails as it is';
  try {
    const isNoticed = (await passes(each.test, await make(each, folder))) !== true;
    return isNoticed ? undefined : 'NOT NOTICED: its test passes all the same';
  } catch (error) {
    return error.message;
  }
}

const programPath = (program) => / -o (\S+)/.exec(commands(program).at(-1))[1];

async function work(queue, problems) {
  for (let each = queue.shift(); each; each = queue.shift()) {
    const label = `${each.pitfall} ${each.holds}`;
    const folder = path.join(scratch, `${breaks.indexOf(each)}`);
    fs.mkdirSync(folder, { recursive: true });
    const started = Date.now();
    const problem = await attempt(each, folder);
    fs.rmSync(folder, { recursive: true });
    console.log(`${problem ? 'FAIL' : 'ok  '} ${((Date.now() - started) / 1000).toFixed(1)} s  ${label}`);
    if (problem) problems.push(`${label}\n  ${testName(each.test)}\n  ${problem}`);
  }
}

if (process.argv[2] === '--table') {
  console.log(table());
  process.exit(0);
}
const problems = [];
if (!fs.readFileSync(path.join(root, 'docs/testing.md'), 'utf8').includes(table())) {
  problems.push('the table in docs/testing.md is another: node scripts/breaks.mjs --table');
}
for (const { file, old } of breaks) {
  const found = fs.readFileSync(path.join(root, file), 'utf8').split(old).length - 1;
  if (found !== 1) problems.push(`${file} has this line to break ${found} times: ${old}`);
}
const isCheck = process.argv[2] === '--check';
const chosen = process.argv.slice(2).map(Number);
const wanted = breaks.filter(({ pitfall }) => !isCheck && (!chosen.length || chosen.includes(pitfall)));
const queue = [...wanted];
await Promise.all(Array.from({ length: Math.min(2, os.availableParallelism()) }, () => work(queue, problems)));
for (const problem of problems) console.log(`\n${problem}`);
process.exit(problems.length ? 1 : 0);
