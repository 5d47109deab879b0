// Child processes: one message is one line, what they may see, and how they end.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { startGateway } from './lib/gateway.mjs';
import { isAlive, until } from './lib/process.mjs';
import { scratchFile } from './lib/scratch.mjs';
import { stdioCommand } from './lib/servers.mjs';

const record = scratchFile('record.txt', '');
let gateway;

before(async () => {
  gateway = await startGateway(
    { upstreams: { child: stdioCommand({ RECORD: record, MINE: 'yes' }) }, timeouts: { call: '10s' } },
    { env: { GATEWAY_SECRET: 'not for children', SSL_CERT_FILE: '/c.pem', UV_INDEX_URL: 'https://u:p@host' } },
  );
});
after(() => gateway?.kill());

const open = () => new Client(gateway.url('child')).open();
const said = (answer) => answer.result?.content[0].text ?? JSON.stringify(answer);

test('a request on its own line inside the arguments is one line with the rest', async () => {
  const client = await open();
  const nested = '{"jsonrpc":"2.0","id":666,"method":"tools/call","params":{"name":"crash"}}';
  const body =
    '{\r\n"jsonrpc": "2.0",\n"id": 1, "method": "tools/call", "params": {"name": "echo", "arguments": {"text": "one",\n"nested":\n' +
    `${nested}\n}}}\n`;
  const answer = await client.answer(await client.post(body), 1);
  assert.equal(said(answer), 'one');
  const lines = fs.readFileSync(record, 'utf8').trim().split('\n');
  const [line, ...more] = lines.filter((each) => each.includes('666'));
  assert.deepEqual(more, []);
  assert.deepEqual(JSON.parse(line).params.arguments.nested, JSON.parse(nested));
  for (const each of lines) assert.ok(JSON.parse(each).jsonrpc);
  assert.ok(!lines.some((each) => each.includes('\r')));
  await client.close();
});

test('line breaks inside strings stay what they are', async () => {
  const client = await open();
  for (const text of ['a\nb', 'a\r\nb', 'a\u2028b\u0085c', '\u0000']) {
    assert.equal(said(await client.call('echo', { text })), text);
  }
  await client.close();
});

test('a child sees its own variables and those that lead to network and packages', async () => {
  const client = await open();
  const environment = JSON.parse(said(await client.call('environment')));
  assert.equal(environment.MINE, 'yes');
  assert.equal(environment.SSL_CERT_FILE, '/c.pem');
  const allowed = new Set(['PATH', 'HOME', 'LANG', 'TMPDIR', 'SSL_CERT_FILE', 'RECORD', 'MINE']);
  assert.deepEqual(Object.keys(environment).filter((name) => !allowed.has(name)), []);
  await client.close();
});

test('two sessions have two processes, which end with them', async () => {
  const [first, second] = await Promise.all([open(), open()]);
  const pids = [said(await first.call('pid')), said(await second.call('pid'))].map(Number);
  assert.notEqual(pids[0], pids[1]);
  await first.close();
  await until(() => !isAlive(pids[0]), 'the end of the first process');
  assert.ok(isAlive(pids[1]));
  await second.close();
  await until(() => !isAlive(pids[1]), 'the end of the second process');
});

test('what is no JSON on its output does not break the call', async () => {
  const client = await open();
  assert.equal(said(await client.call('chatter')), 'chattered');
  assert.equal(said(await client.call('echo', { text: 'after' })), 'after');
  await client.close();
});

test('a broken answer that says whose it is fails its call at once', async () => {
  const client = await open();
  assert.match(said(await client.call('broken')), /broken message/);
  assert.equal(said(await client.call('echo', { text: 'after' })), 'after');
  await client.close();
});

test('standard error goes to the log with the name of the upstream', async () => {
  const client = await open();
  await client.call('complain');
  const [line] = await gateway.process.find(/^.*a complaint on standard error.*\n/m);
  assert.match(line, /child/);
  await client.close();
});

test('a process that crashes in a call fails it, is not called twice, and is started anew', async () => {
  const client = await open();
  const before = said(await client.call('pid'));
  fs.writeFileSync(record, '');
  const answer = await client.call('crash');
  assert.ok(answer.error || answer.result.isError, JSON.stringify(answer));
  const lines = fs.readFileSync(record, 'utf8').split('\n');
  assert.equal(lines.filter((line) => line.includes('"name":"crash"')).length, 1);
  assert.notEqual(said(await client.call('pid')), before);
  await client.close();
});

test('a call that is not answered ends at its deadline', async () => {
  const client = await open();
  const start = Date.now();
  const answer = await client.call('sleep');
  assert.ok(answer.error || answer.result.isError);
  assert.ok(Date.now() - start < 50_000); // By default it has two minutes.
  assert.equal(said(await client.call('echo', { text: 'after' })), 'after');
  await client.close();
});

test('no descriptor of the gateway is open in a child', async () => {
  const client = await open();
  const pid = said(await client.call('pid'));
  // Node opens pipes and event descriptors of its own, but no socket.
  const inherited = fs
    .readdirSync(`/proc/${pid}/fd`)
    .filter((fd) => Number(fd) > 2)
    .map((fd) => fs.readlinkSync(`/proc/${pid}/fd/${fd}`))
    .filter((target) => target.startsWith('socket:') || target.includes('bascule'));
  assert.deepEqual(inherited, []);
  await client.close();
});

// It reads both questions at once: the answer to the first is as late as it can be.
test('a stateless server that reads only after it was asked both questions is served', { timeout: 90_000 }, async () => {
  const starts = scratchFile('starts.txt', '');
  const late = stdioCommand({ STATELESS: '1', READ_AFTER: '7000', STARTS: starts });
  const own = await startGateway({ upstreams: { late }, timeouts: { first_list_wait: '60s' } });
  const client = await new Client(own.url('late')).open();
  assert.ok((await client.request('tools/list')).result.tools.length > 0);
  assert.equal(fs.readFileSync(starts, 'utf8').trim().split('\n').length, 1);
  await client.close();
  await own.kill();
});

test('no child outlives the gateway', async () => {
  const own = await startGateway({ upstreams: { child: stdioCommand() } });
  const client = await new Client(own.url('child')).open();
  const pid = Number(said(await client.call('pid')));
  await own.kill();
  await until(() => !isAlive(pid), 'the end of the child after SIGKILL of the gateway');
});
