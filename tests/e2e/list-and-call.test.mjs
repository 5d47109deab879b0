// `bascule list` and `bascule call`: the first client that a newcomer has.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { binary, startGateway, withGateway } from './lib/gateway.mjs';
import { run, until } from './lib/process.mjs';
import { scratchFile, scratchFolder, toYaml } from './lib/scratch.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

const folder = () => fs.mkdtempSync(path.join(scratchFolder(), 'run-'));
const env = { XDG_RUNTIME_DIR: folder(), TMPDIR: folder() };
const cwd = folder(); // Without a bascule.yaml.
const bascule = (args, more = {}) => run(path.resolve(binary), args, { env: { ...env, ...more }, cwd });

let upstream, gateway;

before(async () => {
  const tools = {
    echo: (call) => text(JSON.stringify(call.arguments)),
    fails: () => ({ ...text('no \u001b[31mway'), isError: true }),
    sees: () => ({ content: [{ type: 'image', mimeType: 'image/png', data: 'AAAA' }, ...text('a\nb').content] }),
  };
  upstream = await startUpstream({ tools, capabilities: { tools: {}, prompts: {}, resources: {} } });
  const properties = { word: { type: 'string' }, count: { type: 'integer' } };
  upstream.list = () =>
    Object.keys(tools).map((name) => ({
      name,
      description: `It ${name}.\nMore of it.`,
      inputSchema: { type: 'object', properties },
    }));
  upstream.methods['prompts/list'] = () => ({ prompts: [{ name: 'greet', title: 'Greeting' }] });
  upstream.methods['resources/list'] = () => ({ resources: [{ uri: 'mem:1', name: 'One' }] });
  upstream.methods['resources/templates/list'] = () => ({ resourceTemplates: [{ uriTemplate: 'mem:{n}', name: 'Any' }] });
  gateway = await startGateway({ upstreams: { good: { url: upstream.url } } }, { env });
});
after(async () => {
  await gateway.kill();
  await upstream.stop();
});

test('list finds the gateway that runs, and says what it lists', async () => {
  const all = await bascule(['list']);
  assert.equal(all.code, 0, all.output);
  assert.match(all.stdout, /^tools \(3\)\n {2}good-echo {3}It echo\.\n {2}good-fails {2}It fails\.\n/);
  assert.match(all.stdout, /\nprompts \(1\)\n {2}good-greet {2}Greeting\n/);
  assert.match(all.stdout, /\nresources \(1\)\n {2}mem:1 {2}One\n\nresourceTemplates \(1\)\n {2}mem:\{n\} {2}Any\n$/);
  const tools = JSON.parse((await bascule(['list', 'tools', '--json'])).stdout);
  assert.deepEqual(Object.keys(tools), ['tools']);
  assert.deepEqual(tools.tools.map(({ name }) => name), ['good-echo', 'good-fails', 'good-sees']);
  assert.equal((await bascule(['list', 'nonsense'])).code, 2);
});

test('a URL of list may have its scheme in capitals, and no credentials, which are not shown', async () => {
  const named = await bascule(['list', 'tools', '--url', gateway.url().replace('http', 'HTTP')]);
  assert.equal(named.code, 0, named.output);
  for (const credentials of ['user:s3cret', 's3cret', 'user:s3cret:@']) {
    const url = gateway.url().replace('://', `://${credentials}@`);
    const refused = await bascule(['list', '--url', url]);
    assert.equal(refused.code, 2);
    assert.match(refused.output, /URL with credentials.*--token-file or BASCULE_TOKEN/);
    assert.doesNotMatch(refused.output, /s3cret/);
  }
});

test('call types its arguments by the schema, and prints what people can read', async () => {
  const echoed = await bascule(['call', 'good-echo', 'word=1', 'count=2', 'more={"a":[1]}', 'other=x']);
  assert.equal(echoed.code, 0, echoed.output);
  assert.deepEqual(JSON.parse(echoed.stdout), { word: '1', count: 2, more: { a: [1] }, other: 'x' });
  assert.equal((await bascule(['call', 'good-sees'])).stdout, '[image image/png]\na\nb\n');
  const raw = await bascule(['call', 'good-sees', '--json']);
  assert.equal(JSON.parse(raw.stdout).content[0].data, 'AAAA');
  const before = upstream.calls.length;
  const wrong = await bascule(['call', 'good-echo', 'count=x']);
  assert.deepEqual([wrong.code, wrong.stdout], [2, '']);
  assert.match(wrong.output, /count: .* integer/);
  const unknown = await bascule(['call', 'good-ecco']);
  assert.equal(unknown.code, 2);
  assert.match(unknown.output, /no tool "good-ecco"; the nearest is "good-echo"/);
  assert.equal(upstream.calls.length, before);
});

test('call ends with 1 when the result is an error, and shows no control characters', async () => {
  const { code, stdout } = await bascule(['call', 'good-fails']);
  assert.deepEqual([code, stdout], [1, 'no ?[31mway\n']);
});

test('the session of a command ends with it', async () => {
  await bascule(['call', 'good-echo']);
  const status = async () => JSON.parse((await bascule(['status', '--json'])).stdout);
  await until(async () => (await status()).sessions === 0, 'the end of its session');
});

test('a URL leads to one server; where nobody listens is told', async () => {
  const one = await bascule(['call', 'echo', '--url', gateway.url('good'), 'word=hi']);
  assert.deepEqual(JSON.parse(one.stdout), { word: 'hi' });
  const nobody = await bascule(['list', '--url', 'http://127.0.0.1:9/mcp']);
  assert.deepEqual([nobody.code, nobody.stdout], [1, '']);
  assert.match(nobody.output, /cannot connect to the gateway \(.*Connection refused/);
  assert.equal((await bascule(['list', '--url', 'nonsense'])).code, 2);
  const none = await bascule(['list'], { XDG_RUNTIME_DIR: folder(), TMPDIR: folder() });
  assert.equal(none.code, 2);
  assert.match(none.output, /no gateway of yours is running/);
});

test('a token comes from a file or a variable', async () => {
  const token = 'a-token-for-a-test-0123456789';
  const hash = createHash('sha256').update(token).digest('hex');
  const tokens_file = scratchFile('tokens', `alice:sha256:${hash}\n`);
  const settings = { auth: { tokens_file }, upstreams: { good: { url: upstream.url } } };
  await withGateway(settings, async (guarded) => {
    const port = new URL(guarded.address).port;
    const config = scratchFile('bascule.yaml', toYaml({ listen: `127.0.0.1:${port}` }).trimStart());
    const list = (args, more) => bascule(['list', '--config', config, ...args], more);
    const without = await list([]);
    assert.equal(without.code, 1);
    assert.match(without.output, /the gateway asks for a token: give --token-file FILE, or set BASCULE_TOKEN\n/);
    const wrong = await list([], { BASCULE_TOKEN: 'a-token-that-nobody-knows' });
    assert.equal(wrong.code, 1);
    assert.match(wrong.output, /the gateway does not know the token/);
    assert.equal((await list([], { BASCULE_TOKEN: token })).code, 0);
    const file = scratchFile('token', `${token}\n`);
    const byFile = await list(['--token-file', file], { BASCULE_TOKEN: 'wrong' });
    assert.equal(byFile.code, 0, byFile.output);
  });
});

test('a gateway that listens at a Unix socket is spoken to there', async () => {
  const own = { XDG_RUNTIME_DIR: folder(), TMPDIR: folder() };
  const listen = `unix:${path.join(folder(), 's')}`;
  const settings = { listen, upstreams: { good: { url: upstream.url } } };
  await withGateway(settings, async ({ file }) => {
    for (const args of [['--config', file], ['--url', listen], []]) {
      const { code, stdout, output } = await bascule(['call', 'good-echo', ...args, 'word=hi'], own);
      assert.equal(code, 0, output);
      assert.deepEqual(JSON.parse(stdout), { word: 'hi' });
    }
    for (const command of ['status', 'reload', 'list']) {
      for (const args of [[], ['--config', file]]) {
        const { code, output } = await bascule([command, ...args], own);
        assert.equal(code, 0, `${command} ${args}: ${output}`);
      }
    }
    for (const command of ['status', 'reload']) {
      const { code, stdout, output } = await bascule([command, '--socket', listen.slice('unix:'.length)], own);
      assert.deepEqual([code, stdout], [1, ''], command);
      assert.match(output, /is no status socket \(it speaks HTTP/);
    }
  }, { env: own });
  const nobody = await bascule(['list', '--url', listen], own);
  assert.deepEqual([nobody.code, nobody.stdout], [1, '']);
  assert.match(nobody.output, /Connection refused/);
});
