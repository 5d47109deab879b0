// Whoever reads the log, or does not, stops nobody.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { exchangeJson } from './lib/client.mjs';
import { binary, defaults, withGateway } from './lib/gateway.mjs';
import { run, until, within } from './lib/process.mjs';
import { scratchFile, toYaml } from './lib/scratch.mjs';
import { startUpstream } from './lib/upstream.mjs';

let upstream;

before(async () => {
  upstream = await startUpstream();
});
after(() => upstream.stop());

const ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}';

// The program with a named pipe as its standard error, which is open for reading and not read.
async function startOnPipe() {
  const pipe = scratchFile('log.pipe', '');
  fs.unlinkSync(pipe);
  await run('mkfifo', [pipe]);
  const descriptor = fs.openSync(pipe, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  const other = fs.openSync(pipe, fs.constants.O_WRONLY); // Of its own, because a child makes it block.
  const settings = { ...defaults, upstreams: { one: { url: upstream.url } } };
  const file = scratchFile('bascule.yaml', toYaml(settings).trimStart());
  const { PATH, HOME } = process.env;
  const child = spawn(binary, ['serve', '--config', file], {
    env: { PATH, HOME },
    stdio: ['ignore', 'pipe', other],
  });
  fs.closeSync(other);
  let output = '';
  child.stdout.on('data', (text) => (output += text));
  await until(() => /listening on \S+\n/.test(output), 'the first line');
  return { child, descriptor, url: `${/listening on (\S+)/.exec(output)[1]}/mcp` };
}

function readAll(descriptor) {
  const place = Buffer.alloc(65536);
  let text = '';
  for (;;) {
    try {
      const size = fs.readSync(descriptor, place);
      if (size === 0) return text;
      text += place.toString('utf8', 0, size);
    } catch (error) {
      if (error.code === 'EAGAIN') return text;
      throw error;
    }
  }
}

test('a log that nobody reads stops neither calls nor the end of the program', async () => {
  const { child, descriptor, url } = await startOnPipe();
  try {
    // Together the lines are more than the pipe and the gateway's buffer hold.
    const long = 'x'.repeat(4000);
    for (let i = 0; i < 400; ++i) {
      const body = JSON.stringify({ jsonrpc: '2.0', id: i, method: long });
      const { status } = await within(15_000, exchangeJson(url, { body }), `answer ${i}`);
      assert.equal(status, 200);
    }
    let text = '';
    let dropped, written;
    const readMore = () => {
      text += readAll(descriptor);
      const lines = text.split('\n').slice(0, -1).map((line) => JSON.parse(line)); // What has no end yet is no line.
      dropped = lines.find((line) => line.event === 'log lines dropped')?.lines ?? 0;
      written = lines.filter((line) => line.event === 'request').length;
      return dropped + written >= 400;
    };
    await until(readMore, 'the number of dropped lines').catch(() => {});
    assert.ok(dropped > 0);
    assert.equal(dropped + written, 400);

    for (let i = 0; i < 400; ++i) await exchangeJson(url, { body: ping });
    child.kill('SIGTERM');
    const [code] = await within(30_000, once(child, 'exit'), 'the end after SIGTERM');
    assert.equal(code, 0);
  } finally {
    child.kill('SIGKILL');
    fs.closeSync(descriptor);
  }
});

test('a long method name is neither logged nor echoed whole', async () => {
  await withGateway({ upstreams: { one: { url: upstream.url } } }, async (gateway) => {
    const method = 'm'.repeat(1_000_000);
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method });
    const { status, message } = await exchangeJson(gateway.url(), { body });
    assert.equal(status, 200);
    const { error } = message;
    assert.equal(error.code, -32601);
    assert.ok(error.message.startsWith('Method not found: mmm') && error.message.length < 2000);
    await gateway.process.find(/"rpc":"mmm.*\n/);
    const lines = gateway.output.split('\n').filter((line) => line.includes('"rpc":"mmm'));
    assert.equal(lines.length, 1);
    assert.ok(lines[0].length < 8192, `${lines[0].length} bytes`);
    assert.equal(JSON.parse(lines[0]).status, 200);
  });
});
