// What `bascule status` and `reload` say of a gateway that is there and does not answer, or is elsewhere than its file says.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { binary, withGateway } from './lib/gateway.mjs';
import { run, until, within } from './lib/process.mjs';
import { scratchFolder } from './lib/scratch.mjs';

const newFolder = () => fs.mkdtempSync(path.join(scratchFolder(), 'run-'));
const newEnv = () => ({ XDG_RUNTIME_DIR: newFolder(), TMPDIR: newFolder() });
const socketOf = (env, gateway) => path.join(env.XDG_RUNTIME_DIR, 'bascule', `${gateway.port}.sock`);

test('a gateway that is stopped is told as such, by its socket, by status and reload', async () => {
  const env = newEnv();
  await withGateway(
    {},
    async (gateway) => {
      const socket = socketOf(env, gateway);
      gateway.process.signal('SIGSTOP');
      try {
        for (const command of ['status', 'reload']) {
          for (const args of [['--socket', socket], []]) {
            const { code, output } = await within(50_000, run(binary, [command, ...args], { env }), 'an answer');
            assert.equal(code, 1, output);
            assert.ok(output.includes(`${socket}: the gateway there does not answer: it is stopped`), output);
          }
        }
        const { code: exit, output: told } = await within(50_000, run(binary, ['call', 'echo'], { env }), 'an answer');
        assert.notEqual(exit, 0, told);
        assert.match(told, /does not answer: it is stopped.*; give --url/);
        // More than its socket lets wait.
        const waiting = Array.from({ length: 40 }, () => net.connect(socket).on('error', () => {}));
        const { code, output } = await within(50_000, run(binary, ['status', '--socket', socket], { env }), 'an answer');
        for (const each of waiting) each.destroy();
        assert.equal(code, 1, output);
        assert.match(output, /does not answer/);
      } finally {
        gateway.process.signal('SIGCONT');
      }
      await until(async () => (await run(binary, ['status', '--socket', socket], { env })).code === 0, 'an answer');
    },
    { env },
  );
});

test('a gateway is found by its file also after that names another place', async () => {
  const env = newEnv();
  await withGateway(
    {},
    async (gateway) => {
      const reload = () => run(binary, ['reload', '--json', '--config', gateway.file], { env });
      for (const change of [{ listen: '127.0.0.1:1' }, { listen: '127.0.0.1:0' }, { status: { socket: 'none' } },
        { status: { socket: path.join(newFolder(), 'other.sock') } }]) {
        gateway.configure({ listen: gateway.address.slice(7), workers: 1, ...change });
        const { code, output } = await reload();
        assert.equal(code, 0, output);
        const status = await run(binary, ['status', '--json', '--config', gateway.file], { env });
        assert.equal(JSON.parse(status.stdout).pid, gateway.process.pid);
      }
    },
    { env },
  );
});

test('a gateway that is nowhere where a file may say is asked for by its socket', async () => {
  const env = newEnv();
  const socket = path.join(newFolder(), 'own.sock');
  await withGateway(
    { status: { socket } },
    async (gateway) => {
      await until(() => fs.existsSync(socket), 'the socket');
      gateway.configure({ listen: '127.0.0.1:1', workers: 1 });
      for (const command of ['status', 'reload']) {
        const { code, output } = await run(binary, [command, '--config', gateway.file], { env });
        assert.equal(code, 1, output);
        assert.match(output, /name it by --socket PATH/);
      }
      assert.equal((await run(binary, ['reload', '--config', gateway.file, '--socket', socket], { env })).code, 0);
    },
    { env },
  );
});
