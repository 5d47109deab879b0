// What stock clients of each generation make of a refusal: an error with its words, and a client that goes on.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, test } from 'node:test';
import { loadSdk, loadSdkV2, sdkOf } from '../kit/clients/sdk.mjs';
import { startGateway } from './lib/gateway.mjs';
import { scratchFile } from './lib/scratch.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

let upstream, gateway, guarded, begun, release;

before(async () => {
  const wait = () => {
    begun();
    return new Promise((resolve) => (release = () => resolve(text('waited'))));
  };
  upstream = await startUpstream({ tools: { wait, echo: ({ arguments: given }) => text(`${given.text.length}`) } });
  gateway = await startGateway({
    limits: { body_bytes_max: '64KiB', calls_per_session_max: 1 },
    upstreams: { one: { url: upstream.url } },
  });
  const hash = crypto.createHash('sha256').update('a token of ann').digest('hex');
  guarded = await startGateway({ auth: { tokens_file: scratchFile('tokens', `ann:sha256:${hash}\n`) } });
});
after(async () => {
  await guarded?.kill();
  await gateway?.kill();
  await upstream?.stop();
});

const who = { name: 'refused', version: '1' };
const withSessions = (sdk) => async () => {
  const { Client, StreamableHTTPClientTransport } = await loadSdk(sdk);
  return { client: new Client(who), Transport: StreamableHTTPClientTransport };
};
const ofVersion2 = (mode) => async () => {
  const { Client, StreamableHTTPClientTransport } = await loadSdkV2();
  return { client: new Client(who, { versionNegotiation: { mode } }), Transport: StreamableHTTPClientTransport };
};
const generations = [
  ...Object.entries(sdkOf).map(([revision, sdk]) => [revision, withSessions(sdk)]),
  ['version 2 with sessions', ofVersion2('legacy')],
  ['version 2 without', ofVersion2({ pin: '2026-07-28' })],
];

async function connect(make, url, headers = {}) {
  const { client, Transport } = await make();
  await client.connect(new Transport(new URL(url), { requestInit: { headers } }));
  return client;
}

const echo = (client, size) => client.callTool({ name: 'one-echo', arguments: { text: 'x'.repeat(size) } });

for (const [revision, make] of generations) {
  test(`without a token, and with a wrong one, it says so: ${revision}`, async () => {
    for (const headers of [{}, { authorization: 'Bearer another token' }]) {
      await assert.rejects(connect(make, guarded.url(), headers), /authenticat|requires authorization/i);
    }
    const client = await connect(make, guarded.url(), { authorization: 'Bearer a token of ann' });
    await client.close();
  });

  test(`at a server that is not there it says so: ${revision}`, async () => {
    // The last one has only words of its own for a server that does not speak its revision.
    await assert.rejects(connect(make, gateway.url('nobody')), /not found|did not offer/i);
  });

  test(`a call that is too large is refused, and the next one is not: ${revision}`, async () => {
    const client = await connect(make, gateway.url());
    await assert.rejects(echo(client, 100_000), /limits\.body_bytes_max/);
    const { content } = await echo(client, 10);
    assert.equal(content[0].text, '10');
    await client.close();
  });
}

// Requests without a session have no such limit.
for (const [revision, make] of generations.slice(0, -1)) {
  test(`a call over the limit is refused, and those before and after it are not: ${revision}`, async () => {
    const client = await connect(make, gateway.url());
    const isRunning = new Promise((resolve) => (begun = resolve));
    const first = client.callTool({ name: 'one-wait', arguments: {} });
    await isRunning;
    await assert.rejects(echo(client, 10), /calls_per_session_max/);
    release();
    assert.equal((await first).content[0].text, 'waited');
    assert.equal((await echo(client, 10)).content[0].text, '10');
    await client.close();
  });
}
