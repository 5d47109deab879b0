// Clients that read slowly: an answer that is still being written when it would have become a stream stays what it is.
// SOAK=1 makes the last test 2 000 answers of up to 20 MB.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeCertificate } from './lib/certificates.mjs';
import { startGateway, withGateway } from './lib/gateway.mjs';
import { readSlowly, slowClient } from './lib/slow-reader.mjs';
import { startStatelessUpstream } from './lib/stateless-upstream.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

const megabyte = 1_000_000;
const segment = 1460; // Of a path with an MTU of 1 500 bytes: buffers of the kernel are small then.
const slowly = { rate: megabyte, segment, buffer: 8192 };
const clientEras = ['with a session', 'without a session', 'stateless'];
const serverEras = ['session', 'stateless'];

let upstreams, gateways;

before(async () => {
  const large = ({ arguments: { size } }) => text('x'.repeat(size));
  const session = await startUpstream({ tools: { large } });
  const listing = await startUpstream();
  listing.page = () => ({ tools: [{ name: 'a', description: 'x'.repeat(megabyte), inputSchema: { type: 'object' } }] });
  const stateless = await startStatelessUpstream({ tools: { large: { run: large } } });
  upstreams = { session, stateless, listing };
  // A connection that Node closes in the moment in which it is used again would fail a call, and not by our fault.
  for (const { server } of Object.values(upstreams)) server.keepAliveTimeout = 0;
  const settings = {
    upstreams: Object.fromEntries(Object.entries(upstreams).map(([name, { url }]) => [name, { url }])),
    // The servers are one process, and much is wanted of it at a time; of the readers too.
    timeouts: { list: '100s', connect: '100s', write: '200s' },
  };
  const pair = await makeCertificate('127.0.0.1');
  gateways = { plain: await startGateway(settings), tls: await startGateway({ ...settings, tls: pair }) };
});
after(async () => {
  for (const gateway of Object.values(gateways ?? {})) await gateway.kill();
  for (const upstream of Object.values(upstreams)) await upstream.stop();
});

const large = (size) => ({ method: 'tools/call', params: { name: 'large', arguments: { size } }, answer: size });

// Every answer is whole, and the gateways live.
async function allAreAnswered(clients, options) {
  const run = (kind) => readSlowly(gateways[kind], clients.map((each) => ({ ...each, tls: kind === 'tls' })), options);
  const outcomes = (await Promise.all(Object.keys(gateways).map(run))).flat();
  assert.equal(outcomes.length, 2 * clients.length);
  assert.deepEqual(outcomes.filter(({ wrong }) => wrong), []);
  assert.deepEqual(Object.values(gateways).map(({ process }) => process.exit), [undefined, undefined]);
}

// One client for each pairing.
const inEachPairing = (requests, how) =>
  clientEras.flatMap((era) => serverEras.map((server) => slowClient(`${era}, ${server}`, era, server, requests, how)));

test('an answer of 4 MB reaches a client that reads 4 MB a second whole, in every pairing', async () => {
  await allAreAnswered(inEachPairing([large(4 * megabyte)], { rate: 4 * megabyte, buffer: 65_536 }));
});

test('an answer of 100 KB does so with small segments', async () => {
  await allAreAnswered(inEachPairing([large(100_000), large(150_000)], { ...slowly, rate: 200_000 }));
});

test('a list of 1 MB does so', async () => {
  const list = { method: 'tools/list', answer: megabyte };
  await allAreAnswered(clientEras.map((era) => slowClient(era, era, 'listing', [list], slowly)));
});

test('an error that says a long name does so', async () => {
  const unknown = { method: 'x'.repeat(megabyte), answer: 'error' };
  const eras = ['with a session', 'without a session'];
  await allAreAnswered(eras.map((era) => slowClient(era, era, 'session', [unknown], slowly)));
});

test('a batch of large answers does so', async () => {
  const batch = [[large(200_000), large(megabyte), { method: 'ping', answer: 'any' }]];
  const clients = serverEras.map((server) => slowClient(`batch, ${server}`, 'of 2025-03-26', server, batch, slowly));
  await allAreAnswered(clients);
});

test('a client that goes on reading may take longer than timeouts.write for an answer', async () => {
  const timeouts = { write: '8s', list: '100s', connect: '100s' };
  const settings = { timeouts, upstreams: { session: { url: upstreams.session.url } } };
  await withGateway(settings, async (own) => {
    const clients = clientEras.map((era) => slowClient(era, era, 'session', [large(4 * megabyte)], { ...slowly, rate: 300_000 }));
    assert.deepEqual((await readSlowly(own, clients)).filter(({ wrong }) => wrong), []);
  });
});

// The same sizes and speeds each time: two sequences that fill a range evenly (multiples of an irrational number).
const spread = (at, step, low, high) => low * (high / low) ** ((at * step) % 1);

test('many answers of all sizes to clients of all speeds', { timeout: 3_000_000 }, async () => {
  const [count, most] = process.env.SOAK ? [1000, 20 * megabyte] : [42, 2 * megabyte];
  const clients = Array.from({ length: count }, (_, at) => {
    const size = Math.round(spread(at, 0.618034, 100_000, most));
    const rate = Math.round(spread(at, 0.414214, size / 4, size * 10));
    const era = clientEras[at % 3];
    const how = { rate, ...(at % 4 > 0 && { segment }), ...(at % 5 > 0 && { buffer: 16_384 }) };
    return slowClient(`${at}: ${size} bytes at ${rate}`, era, serverEras[at % 2], [large(size)], how);
  });
  await allAreAnswered(clients, { atOnce: 24 });
});
