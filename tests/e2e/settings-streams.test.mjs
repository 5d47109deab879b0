// Settings of event streams.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, bodyOf, exchangeJson } from './lib/client.mjs';
import { withGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { setting } from './lib/setting.mjs';
import { readEvents } from './lib/sse.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

let upstream, upstreams, finish;

const tools = {
  // Answers when the test says so.
  slow: () => new Promise((resolve) => (finish = () => resolve(text('slow')))),
  // `count` progress notifications with `size` bytes each, then the answer.
  async many(call) {
    const { count, size = 1 } = call.arguments;
    for (let i = 1; i <= count; i++) call.progress(i, 'x'.repeat(size));
    return text('many');
  },
};

before(async () => {
  upstream = await startUpstream({ tools });
  upstreams = { one: { url: upstream.url } };
});
after(() => upstream.stop());

const open = (gateway) => new Client(gateway.url('one')).open();
const call = (name, given = {}) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name, arguments: given, _meta: { progressToken: 1 } },
});

// A call that is answered when its response has begun, or, where that waits for the answer, after `pause`.
async function slowAnswer(settings, pause) {
  return withGateway({ streams: settings, upstreams }, async (gateway) => {
    const client = await open(gateway);
    finish = undefined;
    const begun = client.post(call('slow'));
    await until(() => finish, 'the call upstream');
    if (pause === undefined) await begun;
    else await sleep(pause);
    finish();
    const response = await begun;
    const body = await bodyOf(response);
    assert.match(body, /slow/);
    await client.close();
    return { body, type: response.headers['content-type'].split(';')[0] };
  });
}

setting('streams.sse_after', async () => {
  assert.equal((await slowAnswer({ sse_after: '1s' })).type, 'text/event-stream');
  assert.equal((await slowAnswer({ sse_after: '30s' }, 400)).type, 'application/json');
});

setting('streams.json_response', async () => {
  assert.equal((await slowAnswer({ json_response: true }, 400)).type, 'application/json');
});

setting('streams.keep_alive', async () => {
  await withGateway({ streams: { keep_alive: '100ms' }, upstreams }, async (gateway) => {
    const client = await open(gateway);
    const stream = await client.listen();
    let comments = 0;
    for await (const { comment } of readEvents(stream)) {
      if (comment !== undefined) comments += 1;
      if (comments === 3) break;
    }
    assert.equal(comments, 3);
    await client.close();
  });
});

setting('streams.retry', async () => {
  assert.match((await slowAnswer({ retry: '1234ms' })).body, /^retry: ?1234$/m);
});

// Whether a call of this gateway has its answer.
async function hasAnswer(gateway) {
  const { body } = await exchangeJson(`${gateway.address}/metrics/prometheus`, { method: 'GET' });
  return /^bascule_mcp_requests_total\{method="tools\/call",era="sessions",outcome="result"\} 1$/m.test(body);
}

// Cuts a call after its first event, lets it end, does `meanwhile`, resumes: how many of its `count` notifications
// and whether its answer are still there. A gap is signalled by an error status or by an early end.
async function replayed(settings, { count = 20, size = 1, meanwhile = () => {} }) {
  return withGateway({ streams: settings, upstreams }, async (gateway) => {
    const client = await open(gateway);
    const had = upstream.calls.length;
    const cut = await client.post(call('many', { count, size }));
    let last;
    for await (const { id } of readEvents(cut)) {
      if (id === undefined) continue;
      last = id;
      break;
    }
    await until(() => upstream.calls.length > had, 'the call upstream');
    await until(() => hasAnswer(gateway), 'its answer at the gateway');
    await meanwhile();
    const resumed = await client.listen(last);
    let found = 0;
    if (resumed.statusCode === 200) {
      const reading = (async () => {
        for await (const { data } of readEvents(resumed)) if (data && !data.includes('lostEvents')) found += 1;
      })().catch(() => {});
      // Where all is there it ends with the answer.
      await Promise.race([reading, sleep(5000)]);
    }
    resumed.destroy();
    await client.close();
    return found;
  });
}

setting('streams.events_max', async () => {
  assert.equal(await replayed({}, { count: 20 }), 21);
  assert.ok((await replayed({ events_max: 5 }, { count: 20 })) <= 5);
});

setting('streams.event_bytes_max', async () => {
  assert.equal(await replayed({}, { count: 20, size: 1000 }), 21);
  assert.ok((await replayed({ event_bytes_max: '4KiB' }, { count: 20, size: 1000 })) <= 4);
});

setting('streams.event_age_max', async () => {
  const meanwhile = () => sleep(3000); // It is looked for what is old each second.
  assert.equal(await replayed({}, { meanwhile }), 21);
  assert.equal(await replayed({ event_age_max: '500ms' }, { meanwhile }), 0);
});
