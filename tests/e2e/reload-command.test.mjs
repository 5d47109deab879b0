// `bascule reload` and files that are watched: a change holds when it is told, whoever wants it, and one after the other.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { binary, defaults, startGateway } from './lib/gateway.mjs';
import { run, until, within } from './lib/process.mjs';
import { replaceFile, scratchFolder } from './lib/scratch.mjs';
import { setting } from './lib/setting.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

let upstreams, gateway, socket;

const urlOf = (name) => ({ url: upstreams[name].url });

beforeEach(async () => {
  upstreams = {};
  for (const name of ['one', 'two', 'three'])
    upstreams[name] = await startUpstream({ tools: { echo: () => text(name) } });
  socket = path.join(scratchFolder(), 'control.sock');
});
afterEach(async () => {
  await gateway?.kill();
  for (const upstream of Object.values(upstreams)) await upstream.stop();
});

const start = async (names, more = {}) => {
  gateway = await startGateway({ status: { socket }, upstreams: pick(names), ...more });
};
const pick = (names) => Object.fromEntries(names.map((name) => [name, urlOf(name)]));
const configure = (names, more = {}) =>
  gateway.configure({ ...defaults, status: { socket }, upstreams: pick(names), ...more });

async function reload(...args) {
  const child = spawn(binary, ['reload', '--socket', socket, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (data) => (out += data));
  child.stderr.on('data', (data) => (err += data));
  const code = await new Promise((resolve) => child.on('close', resolve));
  return { code, out, err };
}

test('a change holds for the next request when the command has told it', async () => {
  await start(['one'], { workers: 2 });
  const client = await new Client(gateway.url()).open();
  await client.call('one-echo');
  configure(['two'], { limits: { page_size: 7 }, workers: 2 });
  const { code, out, err } = await reload();
  assert.deepEqual([code, err], [0, '']);
  assert.equal(out, 'changed: limits.page_size, upstreams: + two, - one\n');
  assert.equal((await client.call('one-echo')).error.code, -32602);
  await client.close();
});

test('what needs a restart, and what is left out, is told', async () => {
  await start(['one']);
  configure([], { workers: 5, upstreams: { ...pick(['one']), bad: { url: 'nonsense' } } });
  const { code, out } = await reload();
  assert.equal(code, 0);
  assert.match(out, /^changed: nothing$/m);
  assert.match(out, /^needs a restart: workers$/m);
  assert.match(out, /^left out: bad: .*url/m);
  const told = JSON.parse((await reload('--json')).out);
  assert.equal(told.needs_restart, 'workers');
  assert.equal(told.left_out[0].upstream, 'bad');
});

test('what cannot be used as it is written now, and goes on as it was, is told as such', async () => {
  await start(['one']);
  configure([], { upstreams: { one: { url: 'nonsense' }, bad: { url: 'nonsense' } } });
  const { code, out } = await reload();
  assert.equal(code, 0);
  assert.match(out, /^one: keeps its old state: .*url/m);
  assert.match(out, /^left out: bad: .*url/m);
  assert.doesNotMatch(out, /left out: one/);
  const told = JSON.parse((await reload('--json')).out).left_out;
  const kept = Object.fromEntries(told.map(({ upstream, keeps_old_state: keeps }) => [upstream, keeps]));
  assert.deepEqual(kept, { one: true, bad: false });
  await gateway.process.find(/"keeps its old state"[^\n]*"one"/);
  const client = await new Client(gateway.url()).open();
  assert.equal((await client.call('one-echo')).result.content[0].text, 'one');
  await client.close();
});

test('settings that are wrong are refused with the reason, and the old ones hold', async () => {
  await start(['one']);
  configure(['two'], { limits: { page_size: -1 } });
  const { code, out, err } = await reload();
  assert.deepEqual([code, out], [2, '']);
  assert.match(err, /page_size/);
  const client = await new Client(gateway.url()).open();
  assert.equal((await client.call('one-echo')).result.content[0].text, 'one');
  await client.close();
});

test('where no gateway answers the command says so', async () => {
  gateway = undefined;
  const { code, err } = await reload();
  assert.equal(code, 1);
  assert.match(err, /control\.sock/);
});

// Signals, commands and calls at once: all are answered, and what was written last holds.
test('changes from everywhere at once are taken one after the other', { timeout: 120_000 }, async () => {
  await start(['one', 'two', 'three'], { workers: 2 });
  const client = await new Client(gateway.url()).open();
  const rounds = 12;
  const commands = [];
  const calls = [];
  for (let i = 0; i < rounds; i += 1) {
    configure(i % 2 ? ['one', 'two'] : ['two', 'three'], { workers: 2, limits: { page_size: 10 + i } });
    gateway.reload();
    commands.push(reload());
    calls.push(client.call('two-echo'));
    await calls.at(-1);
  }
  for (const { code } of await Promise.all(commands)) assert.equal(code, 0);
  for (const answer of await Promise.all(calls)) assert.equal(answer.result.content[0].text, 'two');
  configure(['three'], { workers: 2 });
  assert.equal((await reload()).code, 0);
  await until(async () => {
    const { tools } = (await client.request('tools/list')).result;
    return tools.map(({ name }) => name).join() === 'three-echo';
  }, 'the last of them');
  await client.close();
});

test('an end in the middle of a change', { timeout: 120_000 }, async () => {
  for (let i = 0; i < 8; i += 1) {
    await start(['one'], { workers: 4, timeouts: { drain: '0s' } });
    configure(['two'], { workers: 4, timeouts: { drain: '0s' } });
    gateway.reload();
    const asked = i % 2 ? reload() : undefined;
    assert.equal((await gateway.stop('SIGTERM')).code, 0, gateway.output);
    await asked;
  }
});

// A file that is written, replaced or comes back takes effect by itself.
setting('watch', async () => {
  await start(['one'], { watch: true });
  const reloaded = () => gateway.output.match(/"reloaded"/g)?.length ?? 0;
  configure(['one', 'two'], { watch: true });
  await until(() => reloaded() >= 1, 'the first reload');
  await gateway.process.find(/"by":"a file that has changed"/);
  // As editors and deployments do it: another file takes its name.
  const file = gateway.file;
  const whole = fs.readFileSync(file, 'utf8').replace(urlOf('two').url, urlOf('three').url);
  fs.writeFileSync(`${file}.new`, whole);
  fs.renameSync(`${file}.new`, file);
  await gateway.process.find(/"changed":"upstreams: two"/);
  configure(['one'], { watch: false });
  await gateway.process.find(/"changed":"watch, upstreams: - two"/);
});

test('watched files: a folder that is replaced as a whole, as in Kubernetes', async () => {
  const folder = fs.mkdtempSync(path.join(scratchFolder(), 'mounted-'));
  const put = (version, names) => {
    fs.mkdirSync(path.join(folder, version));
    const servers = JSON.stringify({ mcpServers: pick(names) });
    fs.writeFileSync(path.join(folder, version, 'mcp.json'), servers);
    fs.symlinkSync(version, path.join(folder, '..next'));
    fs.renameSync(path.join(folder, '..next'), path.join(folder, '..data'));
  };
  put('..1', ['one']);
  fs.symlinkSync('..data/mcp.json', path.join(folder, 'mcp.json'));
  gateway = await startGateway({ watch: true, status: { socket } }, { args: ['--mcp-servers', path.join(folder, 'mcp.json')] });
  put('..2', ['one', 'two']);
  await until(() => /"changed":"upstreams: \+ two"/.test(gateway.output), 'the reload');
});

// Of what happens behind the folders that were there at the start nothing but the files themselves tells.
test('watched files: another folder at its place, links that are pointed elsewhere, and later edits behind them', async () => {
  const folder = fs.mkdtempSync(path.join(scratchFolder(), 'moved-'));
  const at = (...names) => path.join(folder, ...names);
  // In place, and by one call of the system: whoever reads it meanwhile finds the old text or the new one.
  const write = (version, size) => {
    fs.mkdirSync(at(version), { recursive: true });
    const file = fs.openSync(at(version, 'mcp.json'), fs.constants.O_WRONLY | fs.constants.O_CREAT);
    fs.writeSync(file, JSON.stringify({ mcpServers: pick(['one', 'two', 'three'].slice(0, size)) }).padEnd(1000));
    fs.closeSync(file);
  };
  const link = (target, name) => {
    fs.symlinkSync(target, `${name}.new`);
    fs.renameSync(`${name}.new`, name);
  };
  write('first', 0);
  write('second', 1);
  link('first', at('current'));
  fs.mkdirSync(at('etc'));
  link('../current/mcp.json', at('etc/mcp.json'));
  gateway = await startGateway({ watch: true, status: { socket } }, { args: ['--mcp-servers', at('etc/mcp.json')] });
  const reloads = (changed) =>
    until(() => gateway.output.includes(`"changed":"upstreams: ${changed}"`), `the reload by which ${changed}`);

  link('second', at('current'));
  await reloads('+ one');
  write('second', 2);
  await reloads('+ two');
  write('third', 3);
  link('../third/mcp.json', at('etc/mcp.json'));
  await reloads('+ three');
  write('third', 2);
  await reloads('- three');
  // The folder as a whole, by another one.
  write('fourth', 1);
  fs.renameSync(at('third'), at('old'));
  fs.renameSync(at('fourth'), at('third'));
  await reloads('- two');
  write('third', 0);
  await reloads('- one');
  assert.doesNotMatch(gateway.output, /"not reloaded"/);
});

test('watched files: one that is away for a moment is no change, one that stays away is', async () => {
  const file = path.join(fs.mkdtempSync(path.join(scratchFolder(), 'away-')), 'mcp.json');
  const write = (names) => replaceFile(file, JSON.stringify({ mcpServers: pick(names) }));
  write([]);
  gateway = await startGateway({ watch: true, status: { socket } }, { args: ['--mcp-servers', file] });
  fs.renameSync(file, `${file}.old`);
  // Longer than what is taken for the end of a change.
  await new Promise((resolve) => setTimeout(resolve, 500));
  write(['one']);
  await until(() => gateway.output.includes('"changed":"upstreams: + one"'), 'the reload');
  assert.doesNotMatch(gateway.output, /"not reloaded"/);
  fs.rmSync(file);
  await until(() => gateway.output.includes('"not reloaded"'), 'that it is missed');
});

// Begins a reload that reads a file until finish() is called: { slow, finish }, where `slow` is its command.
async function reloadSlowly() {
  const file = path.join(fs.mkdtempSync(path.join(scratchFolder(), 'slow-')), 'mcp.json');
  const empty = JSON.stringify({ mcpServers: {} });
  fs.writeFileSync(file, empty);
  gateway = await startGateway({ status: { socket } }, { args: ['--mcp-servers', file] });
  fs.rmSync(file);
  execFileSync('mkfifo', [file]);
  const slow = reload();
  // Opens when the gateway reads it.
  const pipe = await fs.promises.open(file, 'w');
  const finish = async () => {
    fs.renameSync(file, `${file}.pipe`);
    fs.writeFileSync(file, empty);
    await pipe.write(empty);
    await pipe.close();
  };
  return { slow, finish };
}

test('while one reload reads files, others are told how the gateway stands', async () => {
  const { slow, finish } = await reloadSlowly();
  const status = await run(binary, ['status', '--json', '--socket', socket]);
  const other = reload();
  await finish();
  assert.equal(JSON.parse(status.stdout).pid, gateway.process.pid);
  assert.deepEqual([(await slow).code, (await other).code], [0, 0]);
});

test('a file that hangs while it is read does not hold up the end', { timeout: 120_000 }, async () => {
  const file = path.join(fs.mkdtempSync(path.join(scratchFolder(), 'hung-')), 'mcp.json');
  fs.writeFileSync(file, JSON.stringify({ mcpServers: {} }));
  gateway = await startGateway({ status: { socket }, timeouts: { drain: '1s' } }, { args: ['--mcp-servers', file] });
  fs.rmSync(file);
  execFileSync('mkfifo', [file]);
  const hung = reload();
  const pipe = await fs.promises.open(file, 'w'); // Opens when the gateway reads it; nothing is ever written.
  try {
    const { code, signal } = await within(20_000, gateway.stop(), 'the end');
    assert.deepEqual([code, signal], [0, null], gateway.output);
    assert.match(gateway.output, /hangs; the end is not held up/);
    assert.doesNotMatch(gateway.output, /"not reloaded"/);
    assert.notEqual((await hung).code, 0);
  } finally {
    await pipe.close();
  }
});

test('signals that come while one reload reads files are one more', async () => {
  const { slow, finish } = await reloadSlowly();
  const isTaken = () => {
    const [, pending] = /^ShdPnd:\s*(\w+)$/m.exec(fs.readFileSync(`/proc/${gateway.process.pid}/status`, 'utf8'));
    return !(BigInt(`0x${pending}`) & 1n);
  };
  for (let i = 0; i < 70; i += 1) {
    gateway.reload();
    await until(isTaken, 'the signal');
  }
  await finish();
  assert.equal((await slow).code, 0);
  assert.equal((await reload()).code, 0);
  const by = () => [...gateway.output.matchAll(/"reloaded","by":"([^"]*)"/g)].map((found) => found[1]);
  await until(() => by().length === 3, 'the lines of the log');  // Another thread writes them.
  assert.doesNotMatch(gateway.output, /not reloaded/);
  assert.deepEqual(by(), ['the command line', 'SIGHUP', 'the command line']);
});
