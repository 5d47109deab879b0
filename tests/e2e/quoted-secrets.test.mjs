// Variables are replaced in what starts a server, and what they stood for is quoted nowhere: not to clients, not in the log,
// not by check and status.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Client } from './lib/client.mjs';
import { binary, Gateway } from './lib/gateway.mjs';
import { run, start, until } from './lib/process.mjs';
import { scratchFolder, scratchFile, toYaml } from './lib/scratch.mjs';

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
