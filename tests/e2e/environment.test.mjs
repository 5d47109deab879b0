// Settings from variables of the environment: which of all that may say something holds, and who sees them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { binary, startGatewayOnFile, withGateway } from './lib/gateway.mjs';
import { run, until } from './lib/process.mjs';
import { scratchFile, toYaml } from './lib/scratch.mjs';
import { stdioCommand } from './lib/servers.mjs';
import { startUpstream } from './lib/upstream.mjs';

const tools = ['a', 'b', 'c', 'd'];
let upstream;

before(async () => {
  upstream = await startUpstream({ tools: Object.fromEntries(tools.map((name) => [name, () => 'text'])) });
});
after(() => upstream.stop());

const settings = (more = {}) => ({ upstreams: { one: { url: upstream.url } }, ...more });

// How many tools are on the first page of a list.
async function pageSize(gateway) {
  const client = await new Client(gateway.url()).open();
  const { result } = await client.request('tools/list');
  await client.close();
  return result.tools.length;
}

const check = (env, content) =>
  run(binary, ['check', scratchFile('bascule.yaml', toYaml(content ?? settings()))], { env });

test('the file stands above the environment, and that above the default', async () => {
  const env = { BASCULE_LIMITS_PAGE_SIZE: '3' };
  await withGateway(settings(), async (gateway) => assert.equal(await pageSize(gateway), tools.length));
  await withGateway(settings(), async (gateway) => assert.equal(await pageSize(gateway), 3), { env });
  const file = settings({ limits: { page_size: 2 } });
  await withGateway(file, async (gateway) => assert.equal(await pageSize(gateway), 2), { env });
});

test('the command line stands above the environment', async () => {
  const servers = { mcpServers: { one: { url: upstream.url } } };
  const env = { BASCULE_LISTEN: '127.0.0.2:0' };
  const byVariable = await startGatewayOnFile(servers, { args: [], env });
  assert.match(byVariable.address, /127\.0\.0\.2/);
  await byVariable.kill();
  const byFlag = await startGatewayOnFile(servers, { env });
  assert.match(byFlag.address, /127\.0\.0\.1/);
  await byFlag.kill();
});

test('a reload keeps what the environment says where the file is silent', async () => {
  const body = async (gateway) => {
    gateway.configure({ listen: '127.0.0.1:0', workers: 1, ...settings({ limits: { page_size: 2 } }) });
    gateway.reload();
    await until(async () => (await pageSize(gateway)) === 2, 'the size that the file says');
    gateway.configure({ listen: '127.0.0.1:0', workers: 1, ...settings() });
    gateway.reload();
    await until(async () => (await pageSize(gateway)) === 3, 'the size that the environment says');
  };
  await withGateway(settings(), body, { env: { BASCULE_LIMITS_PAGE_SIZE: '3' } });
});

test('check and serve refuse a value that cannot be used, and name variable, setting and expectation', async () => {
  const env = { BASCULE_LIMITS_PAGE_SIZE: 'many' };
  const expected = /the variable BASCULE_LIMITS_PAGE_SIZE: limits\.page_size: expected a whole number from 1 to/;
  const file = scratchFile('bascule.yaml', toYaml(settings()));
  for (const ran of [await check(env), await run(binary, ['serve', '--config', file], { env })]) {
    assert.equal(ran.code, 2);
    assert.match(ran.output, expected);
  }
});

test('check and the start name a variable that sets nothing, and the nearest that would', async () => {
  const ofKubernetes = {
    BASCULE_SERVICE_HOST: '10.0.0.1',
    BASCULE_SERVICE_PORT: '80',
    BASCULE_SERVICE_PORT_HTTP: '80',
    BASCULE_PORT_80_TCP: 'tcp://10.0.0.1:80',
    BASCULE_PORT_80_TCP_ADDR: '10.0.0.1',
    BASCULE_PORT: 'tcp://10.0.0.1:80',
  };
  const env = {
    ...ofKubernetes,
    BASCULE_TIMEOUT_CALL: '30s',
    BASCULE_HOST_OF_ONE: new URL(upstream.url).host,
    BASCULE_TOKEN: 'secret',
  };
  const used = { upstreams: { one: { url: 'http://${BASCULE_HOST_OF_ONE}/mcp' } } };
  const expected = /not used: BASCULE_TIMEOUT_CALL \(the nearest is BASCULE_TIMEOUTS_CALL\)["\n]/;
  assert.match((await check(env, used)).output, expected);
  await withGateway(used, (gateway) => gateway.process.find(expected), { env });
  const guessed = await check({ ...env, BASCULE_PORT: '9090', BASCULE_TOKENS_FILE: 'x' }, used);
  assert.match(guessed.output, /BASCULE_PORT \(the nearest is BASCULE_LISTEN\)/);
  assert.match(guessed.output, /BASCULE_TOKENS_FILE \(the nearest is BASCULE_AUTH_TOKENS_FILE\)/);
});

test('no variable lets everybody in', async () => {
  const open = await check({ BASCULE_LISTEN: '0.0.0.0:1', BASCULE_AUTH_ALLOW_ANONYMOUS: 'true' });
  assert.equal(open.code, 2);
  assert.match(open.output, /BASCULE_AUTH_ALLOW_ANONYMOUS: auth\.allow_anonymous: .*only a file/);
  assert.equal((await check({ BASCULE_LISTEN: '0.0.0.0:1' })).code, 2, 'nobody is asked for a token');
});

test('list asks where the environment says that the gateway listens', async () => {
  await withGateway(settings(), async (gateway) => {
    const file = scratchFile('silent.yaml', toYaml(settings()));
    const env = { BASCULE_LISTEN: `127.0.0.1:${gateway.port}` };
    const { code, output } = await run(binary, ['list', 'tools', '--config', file], { env });
    assert.equal(code, 0, output);
    assert.match(output, /one-a/);
    const common = { env: { PORT: `${gateway.port}` } };
    const told = await run(binary, ['list', 'tools', '--config', file, '--reference-env'], common);
    assert.match(told.output, /one-a/);
  });
});

// What check says of a file that says nothing but its upstreams.
async function checked(env, args = []) {
  const file = scratchFile('bascule.yaml', toYaml(settings()));
  const { code, output } = await run(binary, ['check', file, ...args], { env });
  assert.equal(code, 0, output);
  return output;
}

test('common names of ContextForge count beside one of its own or with --reference-env, and that is said', async () => {
  const common = { HOST: '127.0.0.2', PORT: '4444', LOG_LEVEL: 'DEBUG', DATABASE_URL: 'sqlite:///secret.db' };
  const alone = await checked(common);
  assert.match(alone, /listen on 127\.0\.0\.1:8080/);
  assert.doesNotMatch(alone, /ContextForge/);
  const beside = await checked({ ...common, MCPGATEWAY_UI_ENABLED: 'true' });
  assert.match(beside, /listen on 127\.0\.0\.2:4444/);
  assert.match(beside, /count .*: HOST \(listen\), PORT \(listen\), .* because MCPGATEWAY_UI_ENABLED is set/);
  assert.match(beside, /not used: DATABASE_URL, MCPGATEWAY_UI_ENABLED/);
  const told = await checked(common, ['--reference-env']);
  assert.match(told, /listen on 127\.0\.0\.2:4444/);
  for (const output of [beside, told]) assert.doesNotMatch(output, /secret/);
});

test('a variable of ContextForge sets what the file and BASCULE_... do not, and the start says so once', async () => {
  const env = { GATEWAY_TOOL_NAME_SEPARATOR: '_', MCP_SESSION_POOL_TTL: '9', JWT_SECRET_KEY: 'a-secret-key' };
  const firstTool = async (gateway) => {
    const client = await new Client(gateway.url()).open();
    const { result } = await client.request('tools/list');
    await client.close();
    return result.tools[0].name;
  };
  const body = async (gateway) => {
    assert.equal(await firstTool(gateway), 'one_a');
    gateway.reload();
    await until(() => /"reloaded"/.test(gateway.output), 'the reload'); // Behind all that the start said.
    assert.equal(await firstTool(gateway), 'one_a');
    const lines = gateway.output.split('\n').filter((line) => line.includes('ContextForge'));
    assert.equal(lines.length, 2, gateway.output);
    assert.match(lines[0], /GATEWAY_TOOL_NAME_SEPARATOR \(names\.separator\)/);
    assert.match(lines[1], /not used: JWT_SECRET_KEY \(see auth\.tokens_file\), MCP_SESSION_POOL_TTL/);
    assert.doesNotMatch(gateway.output, /a-secret-key/);
  };
  await withGateway(settings(), body, { env });
  await withGateway(settings(), async (gateway) => assert.equal(await firstTool(gateway), 'one.a'), {
    env: { ...env, BASCULE_NAMES_SEPARATOR: '.' },
  });
  const file = settings({ names: { separator: '--' } });
  await withGateway(file, async (gateway) => assert.equal(await firstTool(gateway), 'one--a'), { env });
});

test('a value of ContextForge that cannot be used is refused as one in the file is', async () => {
  const { code, output } = await check({ STREAMABLE_HTTP_EVENT_TTL: 'long' });
  assert.equal(code, 2);
  assert.match(output, /the variable STREAMABLE_HTTP_EVENT_TTL: streams\.event_age_max: expected a number of seconds/);
  const open = await check({ HOST: '0.0.0.0', MCP_REQUIRE_AUTH: 'false', AUTH_REQUIRED: 'false' });
  assert.equal(open.code, 2, 'no variable lets everybody in');
  assert.match(open.output, /nobody would be asked for a token/);
});

test('a child gets no variable in which a gateway keeps secrets, and none can be named for it', async () => {
  const secrets = ['BASCULE_TOKEN', 'JWT_SECRET_KEY', 'AUTH_ENCRYPTION_SECRET', 'DATABASE_URL', 'PLATFORM_ADMIN_PASSWORD'];
  const env = Object.fromEntries([...secrets, 'FOR_CHILDREN'].map((name) => [name, 'never-seen']));
  const body = async (gateway) => {
    const client = await new Client(gateway.url('child')).open();
    const seen = JSON.parse((await client.call('environment')).result.content[0].text);
    assert.deepEqual(Object.keys(seen).filter((name) => seen[name] === 'never-seen'), ['FOR_CHILDREN']);
    await client.close();
    assert.doesNotMatch(gateway.output, /never-seen/);
  };
  await withGateway({ processes: { inherit: ['FOR_CHILDREN'] }, upstreams: { child: stdioCommand() } }, body, { env });
  for (const name of secrets) {
    const named = await check({}, settings({ processes: { inherit: [name] } }));
    assert.equal(named.code, 2, name);
    assert.match(named.output, /processes\.inherit: expected .*other than BASCULE_/);
    assert.equal((await check({ BASCULE_PROCESSES_INHERIT: name })).code, 2, name);
  }
});

test('config --env names a variable for each setting outside of upstreams and servers', async () => {
  const { stdout } = await run(binary, ['config']);
  const names = [...stdout.matchAll(/^([a-z_]+(?:\.[A-Za-z_]+)*)\s/gm)].map(([, name]) => name).slice(1);
  const { stdout: variables } = await run(binary, ['config', '--env']);
  for (const name of names.filter((each) => !/^(upstreams|servers)\./.test(each))) {
    const variable = `BASCULE_${name.toUpperCase().replaceAll('.', '_')}`;
    assert.match(variables, new RegExp(`^${name.replaceAll('.', '\\.')} +${variable}\\b`, 'm'));
  }
  assert.doesNotMatch(variables, /^upstreams/m);
});
