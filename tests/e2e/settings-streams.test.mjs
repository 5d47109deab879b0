// Settings of event streams.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, bodyOf } from './lib/client.mjs';
import { withGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { setting } from './lib/setting.mjs';
import { readEvents } from './lib/sse.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

let upstream, upstreams;

const tools = {
  async slow() {
    await sleep(400);
    return text('slow');
  },
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

async function typeOfSlowAnswer(settings) {
  return withGateway({ streams: settings, upstreams }, async (gateway) => {
    const client = await open(gateway);
    const response = await client.post(call('slow'));
    assert.match(await bodyOf(response), /slow/);
    await client.close();
    return response.headers['content-type'].split(';')[0];
  });
}

setting('streams.sse_after', async () => {
  assert.equal(await typeOfSlowAnswer({ sse_after: '50ms' }), 'text/event-stream');
  assert.equal(await typeOfSlowAnswer({ sse_after: '5s' }), 'application/json');
});

setting('streams.json_response', async () => {
  assert.equal(await typeOfSlowAnswer({ json_response: true }), 'application/json');
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
  await withGateway({ streams: { retry: '1234ms' }, upstreams }, async (gateway) => {
    const client = await open(gateway);
    const body = await bodyOf(await client.post(call('slow')));
    assert.match(body, /^retry: ?1234$/m);
    await client.close();
  });
});

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
    await sleep(300);
    await meanwhile();
    const resumed = await client.listen(last);
    let found = 0;
    if (resumed.statusCode === 200) {
      const reading = (async () => {
        for await (const { data } of readEvents(resumed)) if (data && !data.includes('lostEvents')) found += 1;
      })().catch(() => {});
      await Promise.race([reading, sleep(1000)]);
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
  const meanwhile = () => sleep(1000);
  assert.equal(await replayed({}, { meanwhile }), 21);
  assert.equal(await replayed({ event_age_max: '500ms' }, { meanwhile }), 0);
});
