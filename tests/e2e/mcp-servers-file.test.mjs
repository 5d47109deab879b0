// The files that people already have, in the forms in which their programs keep them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { binary, Gateway, startGateway, startGatewayOnFile } from './lib/gateway.mjs';
import { run, start, until } from './lib/process.mjs';
import { scratchFile, scratchFolder } from './lib/scratch.mjs';
import { stdioCommand } from './lib/servers.mjs';
import { startUpstream } from './lib/upstream.mjs';

let upstream;

before(async () => {
  upstream = await startUpstream();
});
after(() => upstream.stop());

const started = [];
afterEach(() => Promise.all(started.splice(0).map((gateway) => gateway.kill())));

function ending(gateway) {
  started.push(gateway);
  return gateway;
}

async function namesOf(gateway) {
  const client = await new Client(gateway.url()).open();
  const { tools } = (await client.request('tools/list')).result;
  await client.close();
  return tools.map(({ name }) => name);
}

async function toolsOf(file, env) {
  const gateway = ending(await startGatewayOnFile(file, { env }));
  const names = await namesOf(gateway);
  return names;
}

test('mcpServers with url and headers, command and args', async () => {
  const mcpServers = { remote: { url: upstream.url, headers: { 'X-A': 'b' } }, local: stdioCommand() };
  const gateway = ending(await startGatewayOnFile({ mcpServers }));
  // A process may take longer to start than the first list waits.
  const has = async (name) => (await namesOf(gateway)).includes(name);
  await until(async () => (await has('remote-echo')) && (await has('local-echo')), 'the tools of both', 30_000);
});

test('VS Code’s servers, with comments and trailing commas', async () => {
  const text = `{
    // what I use
    "servers": {
      "remote": { "type": "http", "url": "${upstream.url}", /* here */ },
    },
  }`;
  assert.deepEqual(await toolsOf(text), ['remote-echo']);
});

test('variables, in both spellings', async () => {
  const file = { mcpServers: { one: { url: 'http://127.0.0.1:${PORT}/mcp' }, two: { url: '${env:URL}' } } };
  const names = await toolsOf(file, { PORT: String(upstream.port), URL: upstream.url });
  assert.deepEqual(names, ['one-echo', 'two-echo']);
});

// Each client's file at its usual place below a folder, and the servers that come of it: the one behind the URL has
// the tool `echo`, the one behind the command that and more.
const { command, args } = stdioCommand();
const remote = () => ({ url: upstream.url });
const files = {
  'Claude Desktop': ['claude_desktop_config.json', () => ({ mcpServers: { a: { command, args } } })],
  'Claude Code': ['.claude.json', (folder) => ({
    projects: {
      [folder]: { mcpServers: { a: { type: 'stdio', command, args, env: {} } }, disabledMcpServers: [] },
      '/elsewhere': { mcpServers: { b: { command: 'x' } } },
    },
    mcpServers: { c: { type: 'http', ...remote() } },
  }), ['a', 'c']],
  Cursor: ['.cursor/mcp.json', () => ({ mcpServers: { a: { command, args, envFile: '${workspaceFolder}/.env' } } })],
  'VS Code': ['.vscode/mcp.json', () => ({ inputs: [], servers: { a: { type: 'stdio', command, args } } })],
  Windsurf: ['mcp_config.json', () => ({ mcpServers: { a: { serverUrl: upstream.url, disabledTools: ['never'] } } })],
  'Gemini CLI': ['.gemini/settings.json', () => ({
    theme: 'x',
    mcpServers: { a: { httpUrl: upstream.url, trust: true, timeout: 30_000, headers: { K: '$HOME' } } },
  })],
  Cline: ['cline_mcp_settings.json', () => ({
    mcpServers: { a: { type: 'streamableHttp', ...remote(), timeout: 60, autoApprove: ['echo'], disabled: false } },
  })],
  'Roo Code': ['.roo/mcp.json', () => ({
    mcpServers: { a: { command, args, alwaysAllow: ['echo'], timeout: 60 }, b: { ...remote(), disabled: true } },
  })],
  Zed: ['zed/settings.json', () => ({
    context_servers: { a: { source: 'custom', command, args, enabled: true }, b: { ...remote(), enabled: false } },
  })],
  'Copilot CLI': ['mcp-config.json', () => ({ mcpServers: { a: { type: 'local', command, args, tools: ['*'] } } })],
  OpenCode: ['opencode.json', () => ({
    mcp: { a: { type: 'local', command: [command, ...args], environment: { A: '{env:HOME}' }, enabled: true } },
  })],
  Continue: ['config.yaml', () => `mcpServers:\n  - name: a\n    type: streamable-http\n    url: ${upstream.url}\n`],
  'LM Studio': ['mcp.json', () => ({ mcpServers: { a: remote() } })],
};

for (const [client, [place, content, names = ['a']]] of Object.entries(files)) {
  test(`the file of ${client} is served`, async () => {
    const folder = fs.mkdtempSync(path.join(fs.realpathSync(scratchFolder()), 'home-'));
    fs.mkdirSync(path.dirname(path.join(folder, place)), { recursive: true });
    fs.writeFileSync(path.join(folder, '.env'), 'A=b\n');
    const written = content(folder);
    const text = typeof written === 'string' ? written : JSON.stringify(written, null, 2);
    fs.writeFileSync(path.join(folder, place), text);
    const checked = await run(path.resolve(binary), ['check', place], { cwd: folder });
    assert.equal(checked.code, 0, checked.output);
    const options = ['serve', '--mcp-servers', place, '--listen', '127.0.0.1:0'];
    const process = start(path.resolve(binary), options, { cwd: folder, name: 'bascule' });
    const gateway = ending(new Gateway(process, (await process.find(/^listening on (\S+)$/m))[1]));
    // A server that is slow to start is not in the first list.
    const servers = async () => [...new Set((await namesOf(gateway)).map((name) => name.split('-')[0]))];
    await until(async () => (await servers()).length >= names.length, 'the tools of every server', 30_000);
    assert.deepEqual(await servers(), names);
  });
}

for (const place of ['.vscode/mcp.json', '.cursor/mcp.json', 'mcp.json']) {
  test(`the program of a ${place} starts in the folder that its client would choose`, async () => {
    const folder = fs.mkdtempSync(path.join(fs.realpathSync(scratchFolder()), 'workspace-'));
    const file = path.join(folder, place);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.mkdirSync(path.join(folder, 'sub'));
    const servers = place.startsWith('.')
      ? { a: stdioCommand(), b: stdioCommand({}, { cwd: 'sub' }) }
      : { a: stdioCommand() };
    fs.writeFileSync(file, JSON.stringify({ mcpServers: servers }));
    const here = fs.realpathSync(scratchFolder());
    const options = ['serve', '--mcp-servers', file, '--listen', '127.0.0.1:0'];
    const process = start(path.resolve(binary), options, { cwd: here, name: 'bascule' });
    const gateway = ending(new Gateway(process, (await process.find(/^listening on (\S+)$/m))[1]));
    for (const name of Object.keys(servers)) {
      const client = await new Client(gateway.url(name)).open();
      const { result } = await client.call('folder');
      assert.equal(result.content[0].text, place.startsWith('.') ? path.join(folder, name === 'b' ? 'sub' : '') : here);
      await client.close();
    }
  });
}

test('UTF-16 with a byte order mark, in both orders', async () => {
  const file = { mcpServers: { a: { url: upstream.url } }, title: 'ä🚀' };
  const text = Buffer.from(`\uFEFF${JSON.stringify(file)}`, 'utf16le');
  for (const bytes of [Buffer.from(text), Buffer.from(text).swap16()]) {
    const gateway = ending(await startGatewayOnFile(bytes));
    assert.deepEqual(await namesOf(gateway), ['a-echo']);
    }
});

test('an upstream that cannot be used stops no other: serve starts without it, check lists all and exits with 2', async () => {
  const servers = {
    a: { url: '${input:secret-key}' },
    b: { url: '${MISSING_VARIABLE}' },
    good: { url: upstream.url },
    d: { type: 'ws', url: 'http://h' },
    'Good!': { url: 'http://h' },
    e: { url: 'http://h', headersHelper: '/bin/x' },
  };
  const reasons = [/secret-key/, /MISSING_VARIABLE/, /d\.type: expected stdio/, /mcp\.json:.*"good".*mcp\.json:/, /headersHelper.*"headers"/];
  const file = scratchFile('mcp.json', JSON.stringify({ mcpServers: servers }, null, 1));
  const checked = await run(binary, ['check', file]);
  assert.equal(checked.code, 2);
  for (const reason of reasons) assert.match(checked.output, reason);
  const gateway = ending(await startGatewayOnFile({ mcpServers: servers }));
  assert.deepEqual(await namesOf(gateway), ['good-echo']);
  const told = () => gateway.output.split('\n').slice(0, -1).filter((line) => line.includes('upstream left out')).join('\n');
  await until(() => told().split('\n').length >= 5, 'a line of the log for each that is left out');
  for (const reason of [/secret-key/, /MISSING_VARIABLE/, /headersHelper/]) assert.match(told(), reason);
  assert.equal(told().split('\n').length, 5);
});

// A file from somewhere must not steer the terminal, nor write lines that look like ours.
test('nothing that stands in a file steers the terminal at which it is checked or served', async () => {
  const steers = /[^\P{Cc}\n]/u;
  const servers = {
    '\x1b[31mred\x07': { command: 'python3', '\x1b[2J': 1, '\nbascule: ': 2, type: '\x1b[1mx' },
    twice: { command: 'py\x1b[5mz' },
    '\x9b2J': { url: 'http://h/\x1b[2J', disabled: '\x1b[2J\nbascule: it is fine' },
    env: { command: 'x', env: { '\x1b[2J': 'x' } },
  };
  const file = scratchFile('\x1b[2J.json', JSON.stringify({ mcpServers: servers }));
  const checked = await run(binary, ['check', file]);
  assert.equal(checked.code, 2);
  assert.match(checked.output, /\?\[31mred\?/);
  assert.doesNotMatch(checked.output, steers);
  assert.doesNotMatch(checked.output, /^bascule: (it is fine|,)/m);
  for (const settings of ['"\\e[2J": 1\n', 'log: {level: "\\e[2J\\nbascule: it is fine"}\n']) {
    const yaml = scratchFile('c.yaml', settings);
    for (const args of [['check', yaml], ['serve', '--config', yaml]]) {
      const { code, output } = await run(binary, args);
      assert.equal(code, 2);
      assert.match(output, /\?\[2J/);
      assert.doesNotMatch(output, steers);
      assert.doesNotMatch(output, /^bascule: it is fine/m);
    }
  }
});

test('at a reload an upstream that cannot be used stays as it was, and the others change', async () => {
  const settings = (one, two) => ({ listen: '127.0.0.1:0', upstreams: { one, two } });
  const gateway = ending(await startGateway(settings({ url: upstream.url }, { url: upstream.url })));
  assert.deepEqual(await namesOf(gateway), ['one-echo', 'two-echo']);
  gateway.configure(settings({ url: '${MISSING_VARIABLE}' }, { url: upstream.url, name_prefix: 'new' }));
  gateway.reload();
  await until(async () => (await namesOf(gateway)).includes('new-echo'), 'the new name');
  assert.deepEqual((await namesOf(gateway)).sort(), ['new-echo', 'one-echo']);
  await gateway.process.find(/keeps its old state.*MISSING_VARIABLE/);
  assert.doesNotMatch(gateway.output, /upstream left out/);
});

test('what has no meaning here is named once, in one line of each file', async () => {
  const entry = { url: upstream.url, autoApprove: [], description: 'x' };
  const gateway = ending(await startGatewayOnFile({ mcpServers: { a: entry, b: entry } }));
  await gateway.process.find(/not used.*\n/);
  const lines = gateway.output.split('\n').filter((line) => line.includes('not used'));
  assert.equal(lines.length, 1, gateway.output);
  assert.match(lines[0], /a\.autoApprove.*a\.description.*b\.autoApprove.*b\.description/);
});

test('a tool that the file disables is neither listed nor called', async () => {
  const gateway = ending(await startGatewayOnFile({ mcpServers: { a: { ...stdioCommand(), disabledTools: ['echo'] } } }));
  assert.ok(!(await namesOf(gateway)).includes('a-echo'));
  for (const [server, name] of [[undefined, 'a-echo'], ['a', 'echo']]) {
    const client = await new Client(gateway.url(server)).open();
    assert.equal((await client.call(name, { text: 'x' })).error.code, -32602);
    await client.close();
  }
});

test('other keys get a slug, and those without a usable character a name of their digest', async () => {
  const names = await toolsOf({ mcpServers: { 'My Server!': { url: upstream.url }, '!': { url: upstream.url } } });
  assert.equal(names[0], 'my-server-echo');
  assert.match(names[1], /^server-[0-9a-f]{8}-echo$/);
});
