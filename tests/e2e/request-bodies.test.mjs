// Bodies that are being read take part in the budget of buffered bytes, and leave room for those who send little.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { test } from 'node:test';
import { exchangeJson } from './lib/client.mjs';
import { withGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { connect, requestText } from './lib/raw-http.mjs';
import { scratchFile } from './lib/scratch.mjs';

const usual = ['Content-Type: application/json', 'Accept: application/json, text/event-stream'];
const ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
const size = 2_000_000;

for (const workers of [1, 4]) {
  test(`${workers} worker(s): many large bodies under way get 503 at the limit, small requests go on`, () =>
    withGateway({ workers, streams: { buffered_bytes_max: '8MiB' }, timeouts: { body: '60s' } }, async (gateway) => {
      const head = requestText({ port: gateway.port, headers: [...usual, `Content-Length: ${size}`] });
      const senders = [];
      for (let i = 0; i < 8; i += 1) {
        const sender = await connect(gateway.port);
        sender.send(head + ' '.repeat(size - ping.length)); // All but the message itself.
        sender.answer = sender.response(60_000);
        sender.answer.then((response) => (sender.outcome = response));
        senders.push(sender);
      }
      const refused = () => senders.filter(({ outcome }) => outcome);
      // Three quarters of 8 MiB hold three of them, if they come one after the other.
      await until(() => refused().length >= 5, 'five that are refused');
      for (const { outcome } of refused()) {
        assert.equal(outcome.status, 503);
        assert.match(outcome.body.toString(), /streams\.buffered_bytes_max/);
      }
      for (let i = 0; i < 8; i += 1) assert.equal((await exchangeJson(gateway.url(), { body: ping })).status, 200);
      for (const sender of senders) {
        if (!sender.outcome) sender.send(ping);
      }
      for (const { answer } of senders) assert.ok([200, 503].includes((await answer).status));
      assert.ok(senders.filter(({ outcome }) => outcome.status === 200).length <= 3);
      // All of it is free again.
      const again = await connect(gateway.port);
      again.send(head + ' '.repeat(size - ping.length) + ping);
      assert.equal((await again.response()).status, 200);
      for (const each of [...senders, again]) each.close();
    }));
}

test('a body for which there never is room is 413, the largest other one is taken, announced or in chunks', () =>
  withGateway({ streams: { buffered_bytes_max: '1MiB' } }, async (gateway) => {
    const answerTo = async (bytes, framing) => {
      const body = ' '.repeat(bytes - ping.length) + ping;
      const sender = await connect(gateway.port);
      const headers = [...usual, framing === 'chunked' ? 'Transfer-Encoding: chunked' : `Content-Length: ${bytes}`];
      sender.send(requestText({ port: gateway.port, headers }));
      sender.send(framing === 'chunked' ? `${bytes.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body);
      const response = await sender.response(10_000);
      sender.close();
      return response;
    };
    // Three quarters of 1 MiB, and what each request may have besides.
    const largest = 768 * 1024 + 32 * 1024 - 1024;
    for (const framing of ['announced', 'chunked']) {
      assert.equal((await answerTo(largest, framing)).status, 200, framing);
      const refused = await answerTo(900_000, framing);
      assert.equal(refused.status, 413, framing);
      assert.match(refused.body.toString(), /streams\.buffered_bytes_max/);
    }
  }));

const line = (name) => `${name}:sha256:${crypto.createHash('sha256').update(`token-of-${name}`).digest('hex')}\n`;

for (const workers of [1, 4]) {
  test(`${workers} worker(s): bodies that one principal does not finish give way to those of another`, () => {
    const settings = {
      workers,
      auth: { tokens_file: scratchFile('tokens', line('ann') + line('bob')) },
      streams: { buffered_bytes_max: '8MiB' },
      timeouts: { body: '60s' },
    };
    return withGateway(settings, async (gateway) => {
      const headers = [...usual, 'Authorization: Bearer token-of-ann', `Content-Length: ${2 * size}`];
      const head = requestText({ port: gateway.port, headers });
      const senders = [];
      for (let i = 0; i < 8; i += 1) {
        const sender = await connect(gateway.port);
        sender.send(head + ' '.repeat(size));
        sender.answer = sender.response(60_000).then((response) => (sender.outcome = response));
        senders.push(sender);
      }
      const refused = () => senders.filter(({ outcome }) => outcome);
      await until(() => refused().length >= 4, 'some for which there is no room');
      for (let i = 0; i < 10; i += 1) {
        const body = ' '.repeat(400_000) + ping;
        const headers = { authorization: 'Bearer token-of-bob' };
        // What gives way on another worker is waited for a moment; where that took longer, he is told to come again.
        const isServed = async () => (await exchangeJson(gateway.url(), { headers, body })).status === 200;
        await until(isServed, `body ${i} of the other one`);
      }
      assert.ok(refused().length < senders.length, 'not more of them than needed');
      for (const { outcome } of refused()) assert.equal(outcome.status, 503);
      const yielded = refused().filter(({ outcome }) => outcome.body.includes('bodies of yours'));
      assert.ok(yielded.length >= 1);
      for (const sender of senders) sender.close();
      await Promise.allSettled(senders.map(({ answer }) => answer));
    });
  });
}
