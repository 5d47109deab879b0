// Variables are replaced in what starts a server, and what they stood for is quoted nowhere: not to clients, not in the log,
// not by check and status. Nor is what a server was told in confidence, and says again.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { test } from 'node:test';
import { Client } from './lib/client.mjs';
import { binary, Gateway, startGateway } from './lib/gateway.mjs';
import { run, start, until } from './lib/process.mjs';
import { scratchFolder, scratchFile, toYaml } from './lib/scratch.mjs';
import { bytesOf } from './lib/upstream.mjs';

const newFolder = () => fs.mkdtempSync(path.join(scratchFolder(), 'run-'));
const secret = 'EXPANDED5ECRET';

const commands = {
  line: 'npx-none -y mcp-remote https://x/y --header Authorization:${TOK}',
  option: '/opt/x/run-none --token=${TOK}',
  last: '/opt/x/none/${TOK}',
  first: 'KEY=${TOK} npx-none',
  split: '${TOK} /none',
  whole: '${TOK}',
};

const inJson = () => {
  const mcpServers = {
    cwd: { command: 'sh', cwd: '/x/${TOK}' },
    file: { command: 'sh', envFile: '/x/${TOK}' },
    ca: { url: 'https://127.0.0.1:1/', ca_file: '/x/${TOK}' },
    list: { command: ['/none/${TOK}', '${TOK}'] },
    map: { command: { path: 'npx-none ${TOK}', args: ['${TOK}'] } },
  };
  for (const [name, command] of Object.entries(commands)) mcpServers[name] = { command };
  return ['--mcp-servers', scratchFile('mcp.json', JSON.stringify({ mcpServers }))];
};

const inYaml = () => {
  const upstreams = {
    cwd: { command: 'sh', cwd: '/x/${TOK}' },
    ca: { url: 'https://127.0.0.1:1/', ca_file: '/x/${TOK}' },
  };
  for (const [name, command] of Object.entries(commands)) upstreams[name] = { command };
  return ['--config', scratchFile('b.yaml', toYaml({ workers: 1, upstreams }).trimStart())];
};

for (const [kind, write] of Object.entries({ 'an mcpServers file': inJson, 'a YAML file': inYaml })) {
  test(`the value of a variable in ${kind} is shown by no message about programs, folders and files`, async () => {
    const sources = write();
    const env = { TOK: secret, XDG_RUNTIME_DIR: newFolder() };
    const check = await run(binary, ['check', sources[1]], { env });
    const process = start(binary, ['serve', ...sources, '--listen', '127.0.0.1:0'], { env, name: 'bascule' });
    const [, address] = await process.find(/^listening on (\S+)$/m);
    const gateway = new Gateway(process, address);
    try {
      const answers = [];
      for (const server of ['cwd', ...Object.keys(commands)]) {
        const client = await new Client(gateway.url(server)).open();
        answers.push((await client.call('anything')).result ?? (await client.call('anything')).error);
        answers.push(await client.request('resources/read', { uri: 'a:b' }));
        await client.close();
      }
      const all = await new Client(gateway.url()).open();
      answers.push(await all.call('line-anything'), await all.request('tools/list'));
      await all.close();
      await until(() => /whole cannot be listed/.test(gateway.output), 'the log');
      const status = await run(binary, ['status'], { env });
      const json = await run(binary, ['status', '--json'], { env });
      const shown = { answers: JSON.stringify(answers), log: gateway.output, check, status, json };
      for (const [where, text] of Object.entries(shown)) {
        assert.ok(!JSON.stringify(text).includes(secret), `${where}: ${JSON.stringify(text)}`);
      }
      assert.equal(check.code, 2);
      assert.match(check.output, /npx-none is no executable file.*arguments belong into args/);
      assert.match(check.output, /cwd: the folder was not found/);
      assert.match(JSON.stringify(answers), /line: the program npx-none was not found/);
      assert.match(JSON.stringify(answers), /option: the program run-none was not found/);
      assert.match(JSON.stringify(answers), /whole: the program was not found/);
      assert.match(status.stdout, /the program npx-none was not found/);
    } finally {
      await gateway.kill();
    }
  });
}

// Answers every request with all that it was sent, in the way that its path names.
const startParrot = async () => {
  const ways = {
    plain: (request, body, response) => response.writeHead(401).end(`denied: ${request.url} ${JSON.stringify(request.headers)}`),
    long: (request, body, response) => response.writeHead(500).end('x'.repeat(480) + JSON.stringify(request.headers)),
    error: (request, { id }, response) => {
      const message = `no ${request.url} ${request.headers.authorization}`;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32000, message } }));
    },
    redirect: (request, body, response) => response.writeHead(307, { location: `http://127.0.0.1:1${request.url}` }).end(),
  };
  const server = http.createServer(async (request, response) => {
    const body = await bytesOf(request);
    const way = ways[request.url.split('/')[1]];
    if (body !== undefined) way(request, body.length > 0 ? JSON.parse(body) : {}, response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, ways: Object.keys(ways), stop: () => server.close() };
};

test('what a server was told in confidence and says again is shown to nobody', async () => {
  const parrot = await startParrot();
  const hidden = { header: 'HEADER5ECRET', query: 'QUERY5ECRET', path: 'PATH5ECRET0123456789', variable: 'VARIABLE5ECRET' };
  const upstreams = Object.fromEntries(
    parrot.ways.map((way) => [
      way,
      {
        url: `${parrot.url}/${way}/${hidden.path}/mcp?key=${hidden.query}`,
        headers: { Authorization: `Bearer ${hidden.header}` },
        transport: 'streamable-http',
      },
    ]),
  );
  upstreams.child = {
    command: 'sh',
    args: ['-c', 'echo "token is $TOKEN" >&2; while read -r line; do :; done'],
    env: { TOKEN: hidden.variable },
  };
  const env = { XDG_RUNTIME_DIR: newFolder() };
  const gateway = await startGateway({ upstreams, timeouts: { start: '1s' }, log: { access: false } }, { env });
  try {
    const answers = [];
    for (const server of parrot.ways) {
      const client = await new Client(gateway.url(server)).open();
      answers.push(await client.call('anything'), await client.request('resources/read', { uri: 'a:b' }));
      await client.close();
    }
    const seen = ['plain cannot be listed', 'long cannot be listed', 'error cannot be listed', 'redirect cannot be listed', 'token is'];
    await until(() => seen.every((text) => gateway.output.includes(text)), 'the log');
    const status = await run(binary, ['status', '--json'], { env });
    for (const [where, text] of Object.entries({ answers: JSON.stringify(answers), log: gateway.output, status: status.output })) {
      for (const [what, value] of Object.entries(hidden)) {
        assert.ok(!text.includes(value), `${what} in ${where}: ${text}`);
        assert.ok(!text.includes(value.slice(0, 8)), `the begin of ${what} in ${where}: ${text}`);
      }
    }
    await gateway.process.find(/plain cannot be listed: .*denied: \/plain\/\*\*\*\/mcp\?key=\*\*\*/);
    await gateway.process.find(/stderr: token is \*\*\*/);
  } finally {
    await gateway.kill();
    parrot.stop();
  }
});
