// What the program does with file descriptors, and without any.
import assert from 'node:assert/strict';
import net from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import { exchangeJson } from './lib/client.mjs';
import { binary, defaults } from './lib/gateway.mjs';
import { start, until, within } from './lib/process.mjs';
import { scratchFile, toYaml } from './lib/scratch.mjs';
import { startUpstream } from './lib/upstream.mjs';

// The program after `before`, a line of shell that changes what it is started with.
async function withProgram(before, settings, body) {
  const upstream = await startUpstream();
  const all = { ...defaults, ...settings, upstreams: { one: { url: upstream.url } } };
  const file = scratchFile('bascule.yaml', toYaml(all).trimStart());
  const program = start('sh', ['-c', `${before}; exec "$0" serve --config "$1"`, binary, file], { name: 'bascule' });
  try {
    const [, address] = await program.find(/listening on (\S+)/m);
    await body(program, address);
  } finally {
    await program.stop('SIGKILL');
    await upstream.stop();
  }
}

const health = (address) => exchangeJson(`${address}/health`, { method: 'GET', headers: { connection: 'close' } });
const ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
const pinged = (address) => exchangeJson(`${address}/mcp`, { body: ping, headers: { connection: 'close' } });

// The sanitizer of undefined behaviour needs descriptors of its own to look at an object.
const shortage = { skip: process.env.SANITIZED === '1' };

test('without descriptors /health answers, others get 503, it is logged once, then all is well', shortage, async () => {
  await withProgram('ulimit -n 64', {}, async (program, address) => {
    const idle = [];
    const connect = async (count) => {
      for (let i = 0; i < count; ++i) {
        const socket = net.connect(new URL(address).port, '127.0.0.1');
        socket.on('error', () => {});
        await once(socket, 'connect');
        idle.push(socket);
      }
    };
    await connect(70);
    await program.find(/no descriptors left/);
    assert.equal((await within(15_000, health(address), 'health')).status, 200);
    await connect(5); // In the place of what the gateway itself has closed in the meantime.
    assert.equal((await within(15_000, pinged(address), 'a refusal')).status, 503);
    assert.equal(program.output.split('no descriptors left').length, 2);
    for (const socket of idle) socket.destroy();
    await until(async () => (await pinged(address)).status === 200, 'the end of the shortage');
  });
});

test('/health is answered without descriptors also while clients that say nothing keep coming', shortage, async () => {
  await withProgram('ulimit -n 64', {}, async (program, address) => {
    const all = new Set();
    const connect = () => {
      const socket = net.connect(new URL(address).port, '127.0.0.1').on('error', () => {});
      all.add(socket);
      return socket;
    };
    for (let i = 0; i < 70; ++i) await once(connect(), 'connect');
    await program.find(/no descriptors left/);
    const coming = setInterval(connect, 200);
    try {
      for (let i = 0; i < 10; ++i) {
        assert.equal((await within(15_000, health(address), 'health')).status, 200);
        const count = all.size;
        await until(() => all.size > count, 'another one');
      }
    } finally {
      clearInterval(coming);
      for (const socket of all) socket.destroy();
    }
  });
});

test('the limit is raised to the hard one, and compared with what the settings may need', async () => {
  await withProgram('ulimit -Sn 48; ulimit -Hn 200', {}, async (program, address) => {
    const [, limit] = await program.find(/"event":"descriptors","limit":(\d+),"wanted":\d+/);
    assert.equal(Number(limit), 200);
    const sockets = [];
    for (let i = 0; i < 80; ++i) {
      const socket = net.connect(new URL(address).port, '127.0.0.1');
      await once(socket, 'connect');
      sockets.push(socket);
    }
    assert.equal((await pinged(address)).status, 200);
    for (const socket of sockets) socket.destroy();
  });
  const small = { limits: { connections_max: 20, in_flight_max: 20 }, processes: { max: 5 } };
  await withProgram('ulimit -n 200', small, async (program, address) => {
    assert.equal((await pinged(address)).status, 200);
    assert.doesNotMatch(program.output, /"event":"descriptors"/);
  });
});

test('standard descriptors that are closed at the start are no others later', async () => {
  const settings = { listen: '127.0.0.1:0' };
  const upstream = await startUpstream();
  const file = scratchFile('bascule.yaml', toYaml({ ...settings, upstreams: { one: { url: upstream.url } } }).trimStart());
  // The program's descriptors, seen from outside while it runs.
  const script = `"$0" serve --config "$1" <&- 2>&- &
    for i in $(seq 300); do [ -e /proc/$!/fd/2 ] && [ "$(readlink /proc/$!/exe)" = "$(readlink -f "$0")" ] && break; sleep 0.1; done
    readlink /proc/$!/fd/0 /proc/$!/fd/2; kill $!; wait $!`;
  const program = start('sh', ['-c', script, binary, file], { name: 'bascule' });
  await program.ended;
  await upstream.stop();
  assert.deepEqual(program.output.match(/\/dev\/null/g), ['/dev/null', '/dev/null'], program.output);
});
