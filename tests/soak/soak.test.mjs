// Many clients of every behaviour, in front of servers that die, hang, restart and forget: in the end the gateway holds
// what it held in the beginning. SOAK_SECONDS is how long (default 20); `make soak` makes it 20 minutes.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { startGateway } from '../e2e/lib/gateway.mjs';
import { childrenOf, until, within } from '../e2e/lib/process.mjs';
import { scratchFolder } from '../e2e/lib/scratch.mjs';
import { visits } from './clients.mjs';
import { status } from './status.mjs';
import { startServers } from './upstreams.mjs';

const seconds = Number(process.env.SOAK_SECONDS ?? 20);
const clients = Number(process.env.SOAK_CLIENTS ?? (seconds > 60 ? 200 : 40));
const isMeasured = process.env.SANITIZED === undefined; // A sanitizer keeps what was freed.

// Nothing that a client leaves behind is kept for longer than this.
const soon = '2s';
const socket = path.join(scratchFolder(), 'status.sock');
const settings = (upstreams) => ({
  status: { socket },
  sessions: { idle_timeout: soon, initialize_timeout: soon },
  streams: { event_age_max: soon },
  timeouts: { idle: soon, park: soon, call: '4s', ask: soon },
  processes: { idle_timeout: soon },
  log: { access: false, level: 'error' },
  upstreams,
});

// What has to return to where it began. The catalogue keeps a session and a child of its own.
const held = ({ sessions, parks, streams, connections }) => ({ sessions, parks, streams, connections });
const nothing = { sessions: 0, parks: 0, streams: 0, connections: 0 };

async function settle() {
  let last;
  const isSettled = async () => {
    last = await status(socket);
    return Object.values(held(last)).every((count) => count === 0);
  };
  await until(isSettled, 'an end of all that clients left', 60_000).catch((error) => {
    throw new Error(`${error.message}: ${JSON.stringify(last)}`);
  });
  return last;
}

function measure(pid) {
  const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
  const descriptors = fs.readdirSync(`/proc/${pid}/fd`).length;
  return { kilobytes, descriptors, children: childrenOf(pid).length };
}

// Every client makes one visit after the other until time is up. A failed visit is no failure of the gateway as long
// as the gateway answers.
async function visitAll(gateway, servers, end) {
  const counts = { visits: 0, failed: 0 };
  const client = async (number) => {
    for (let turn = 0; Date.now() < end; turn += 1) {
      const visit = visits[(number + turn) % visits.length];
      counts.visits += 1;
      await within(30_000, visit(gateway, number * 7 + turn), `${visit.name} of client ${number}`).catch((error) => {
        if (/took longer/.test(error.message)) throw error;
        counts.failed += 1;
        counts.last = `${visit.name}: ${error.message}`;
      });
      if (gateway.process.exit) throw new Error(`the gateway ended: ${JSON.stringify(gateway.process.exit)}`);
    }
  };
  const ticking = setInterval(() => servers.disturb(), 500);
  try {
    await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
  } finally {
    clearInterval(ticking);
  }
  return counts;
}

test(`${clients} clients for ${seconds} s leave nothing behind`, { timeout: (seconds + 240) * 1000 }, async () => {
  const servers = await startServers();
  const gateway = await startGateway(settings(servers.settings));
  try {
    await visitAll(gateway, servers, Date.now() + seconds * 250);
    const before = { ...measure(gateway.process.pid), ...(await settle()) };
    const counts = await visitAll(gateway, servers, Date.now() + seconds * 750);
    await settle();
    await until(() => measure(gateway.process.pid).children <= before.children, 'an end of the children', 30_000);
    await until(() => measure(gateway.process.pid).descriptors <= before.descriptors + 16, 'descriptors that go', 30_000);
    const after = measure(gateway.process.pid);
    const said = JSON.stringify({ counts, before, after: { ...after, leases: (await status(socket)).leases } });
    assert.ok(counts.failed < counts.visits / 2, `more than half of the visits failed: ${said}`);
    assert.ok(!isMeasured || after.kilobytes < before.kilobytes * 1.2 + 8192, `memory grew: ${said}`);
    assert.deepEqual(held(await status(socket)), nothing, said);
    await until(async () => (await status(socket)).leases <= before.leases, 'an end of the upstream sessions', 30_000);
    console.log(said);
  } finally {
    await gateway.kill();
    await servers.stop();
  }
});
