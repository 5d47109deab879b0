// Who may connect: tokens, anonymous callers, and whose a session is.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { Client, exchangeJson } from './lib/client.mjs';
import { refused, startGateway, withGateway } from './lib/gateway.mjs';
import { until, within } from './lib/process.mjs';
import { scratchFile } from './lib/scratch.mjs';
import { setting } from './lib/setting.mjs';
import { StatelessClient } from './lib/stateless-client.mjs';
import { startUpstream } from './lib/upstream.mjs';

const hash = (token) => crypto.createHash('sha256').update(token).digest('hex');
const line = (name, token) => `${name}:sha256:${hash(token)}\n`;
const bearer = (token) => ({ authorization: `Bearer ${token}` });

let upstream, gateway, file;

before(async () => {
  upstream = await startUpstream();
  file = scratchFile('tokens', `# who\n${line('ann', 'token-of-ann')}${line('bob', 'token-of-bob')}`);
  gateway = await startGateway({ auth: { tokens_file: file }, upstreams: { one: { url: upstream.url } } });
});
after(async () => {
  await gateway?.kill();
  await upstream.stop();
});

const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
const status = async (headers) => (await exchangeJson(gateway.url(), { headers, body: ping })).status;

setting('auth.tokens_file', async () => {
  assert.equal(await status(bearer('token-of-ann')), 200);
  const { status: code, headers, body } = await exchangeJson(gateway.url(), { body: ping });
  assert.equal(code, 401);
  assert.match(headers['www-authenticate'], /^Bearer/);
  assert.ok(!body.includes('ann'));
  for (const wrong of ['token-of-eve', '', hash('token-of-ann'), 'token-of-ann,', 'TOKEN-OF-ANN']) {
    assert.equal(await status(bearer(wrong)), 401, JSON.stringify(wrong));
  }
  assert.equal(await status({ authorization: `Basic ${btoa('ann:token-of-ann')}` }), 401);
});

test('every method and path of MCP asks for a token', async () => {
  for (const method of ['GET', 'POST', 'DELETE']) {
    for (const url of [gateway.url(), gateway.url('one'), gateway.url('unknown')]) {
      const body = method === 'POST' ? ping : undefined;
      assert.equal((await exchangeJson(url, { method, body })).status, 401, `${method} ${url}`);
    }
  }
});

test('a session of one is unknown to another, whatever the method', async () => {
  const ann = await new Client(gateway.url('one'), { headers: bearer('token-of-ann') }).open();
  const asBob = { ...ann.headers, ...bearer('token-of-bob') };
  for (const method of ['POST', 'GET', 'DELETE']) {
    const body = method === 'POST' ? ping : undefined;
    const headers = method === 'GET' ? { ...asBob, accept: 'text/event-stream' } : asBob;
    assert.equal((await exchangeJson(gateway.url('one'), { method, headers, body })).status, 404, method);
  }
  assert.equal((await ann.call('echo', { text: 'mine' })).result.content[0].text, 'mine');
  await ann.close();
});

test('a client’s token never travels upstream', async () => {
  const ann = await new Client(gateway.url('one'), { headers: bearer('token-of-ann') }).open();
  await ann.call('echo', { text: 'x' });
  await ann.close();
  for (const { headers } of upstream.requests) {
    assert.equal(headers.authorization, undefined);
    assert.ok(!JSON.stringify(headers).includes('token-of'));
  }
});

test('a token that is taken out of the file is refused after SIGHUP', async () => {
  fs.appendFileSync(file, line('eve', 'token-of-eve'));
  gateway.reload();
  await until(async () => (await status(bearer('token-of-eve'))) === 200, 'the new token');
  const [ann, eve] = await Promise.all(
    ['ann', 'eve'].map((name) => new Client(gateway.url('one'), { headers: bearer(`token-of-${name}`) }).open()),
  );
  await Promise.all([ann.hear(), eve.hear()]);
  const watcher = new StatelessClient(gateway.url('one'), { headers: bearer('token-of-eve') });
  const watched = await watcher.listen({ toolsListChanged: true });
  await within(20_000, watched.next(), 'the acknowledgement');
  fs.writeFileSync(file, line('ann', 'token-of-ann'));
  gateway.reload();
  await until(async () => (await status(bearer('token-of-eve'))) === 401, 'the end of the token');
  await until(() => eve.stream.closed, 'the end of the stream that it opened');
  await until(async () => (await watched.next())?.id !== undefined, 'the end of its subscription');
  assert.ok(!ann.stream.closed);
  assert.equal((await ann.call('echo', { text: 'still' })).result.content[0].text, 'still');
  await ann.close();
  watcher.close();
});

setting('auth.allow_anonymous', async () => {
  const open = { listen: '0.0.0.0:0', upstreams: { one: { url: upstream.url } } };
  const { code, output } = await refused(open);
  assert.equal(code, 2, output);
  assert.match(output, /token|anonymous/);
  const own = await startGateway({ ...open, auth: { allow_anonymous: true } });
  const url = `http://127.0.0.1:${own.port}/mcp`;
  assert.equal((await exchangeJson(url, { body: ping })).status, 200);
  await own.kill();
});

test('SIGHUP: tokens stay while the gateway is reached from elsewhere, whatever the file says of both', async () => {
  const tokens_file = scratchFile('tokens', line('ann', 'token-of-ann'));
  await withGateway({ listen: '0.0.0.0:0', auth: { tokens_file } }, async (gateway) => {
    const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
    const status = async () => (await exchangeJson(`http://127.0.0.1:${gateway.port}/mcp`, { body: ping })).status;
    assert.equal(await status(), 401);
    gateway.configure({ listen: '127.0.0.1:0', workers: 1 });
    gateway.reload();
    await gateway.process.find(/not reloaded.*can be reached from other machines/);
    assert.equal(await status(), 401);
  });
});
