// Many parked calls: answered, abandoned, raced for and tampered with; nothing of them stays. SOAK=1 makes it 10 000.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { startGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { StatelessClient } from './lib/stateless-client.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

const count = process.env.SOAK ? 10_000 : 200;
const atOnce = 24;

const running = new Set(); // Ids of calls at the server that have neither ended nor been cancelled.
let started = 0;
const tools = {
  async ask(call) {
    started += 1;
    const { id } = call.message;
    running.add(`${call.session} ${id}`);
    const reply = await call.ask('elicitation/create', { message: '?', requestedSchema: { type: 'object' } });
    running.delete(`${call.session} ${id}`);
    return text(reply.result?.action ?? 'error');
  },
  echo: () => text('echo'),
};

const accept = { action: 'accept', content: {} };

async function park(client, number) {
  const { result, body } = await client.call('ask', { number });
  assert.equal(result?.resultType, 'input_required', body);
  const answers = Object.fromEntries(Object.keys(result.inputRequests).map((key) => [key, accept]));
  return { answers, state: result.requestState };
}

const said = ({ result, error }) => result?.content?.[0].text ?? error?.code;

// What is done with a parked call; the last is that nobody comes back.
const fates = [
  async (client, number, retry) => assert.equal(said(await client.call('ask', { number }, retry)), 'accept'),
  async (client, number, retry) => {
    assert.equal(said(await client.call('ask', { number }, { ...retry, state: `${retry.state}x` })), -32602);
    assert.equal(said(await client.call('ask', { number }, retry)), 'accept');
  },
  async (client, number, retry) => {
    const both = await Promise.all([1, 2].map(() => client.call('ask', { number }, retry)));
    assert.deepEqual(both.map(said).sort(), [-32602, 'accept']);
  },
  async (client, number, retry) => assert.equal(said(await client.call('ask', { number: -number - 1 }, retry)), -32602),
];

const stateOf = (pid) => ({
  kilobytes: Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]),
  descriptors: fs.readdirSync(`/proc/${pid}/fd`).length,
});

test(`${count} parked calls leave nothing behind`, { timeout: 600_000 }, async () => {
  const upstream = await startUpstream({ tools });
  upstream.onCancelled = (session, { requestId }) => running.delete(`${session} ${requestId}`);
  const gateway = await startGateway({
    timeouts: { park: '10s' }, // Far more than who comes back takes for that.
    limits: { parks_max: 1000, parks_per_principal_max: 1000 },
    upstreams: { one: { url: upstream.url } },
  });
  const client = new StatelessClient(gateway.url('one'), { capabilities: { elicitation: {} } });

  let next = 0;
  const work = async (end) => {
    while (next < end) {
      const number = next++;
      // One of ten is abandoned.
      const fate = number % 10 === 9 ? 3 : number % 3;
      await fates[fate](client, number, await park(client, number));
    }
  };
  const round = async (end) => {
    await Promise.all(Array.from({ length: atOnce }, () => work(end)));
    // The cancellation of a call and the answer to its question are two requests: either may come first.
    const isOver = () => running.size === 0 && upstream.asking.size === 0;
    await until(isOver, 'an end of every call and of every question at the server', 60_000);
  };

  await round(count / 4);
  const early = stateOf(gateway.process.pid);
  await round(count);
  const late = stateOf(gateway.process.pid);

  assert.equal(started, count, 'calls at the server, none of them twice');
  assert.ok(upstream.sessions.size <= 70, `${upstream.sessions.size} sessions at the server`);
  assert.ok(late.descriptors <= early.descriptors + 80, `${early.descriptors} -> ${late.descriptors} descriptors`);
  // A sanitizer keeps what was freed.
  const isMeasured = process.env.SANITIZED === undefined;
  const grown = (late.kilobytes - early.kilobytes) * 1024;
  assert.ok(!isMeasured || grown < (16 << 20) + count * 512, `${early.kilobytes} -> ${late.kilobytes} KiB`);
  assert.equal(said(await client.call('echo')), 'echo');
  client.close();
  await gateway.kill();
  await upstream.stop();
});
