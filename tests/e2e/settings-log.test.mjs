// What is logged.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { exchangeJson } from './lib/client.mjs';
import { withGateway } from './lib/gateway.mjs';
import { setting } from './lib/setting.mjs';
import { startUpstream } from './lib/upstream.mjs';

let upstream;

before(async () => {
  upstream = await startUpstream();
});
after(() => upstream.stop());

// The log lines of a gateway that served one request, and one for a server that it does not have.
async function linesOf(log) {
  let lines;
  await withGateway({ log, upstreams: { one: { url: upstream.url } } }, async (gateway) => {
    await exchangeJson(gateway.url(), { body: '{"jsonrpc":"2.0","id":1,"method":"ping"}' });
    await exchangeJson(gateway.url('marked-in-the-log'), { body: '{}' });
    await gateway.stop();
    lines = gateway.output.split('\n').filter((line) => line && !line.startsWith('listening on '));
  });
  return lines;
}

const isAccess = (line) => line.includes('/servers/marked-in-the-log/mcp');

setting('log.access', async () => {
  assert.equal((await linesOf({ access: true })).filter(isAccess).length, 1);
  assert.equal((await linesOf({ access: false })).filter(isAccess).length, 0);
});

setting('log.format', async () => {
  const json = await linesOf({ format: 'json' });
  assert.ok(json.length > 0);
  for (const line of json) assert.equal(typeof JSON.parse(line), 'object', line);
  const access = JSON.parse(json.find(isAccess));
  assert.equal(access.status, 404);
  const text = await linesOf({ format: 'text' });
  assert.ok(text.some(isAccess));
  for (const line of text) assert.ok(!line.startsWith('{'), line);
});

setting('log.level', async () => {
  const debug = await linesOf({ level: 'debug' });
  const error = await linesOf({ level: 'error' });
  assert.ok(debug.length > error.length, `${debug.length} lines against ${error.length}`);
  assert.ok(error.every((line) => JSON.parse(line).level === 'error'), error.join('\n'));
});
