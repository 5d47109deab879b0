// Every setting that `bascule config` prints has a test that changes it; and what the command line says.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { binary, refused } from './lib/gateway.mjs';
import { run } from './lib/process.mjs';
import { scratchFile, toYaml } from './lib/scratch.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));

// The names in the calls of setting('...') and setting(['...', '...']) of all files, and those made in loops.
function testedSettings() {
  const tested = new Set();
  for (const file of fs.readdirSync(here).filter((name) => name.endsWith('.test.mjs'))) {
    const source = fs.readFileSync(path.join(here, file), 'utf8');
    if (!source.includes("from './lib/setting.mjs'")) continue;
    for (const [, name] of source.matchAll(/'([a-zA-Z_]+(?:\.[a-zA-Z_]+)*)'/g)) tested.add(name);
    if (source.includes('upstreams.NAME.allow.${kind}')) {
      for (const kind of ['roots', 'sampling', 'elicitation']) tested.add(`upstreams.NAME.allow.${kind}`);
    }
  }
  return tested;
}

test('every setting that is printed is tested', async () => {
  const { code, stdout } = await run(binary, ['config']);
  assert.equal(code, 0);
  const [, ...rows] = stdout.split('\n');
  const printed = rows.flatMap((line) => /^([a-z_]+(?:\.[A-Za-z_]+)*)\s/.exec(line)?.[1] ?? []);
  assert.ok(printed.length > 60, stdout);
  const tested = testedSettings();
  assert.deepEqual(printed.filter((name) => !tested.has(name)), []);
});

test('--version and --help answer', async () => {
  const version = await run(binary, ['--version']);
  assert.equal(version.code, 0);
  assert.match(version.stdout, /^bascule \d+\.\d+\.\d+/);
  const help = await run(binary, ['--help']);
  assert.equal(help.code, 0);
  for (const word of ['serve', 'check', 'config']) assert.match(help.stdout, new RegExp(word));
});

test('check tells a good file from a bad one, and where the bad one is bad', async () => {
  const good = scratchFile('good.yaml', toYaml({ upstreams: { one: { url: 'http://127.0.0.1:1/mcp' } } }));
  assert.equal((await run(binary, ['check', good])).code, 0);
  const bad = scratchFile('bad.yaml', 'listen: 127.0.0.1:0\nstreams:\n  retri: 1s\n');
  const { code, output } = await run(binary, ['check', bad]);
  assert.equal(code, 2);
  assert.match(output, /bad\.yaml:3/);
  assert.match(output, /retry/, 'the nearest name');
});

test('an address that is taken is told with an exit code of its own', async () => {
  const { code, output } = await refused({ listen: '203.0.113.7:1', auth: { allow_anonymous: true } });
  assert.equal(code, 3, output);
});

test('nonsense on the command line is refused', async () => {
  for (const args of [['serve', '--no-such'], ['no-such'], ['check']]) {
    assert.equal((await run(binary, args)).code, 2, args.join(' '));
  }
});
