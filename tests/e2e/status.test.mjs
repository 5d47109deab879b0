// `bascule status`: what the user who runs a gateway is told of it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { Client } from './lib/client.mjs';
import { binary, startGateway, withGateway } from './lib/gateway.mjs';
import { run, until, within } from './lib/process.mjs';
import { scratchFile, scratchFolder, toYaml } from './lib/scratch.mjs';
import { setting } from './lib/setting.mjs';
import { startUpstream } from './lib/upstream.mjs';

const newFolder = () => fs.mkdtempSync(path.join(scratchFolder(), 'run-'));
const status = (args, env) => run(binary, ['status', ...args], { env });
const statusOf = async (socket) => JSON.parse((await status(['--json', '--socket', socket])).stdout);

test('status tells servers, sessions and numbers of a running gateway, as JSON and as a table', async () => {
  const env = { XDG_RUNTIME_DIR: newFolder() };
  const none = await status([], { ...env, TMPDIR: newFolder() });
  assert.equal(none.code, 1);
  assert.match(none.output, /no gateway of yours is running/);

  const tool = () => ({ content: [] });
  const upstream = await startUpstream({ tools: { one: tool, two: tool } });
  const settings = { upstreams: { good: { url: upstream.url }, gone: { url: 'http://127.0.0.1:9/mcp' } } };
  await withGateway(
    settings,
    async (gateway) => {
      const socket = path.join(env.XDG_RUNTIME_DIR, 'bascule', `${gateway.port}.sock`);
      assert.equal(fs.statSync(socket).mode & 0o777, 0o600);
      assert.equal(fs.statSync(path.dirname(socket)).mode & 0o777, 0o700);
      const server = async (name) => (await statusOf(socket)).servers.find((each) => each.name === name);
      await until(async () => (await server('gone')).state === 'failing', 'a failure', 30_000);
      await until(async () => (await server('good')).state === 'ready', 'a success', 30_000);

      const before = await statusOf(socket);
      const client = await new Client(gateway.url()).open();
      await client.call('good-one');
      let now;
      // One that lists has its own for that time.
      await until(async () => (now = await statusOf(socket)).leases === before.leases + 1, 'what the session has upstream');
      assert.equal(now.pid, gateway.process.pid);
      assert.equal(now.address, gateway.address);
      assert.equal(now.sessions, 1);
      assert.ok(now.connections >= 1 && now.descriptors > 3);
      for (const name of ['parks', 'streams', 'children', 'buffered_bytes']) assert.equal(typeof now[name], 'number');
      const good = await server('good');
      assert.deepEqual([good.state, good.era, good.tools, good.last_error], ['ready', 'sessions', 2, '']);
      const gone = await server('gone');
      assert.ok(gone.last_error !== '' && gone.next_try_s >= 0, JSON.stringify(gone));

      // Without a word of where it is, it is found where gateways of this user are.
      const { code, stdout } = await status([], env);
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`^${gateway.address} \\(pid ${gateway.process.pid}\\)\n {2}sessions 1, `, 'm'));
      assert.match(stdout, /\n {2}good +ready +sessions +2 /);
      // It may be tried in this very moment.
      const isFailing = async () => /\n {2}gone +failing .*\(next try in \d+s\)\n/.test((await status([], env)).stdout);
      await until(isFailing, 'the time of the next try');

      await client.close();
      await until(async () => (await statusOf(socket)).sessions === 0, 'the end of the session', 30_000);
      await until(async () => (await statusOf(socket)).leases === before.leases, 'the end of what it had upstream', 30_000);
      await gateway.stop();
      assert.equal(fs.existsSync(socket), false);
    },
    { env },
  );
  await upstream.stop();
});

setting('status.socket', async () => {
  const socket = path.join(newFolder(), 'here.sock');
  const env = { XDG_RUNTIME_DIR: newFolder() };
  const settings = { status: { socket }, upstreams: {} };
  await withGateway(
    settings,
    async (first) => {
      assert.equal((await statusOf(socket)).pid, first.process.pid);
      // A file of settings says where to ask, as it told the gateway.
      const byFile = await status(['--json', '--config', first.file], env);
      assert.equal(JSON.parse(byFile.stdout).pid, first.process.pid);

      // The socket of a running gateway is never taken; who cannot have one serves without.
      await withGateway(settings, async (second) => {
        await second.process.find(/no status socket/);
        assert.equal((await fetch(`${second.address}/health`)).status, 200);
        assert.equal((await statusOf(socket)).pid, first.process.pid);
        await second.stop();
        assert.equal((await statusOf(socket)).pid, first.process.pid);
      });

      // That of a dead one is replaced.
      await first.kill();
      assert.equal(fs.existsSync(socket), true);
      const dead = await status(['--socket', socket], env);
      assert.equal(dead.code, 1);
      assert.match(dead.output, /here\.sock: /);
      await withGateway(settings, async (third) => assert.equal((await statusOf(socket)).pid, third.process.pid), { env });
    },
    { env },
  );

  await withGateway({ status: { socket: 'none' } }, () => {}, { env });
  assert.deepEqual(fs.readdirSync(env.XDG_RUNTIME_DIR), []);
});

test('what is no socket is not removed for one', async () => {
  const file = scratchFile('precious', 'text');
  await withGateway({ status: { socket: file } }, async (gateway) => {
    await gateway.process.find(/no status socket/);
    assert.equal(fs.readFileSync(file, 'utf8'), 'text');
  });
});

test('a gateway removes what dead ones left in the folder, and each living one is listed', async () => {
  const env = { XDG_RUNTIME_DIR: newFolder(), TMPDIR: newFolder() };
  const dead = await startGateway({}, { env });
  await dead.kill();
  await withGateway({}, async (one) => {
    await withGateway(
      {},
      async (other) => {
        const sockets = fs.readdirSync(path.join(env.XDG_RUNTIME_DIR, 'bascule'));
        assert.deepEqual(sockets.sort(), [`${one.port}.sock`, `${other.port}.sock`].sort());
        const lines = (await status(['--json'], env)).stdout.trim().split('\n');
        const pids = lines.map((line) => JSON.parse(line).pid);
        assert.deepEqual(pids.sort(), [one.process.pid, other.process.pid].sort());
      },
      { env },
    );
  }, { env });
});

test('a socket that somebody else has put in its place stays when the gateway ends', async () => {
  const env = { XDG_RUNTIME_DIR: newFolder() };
  const gateway = await startGateway({}, { env });
  const socket = path.join(env.XDG_RUNTIME_DIR, 'bascule', `${gateway.port}.sock`);
  await until(() => fs.existsSync(socket), 'the socket');
  fs.unlinkSync(socket);
  const other = net.createServer();
  await new Promise((resolve) => other.listen(socket, resolve));
  await gateway.stop();
  const stays = fs.existsSync(socket);
  other.close();
  assert.ok(stays);
});

test('a folder that others may write is not used', async () => {
  const env = { XDG_RUNTIME_DIR: newFolder() };
  fs.mkdirSync(path.join(env.XDG_RUNTIME_DIR, 'bascule'));
  fs.chmodSync(path.join(env.XDG_RUNTIME_DIR, 'bascule'), 0o777);
  await withGateway(
    {},
    async (gateway) => {
      await gateway.process.find(/no status socket.*mode 0700/);
      assert.equal((await status(['--config', scratchFile('b.yaml', toYaml({ listen: gateway.address.slice(7) }))], env)).code, 1);
    },
    { env },
  );
});

test('with --config only the gateway that was started on the file is shown or reloaded', async () => {
  const env = { XDG_RUNTIME_DIR: newFolder(), TMPDIR: newFolder() };
  const isAbsent = async (settings, reason) => {
    const file = scratchFile('other.yaml', toYaml(settings).trimStart());
    for (const command of ['status', 'reload']) {
      const { code, output } = await run(binary, [command, '--config', file], { env });
      assert.match(output, reason);
      assert.notEqual(code, 0, output);
    }
    return file;
  };
  await withGateway(
    {},
    async (gateway) => {
      await isAbsent({ listen: '127.0.0.1:9', status: { socket: 'none' } }, /other\.yaml .*status\.socket is none/);
      await isAbsent({ listen: '127.0.0.1:0' }, /other\.yaml .*port/);
      // Where the file says there is one, but not of this file.
      const file = await isAbsent({ listen: `127.0.0.2:${gateway.port}` }, new RegExp(`was not started on .*other.yaml: it has ${gateway.file}`));
      const socket = path.join(env.XDG_RUNTIME_DIR, 'bascule', `${gateway.port}.sock`);
      assert.equal((await status(['--config', file, '--socket', socket], env)).code, 1);
      assert.doesNotMatch(gateway.output, /"reloaded"/);

      // By whichever name the file is called.
      const link = `${gateway.file}.link.yaml`;
      fs.symlinkSync(gateway.file, link);
      for (const command of ['status', 'reload']) {
        const args = [command, '--json', '--config', path.relative(process.cwd(), link), '--socket', socket];
        assert.equal((await run(binary, args, { env })).code, 0);
      }
      await gateway.process.find(/"reloaded"/);

      // A client of a port that nobody knows does not go to whichever gateway runs, either.
      const listed = await run(binary, ['list', '--config', gateway.file], { env });
      assert.match(listed.output, /port is chosen at the start/);
      assert.equal(listed.code, 2);
    },
    { env },
  );
});

test('a question has five seconds as a whole, and who asks slowly holds up neither others nor the end', async () => {
  const socket = path.join(newFolder(), 'slow.sock');
  await withGateway({ status: { socket } }, async (gateway) => {
    await until(() => fs.existsSync(socket), 'the socket');
    const slow = net.connect(socket);
    slow.on('error', () => {});
    const closed = new Promise((resolve) => slow.on('close', resolve));
    const trickle = setInterval(() => slow.write('x'), 500);
    slow.resume();
    assert.equal((await statusOf(socket)).pid, gateway.process.pid);
    await within(15_000, closed, 'the end of its time');
    clearInterval(trickle);

    const silent = net.connect(socket);
    silent.on('error', () => {});
    await new Promise((resolve) => silent.on('connect', resolve));
    assert.equal((await within(4_000, gateway.stop(), 'the end')).code, 0);
    silent.destroy();
  });
});
