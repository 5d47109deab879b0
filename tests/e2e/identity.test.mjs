// Who a request comes from: the user that a token is for, what else its line in the file says, and what ends with it.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, beforeEach, test } from 'node:test';
import { Client, exchangeJson } from './lib/client.mjs';
import { refused, startGateway, withGateway } from './lib/gateway.mjs';
import { until, within } from './lib/process.mjs';
import { exchange, requestText } from './lib/raw-http.mjs';
import { replaceFile, scratchFile } from './lib/scratch.mjs';
import { StatelessClient } from './lib/stateless-client.mjs';
import { TaskServer } from './lib/task-server.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

const hash = (token) => crypto.createHash('sha256').update(token).digest('hex');
const line = (name, words = '') => `${name}:sha256:${hash(`token-${name}`)} ${words}\n`;
const bearer = (name) => ({ authorization: `Bearer token-${name}` });
const capabilities = { elicitation: {} };

// A time in the file: so many seconds from now.
const seconds = (count) => new Date(Date.now() + count * 1000).toISOString().replace(/\.\d+Z/, 'Z');
const soon = () => `expires=${seconds(2)}`;

// `desk` and `phone` are tokens of one user; `twin` is a user of the same name whom somebody else vouches for.
const lines = {
  desk: 'subject=ann',
  phone: 'subject=ann expires=2200-01-01T00:00:00Z',
  twin: 'subject=ann issuer=https://id.example',
  bound: 'subject=ann server=one',
  far: 'networks=10.0.0.0/8,192.0.2.7',
  near: 'networks=127.0.0.0/8,::1',
};
const fileOf = (all) => Object.entries(all).map(([name, words]) => line(name, words)).join('');

let upstream, tasks, gateway, file, running;

const tools = {
  echo: (call) => text(call.arguments.text ?? ''),
  session: (call) => text(call.session),
  async ask(call) {
    running = call;
    const { result, error } = await call.ask('elicitation/create', { message: 'Name?', requestedSchema: { type: 'object', properties: {} } });
    return text(`said ${result?.action ?? error.code}`);
  },
  slow(call) {
    running = call;
    call.progress(1);
    return new Promise(() => {});
  },
};

before(async () => {
  upstream = await startUpstream({ tools });
  tasks = await new TaskServer().start();
  file = scratchFile('tokens', fileOf(lines));
  gateway = await startGateway({
    auth: { tokens_file: file },
    trusted_proxies: ['127.0.0.9'],
    upstreams: { one: { url: upstream.url }, two: { url: tasks.upstream.url } },
  });
});
after(async () => {
  await gateway?.kill();
  await upstream.stop();
  await tasks.upstream.stop();
});

let reloads = 0;
const countReloads = () => gateway.output.split('"reloaded"').length - 1;

// Other words for some tokens; null takes the token away.
async function change(words) {
  const all = Object.entries({ ...lines, ...words }).filter(([, each]) => each !== null);
  await write(fileOf(Object.fromEntries(all)));
}

async function write(content) {
  replaceFile(file, content);
  reloads = countReloads();
  gateway.reload();
  await until(() => countReloads() > reloads, 'the end of the reload');
}
beforeEach(() => change({}));

const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
const statusOf = async (headers, url = gateway.url('one')) => (await exchangeJson(url, { headers, body: ping })).status;
const open = (name, server = 'one') => new Client(gateway.url(server), { headers: bearer(name) }).open();
const stateless = (name) => new StatelessClient(gateway.url('one'), { capabilities, headers: bearer(name) });
const wasCancelled = (call) =>
  upstream.notes.some(({ method, params }) => method === 'notifications/cancelled' && params.requestId === call.message.id);

async function park(client) {
  const { result, error, body } = await client.call('ask');
  assert.equal(result?.resultType, 'input_required', body ?? JSON.stringify(error));
  const answers = Object.fromEntries(Object.keys(result.inputRequests).map((key) => [key, { action: 'accept', content: {} }]));
  return { answers, state: result.requestState, call: running };
}

test('all tokens of a user are good for its sessions', async () => {
  const desk = await open('desk');
  assert.equal(await statusOf({ ...desk.headers, ...bearer('phone') }), 200);
  assert.equal(await statusOf({ ...desk.headers, ...bearer('twin') }), 404);
  const headers = { ...desk.headers, ...bearer('phone') };
  assert.equal((await exchangeJson(desk.url, { method: 'DELETE', headers })).status, 200);
  assert.equal(await statusOf(desk.headers), 404, 'it has ended for both');
});

test('all tokens of a user are good for its parked calls', async () => {
  const [desk, phone, twin] = ['desk', 'phone', 'twin'].map(stateless);
  const { answers, state } = await park(desk);
  assert.equal((await twin.call('ask', {}, { answers, state })).error?.code, -32602);
  assert.equal((await phone.call('ask', {}, { answers, state })).result.content[0].text, 'said accept');
  for (const client of [desk, phone, twin]) client.close();
});

test('all tokens of a user are good for its tasks', async () => {
  const desk = await open('desk', 'two');
  const { result } = await desk.request('tools/call', { name: 'work', arguments: {}, task: {} });
  const { taskId } = result.task;
  const about = { taskId };
  const asked = await desk.request('tasks/get', about, { headers: bearer('phone') });
  assert.equal(asked.result?.status, 'working', JSON.stringify(asked.error));
  const twin = await open('twin', 'two');
  assert.equal((await twin.request('tasks/get', about)).error?.message, 'Unknown task');
  await Promise.all([desk.close(), twin.close()]);
});

test('users of one name whom different issuers vouch for share no session without an id', async () => {
  const [desk, phone, twin] = ['desk', 'phone', 'twin'].map(stateless);
  const sessionOf = async (client) => (await client.call('session')).result.content[0].text;
  const session = await sessionOf(desk);
  assert.equal(await sessionOf(phone), session, 'the one of the other token');
  assert.notEqual(await sessionOf(twin), session, 'one of its own');
  for (const client of [desk, phone, twin]) client.close();
});

test('a token ends at its time, and with it the stream that it opened, but no other of the user', async () => {
  const session = await open('desk');
  const other = await open('phone');
  const ended = await other.listen();
  assert.equal(ended.statusCode, 200);
  ended.resume();
  await session.hear();
  await change({ phone: `subject=ann ${soon()}` });
  await within(20_000, new Promise((resolve) => ended.once('end', resolve)), 'the end of the stream');
  assert.equal(await statusOf(bearer('phone')), 401);
  assert.equal(await statusOf(bearer('desk')), 200);
  assert.ok(!session.stream.closed);
  assert.equal((await session.call('echo', { text: 'still' })).result.content[0].text, 'still');
  await session.close();
});

test('the last token of all can be taken away', async () => {
  const session = await open('desk');
  await session.hear();
  await write('# nobody\n');
  await until(() => session.stream.closed, 'the end of the stream');
  assert.equal(await statusOf(bearer('desk')), 401);
  await change({});
  assert.equal(await statusOf(bearer('desk')), 200);
});

test('a session ends when the last token of its user does', async () => {
  const twin = await open('twin');
  await twin.hear();
  await change({ twin: `${lines.twin} ${soon()}` });
  await until(() => twin.stream.closed, 'the end of the stream');
  await change({});
  assert.equal(await statusOf(twin.headers), 404, 'the token is good again, the session is not there');
});

test('a subscription ends with its token, in good order', async () => {
  const phone = stateless('phone');
  const watched = await phone.listen({ toolsListChanged: true });
  await within(5000, watched.next(), 'the acknowledgement');
  await change({ phone: `subject=ann ${soon()}` });
  const last = await within(20_000, watched.next(), 'its end');
  assert.equal(last.id, watched.id);
  assert.equal(await watched.next(), undefined);
  phone.close();
});

test('a parked call ends with its token', async () => {
  const [desk, phone] = ['desk', 'phone'].map(stateless);
  const { answers, state, call } = await park(phone);
  await change({ phone: `subject=ann ${soon()}` });
  await until(() => wasCancelled(call), 'the end of the call');
  assert.equal((await desk.call('ask', {}, { answers, state })).error?.code, -32602);
  for (const client of [desk, phone]) client.close();
});

test('a parked call that another token went on with is that one’s', async () => {
  const [desk, phone] = ['desk', 'phone'].map(stateless);
  const { state, call } = await park(phone);
  const again = await desk.call('ask', {}, { answers: {}, state });
  assert.equal(again.result?.resultType, 'input_required', JSON.stringify(again.error));
  await change({ phone: null });
  const answers = Object.fromEntries(Object.keys(again.result.inputRequests).map((key) => [key, { action: 'accept', content: {} }]));
  const done = await desk.call('ask', {}, { answers, state: again.result.requestState });
  assert.equal(done.result?.content[0].text, 'said accept', JSON.stringify(done.error));
  assert.ok(!wasCancelled(call));
  for (const client of [desk, phone]) client.close();
});

test('a call that runs ends with its token, and its client and its server are told', async () => {
  const session = await open('desk');
  const heard = [];
  const answered = session.request(
    'tools/call',
    { name: 'slow', arguments: {}, _meta: { progressToken: 'p' } },
    { headers: bearer('phone'), onMessage: (message) => heard.push(message) },
  );
  await until(() => heard.length > 0, 'its progress');
  await change({ phone: null });
  const { error } = await within(20_000, answered, 'the end of its stream');
  assert.deepEqual(error, { code: -32603, message: 'the call was ended: no longer authorized' });
  await until(() => wasCancelled(running), 'the cancellation');
  assert.equal((await session.call('echo', { text: 'still' })).result.content[0].text, 'still');
  await session.close();
});

test('a token that is another user’s after a reload leaves everything behind', async () => {
  const twin = await open('twin');
  await twin.hear();
  await change({ twin: 'subject=bea issuer=https://id.example' });
  await until(() => twin.stream.closed, 'the end of the stream');
  assert.equal(await statusOf(twin.headers), 404);
  assert.equal(await statusOf(bearer('twin')), 200);
});

test('a token that is given more time keeps what runs', async () => {
  const phone = await open('phone');
  await phone.hear();
  await change({ phone: 'subject=ann expires=2201-01-01T00:00:00Z' });
  assert.equal((await phone.call('echo', { text: 'on' })).result.content[0].text, 'on');
  assert.ok(!phone.stream.closed);
  await phone.close();
});

// All of a response but for the time of day.
async function bytesOf(path, name, method = 'POST') {
  const headers = ['Content-Type: application/json', 'Accept: application/json, text/event-stream'];
  if (name) headers.push(`Authorization: Bearer token-${name}`);
  const { port } = gateway;
  const { head, body } = await exchange(port, requestText({ method, path, port, headers, body: method === 'POST' ? ping : '' }));
  return `${head.replace(/^date: .*\r\n/im, '')}\r\n\r\n${body}`;
}

test('without a token every virtual server looks the same, whether it is there or not', async () => {
  const known = await bytesOf('/servers/one/mcp');
  assert.match(known, /^HTTP\/1.1 401 /);
  assert.equal(await bytesOf('/servers/nowhere/mcp'), known);
  assert.equal(await bytesOf('/servers/nowhere/mcp', 'unheard-of'), await bytesOf('/servers/one/mcp', 'unheard-of'));
});

test('for a token that is bound to a virtual server nothing else is there', async () => {
  assert.equal(await statusOf(bearer('bound')), 200);
  const nowhere = await bytesOf('/servers/nowhere/mcp', 'bound');
  assert.match(nowhere, /^HTTP\/1.1 404 /);
  assert.equal(await bytesOf('/servers/two/mcp', 'bound'), nowhere);
  assert.equal(await bytesOf('/mcp', 'bound'), nowhere);
  assert.equal(nowhere, await bytesOf('/servers/nowhere/mcp', 'desk'), 'as for everybody');
  for (const path of ['/openapi.json', '/metrics/prometheus']) {
    assert.match(await bytesOf(path, 'desk', 'GET'), /^HTTP\/1.1 200 /);
    assert.match(await bytesOf(path, 'bound', 'GET'), /^HTTP\/1.1 404 /);
  }
  const mine = await open('desk', 'two');
  assert.equal(await statusOf({ ...mine.headers, ...bearer('bound') }, gateway.url('two')), 404);
  await mine.close();
});

test('a token is good in its networks only, and says nothing of them elsewhere', async () => {
  assert.equal(await statusOf(bearer('near')), 200);
  assert.equal(await bytesOf('/servers/one/mcp', 'far'), await bytesOf('/servers/one/mcp', 'unheard-of'));
  assert.equal(await statusOf({ ...bearer('far'), 'x-forwarded-for': '10.1.2.3' }), 401, 'nobody who is trusted says so');
});

test('behind a trusted proxy the network is that of the client', async () => {
  const settings = { auth: { tokens_file: file }, trusted_proxies: ['127.0.0.1'], upstreams: { one: { url: upstream.url } } };
  await withGateway(settings, async (own) => {
    const from = (name, address) => statusOf({ ...bearer(name), 'x-forwarded-for': address }, own.url('one'));
    assert.equal(await from('far', '10.1.2.3'), 200);
    assert.equal(await from('far', '192.0.2.7'), 200);
    assert.equal(await from('far', '192.0.2.8'), 401);
    assert.equal(await from('near', '10.1.2.3'), 401);
  });
});

test('a file with a word that is wrong is refused, by line and key, and what holds goes on', async () => {
  const bad = scratchFile('tokens', `${line('a')}${line('b', 'expires=tomorrow')}${line('c', 'serves=one')}`);
  const { code, output } = await refused({ auth: { tokens_file: bad } });
  assert.equal(code, 2, output);
  assert.match(output, /:2: "expires": expected a time in UTC such as 2027-01-31T00:00:00Z/);
  assert.match(output, /:3: "serves" is no key of a token/);
  replaceFile(file, `${fileOf(lines)}${line('late', 'subject=a subject=b')}`);
  gateway.reload();
  await gateway.process.find(/not reloaded.*\\"subject\\" stands twice/);
  assert.equal(await statusOf(bearer('desk')), 200);
});
