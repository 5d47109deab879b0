// A call whose stream is cut after event k, for every k, and resumed: the union is the uncut run.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { startGateway } from './lib/gateway.mjs';
import { readEvents } from './lib/sse.mjs';
import { startUpstream } from './lib/upstream.mjs';

let upstream, gateway;

// Progress, a question to the user, more progress, the answer that the user gave.
async function work(call) {
  for (const step of [1, 2, 3]) call.progress(step, `step ${step}`);
  const { result } = await call.ask('elicitation/create', {
    message: 'Which?',
    requestedSchema: { type: 'object', properties: { which: { type: 'string' } } },
  });
  for (const step of [4, 5]) call.progress(step, `step ${step}`);
  return { content: [{ type: 'text', text: `chosen: ${result.content.which}` }] };
}

// Begins, and never ends.
function hang(call) {
  call.progress(1, 'begun');
  return new Promise(() => {});
}

before(async () => {
  upstream = await startUpstream({ tools: { work, hang } });
  gateway = await startGateway({ upstreams: { one: { url: upstream.url } }, streams: { retry: '10ms' } });
});
after(async () => {
  await gateway?.kill();
  await upstream.stop();
});

const open = () => new Client(gateway.url('one'), { capabilities: { elicitation: {} } }).open();

const request = {
  jsonrpc: '2.0',
  id: 'the-call',
  method: 'tools/call',
  params: { name: 'work', arguments: {}, _meta: { progressToken: 'token' } },
};

async function reply(client, message) {
  const result = { action: 'accept', content: { which: 'the left one' } };
  const response = await client.post({ jsonrpc: '2.0', id: message.id, result });
  assert.equal(response.statusCode, 202);
  response.resume();
}

// Reads events until the answer or until `count` are there, answering the question when it comes. Adds them to
// `seen`; returns whether the answer came.
async function readSome(client, response, seen, count) {
  let left = count;
  if (left === 0) {
    response.destroy();
    return false;
  }
  for await (const event of readEvents(response)) {
    if (event.id === undefined) continue;
    seen.push(event);
    if (event.data) {
      const message = JSON.parse(event.data);
      if (message.method === 'elicitation/create') await reply(client, message);
      if (message.id === request.id) return true;
    }
    left -= 1;
    if (left === 0) break;
  }
  response.destroy();
  return false;
}

// What a run brought: its messages without ids that are the gateway's own.
function messages(seen) {
  return seen
    .filter((event) => event.data)
    .map((event) => JSON.parse(event.data))
    .map((message) => (message.method === 'elicitation/create' ? { ...message, id: 'asked' } : message));
}

async function uncut() {
  const client = await open();
  const seen = [];
  assert.ok(await readSome(client, await client.post(request), seen, Infinity));
  await client.close();
  return seen;
}

test('uncut: a priming event, everything in order, ids that rise, the answer last', async () => {
  const seen = await uncut();
  assert.equal(seen[0].data ?? '', '', 'the first event primes');
  assert.equal(new Set(seen.map((event) => event.id)).size, seen.length);
  const kinds = messages(seen).map((message) => message.method ?? 'answer');
  const progress = 'notifications/progress';
  assert.deepEqual(kinds, [progress, progress, progress, 'elicitation/create', progress, progress, 'answer']);
  assert.deepEqual(messages(seen).at(-1).result.content[0].text, 'chosen: the left one');
});

test('cut after every event and resumed: nothing lost, nothing doubled', async () => {
  const whole = await uncut();
  const callsBefore = upstream.calls.length;
  for (let k = 1; k < whole.length; k++) {
    const client = await open();
    const seen = [];
    await readSome(client, await client.post(request), seen, k);
    assert.equal(seen.length, k);
    const resumed = await client.listen(seen.at(-1).id);
    assert.equal(resumed.statusCode, 200);
    assert.ok(await readSome(client, resumed, seen, Infinity), `cut after ${k}: no answer`);
    assert.deepEqual(messages(seen), messages(whole), `cut after ${k}`);
    await client.close();
  }
  assert.equal(upstream.calls.length - callsBefore, whole.length - 1, 'each run is one call upstream');
});

test('cut after every single event, again and again', async () => {
  const whole = await uncut();
  const client = await open();
  const seen = [];
  let isDone = await readSome(client, await client.post(request), seen, 1);
  while (!isDone) isDone = await readSome(client, await client.listen(seen.at(-1).id), seen, 1);
  assert.deepEqual(messages(seen), messages(whole));
  await client.close();
});

test('many answers that were written to their end can be had again', async () => {
  const client = await open();
  const ids = [];
  for (let i = 0; i < 40; i += 1) {
    const seen = [];
    assert.ok(await readSome(client, await client.post(request), seen, Infinity));
    ids.push(seen.at(-2).id); // Behind it there is the answer.
  }
  for (const id of ids) {
    const seen = [];
    const resumed = await client.listen(id);
    assert.equal(resumed.statusCode, 200, id);
    assert.ok(await readSome(client, resumed, seen, Infinity), id);
  }
  await client.close();
});

test('an event id is worth nothing in another session', async () => {
  const mine = await open();
  const seen = [];
  await readSome(mine, await mine.post(request), seen, 2);
  const other = await open();
  const response = await other.listen(seen.at(-1).id);
  const stolen = [];
  const reading = (async () => {
    for await (const event of readEvents(response)) if (event.data) stolen.push(event);
  })().catch(() => {});
  // Mine goes on meanwhile, so there would be something to see.
  await readSome(mine, await mine.listen(seen.at(-1).id), seen, Infinity);
  response.destroy();
  await reading;
  assert.deepEqual(stolen, []);
  await mine.close();
  await other.close();
});

// Clients ask for the rest of a stream that ended without an answer, again and again if they get an empty one.
test('the stream of a call that its client has cancelled is not there any more', async () => {
  const client = await open();
  const response = await client.post({ ...request, params: { ...request.params, name: 'hang' } });
  const events = readEvents(response);
  let last;
  do last = (await events.next()).value;
  while (!last.data);
  await client.notify('notifications/cancelled', { requestId: request.id });
  for (;;) {
    const { value, done } = await events.next();
    if (done) break;
    last = value;
  }
  const again = await client.listen(last.id);
  again.destroy();
  assert.equal(again.statusCode, 400);
  await client.close();
});

test('an event id that never was is refused', async () => {
  const client = await open();
  const response = await client.listen('no-such-event');
  response.destroy();
  assert.ok([400, 404].includes(response.statusCode), String(response.statusCode));
  await client.close();
});
