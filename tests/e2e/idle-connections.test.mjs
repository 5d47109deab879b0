// A Node server closes a connection that is idle for 5 s. Calls about 5 s apart meet that moment: none may fail,
// none may run twice.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, keepAlive } from './lib/client.mjs';
import { startGateway } from './lib/gateway.mjs';
import { startUpstream } from './lib/upstream.mjs';

// SOAK=1 meets it more often.
const rounds = process.env.SOAK ? 20 : 2;
const apart = [4900, 4950, 4980, 4990, 5000, 5005, 5010, 5020, 5050, 5100];

let announcing, silent, gateway;

before(async () => {
  announcing = await startUpstream();
  announcing.server.keepAliveTimeout = 5000;
  silent = await startUpstream();
  silent.server.keepAliveTimeout = 5000;
  // Node announces its limit; a server that does not is harder.
  silent.server.prependListener('request', (_, response) => response.setHeader('connection', 'keep-alive'));
  gateway = await startGateway({
    upstreams: { announcing: { url: announcing.url }, silent: { url: silent.url } },
  });
});
after(async () => {
  await gateway?.kill();
  await announcing.stop();
  await silent.stop();
});

// One client for each interval, so that all of them run at the same time.
async function callsApart(server, ms) {
  const client = await new Client(gateway.url(server), { agent: keepAlive() }).open();
  for (let round = 0; round <= rounds; round++) {
    const answer = await client.call('echo', { text: `${ms}/${round}` });
    assert.equal(answer.result?.content[0].text, `${ms}/${round}`, JSON.stringify(answer));
    await sleep(ms);
  }
  await client.close();
}

for (const server of ['announcing', 'silent']) {
  test(`calls 4.9 to 5.1 s apart to a server that is ${server}`, { timeout: 240_000 }, async () => {
    await Promise.all(apart.map((ms) => callsApart(server, ms)));
    const { calls } = server === 'silent' ? silent : announcing;
    const texts = calls.map(({ params }) => params.arguments.text);
    assert.equal(texts.length, new Set(texts).size, 'a call ran twice');
    assert.equal(texts.length, apart.length * (rounds + 1));
  });
}
