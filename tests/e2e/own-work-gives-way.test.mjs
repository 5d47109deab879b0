// What the gateway does at a server for itself, such as listing, makes no call of a client fail: where only one of both
// may be there, the call waits, or the gateway gives way.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { afterEach, test } from 'node:test';
import { Client } from './lib/client.mjs';
import { defaults, startGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { scratchFile } from './lib/scratch.mjs';
import { stdioCommand } from './lib/servers.mjs';
import { StatelessClient } from './lib/stateless-client.mjs';

let gateway;
afterEach(() => gateway?.kill());

const said = ({ result, error }) => result?.content?.[0].text ?? JSON.stringify(error);

// A gateway whose server over stdio lists while `mayList` is there.
async function start(processes) {
  const mayList = scratchFile('may-list', '');
  const record = scratchFile('record.txt', '');
  const child = stdioCommand({ RECORD: record, LIST_IF: mayList });
  const settings = { processes, upstreams: { child, other: stdioCommand() }, timeouts: { call: '60s' } };
  gateway = await startGateway(settings);
  const lists = () => fs.readFileSync(record, 'utf8').split('"tools/list"').length - 1;
  // The server is reached in another way from now on, and lists until the file is there again.
  const reload = async () => {
    fs.rmSync(mayList);
    const before = lists();
    settings.upstreams.child = { ...child, timeout: '50s' };
    gateway.configure({ ...defaults, ...settings });
    gateway.reload();
    await until(() => lists() > before, 'the new list', 30_000);
  };
  return { reload, goOn: () => fs.writeFileSync(mayList, '') };
}

const kinds = {
  'a client with a session': (url) => new Client(url).open(),
  'a stateless client': async (url) => new StatelessClient(url, { capabilities: { elicitation: {} } }),
};

for (const [limit, processes] of [
  ['processes.per_upstream_max', { per_upstream_max: 1, spares: 0 }],
  ['processes.max', { max: 1, spares: 0 }],
]) {
  for (const [kind, open] of Object.entries(kinds)) {
    test(`a call of ${kind} waits while the gateway lists in the only process (${limit})`, async () => {
      const { reload, goOn } = await start(processes);
      const client = await open(gateway.url('child'));
      assert.equal(said(await client.call('echo', { text: 'before' })), 'before');
      await reload();
      let isAnswered = false;
      const call = client.call('echo', { text: 'after' }).finally(() => (isAnswered = true));
      // What comes later is answered, so the call is waiting by now.
      for (let i = 0; i < 3; i++) assert.ok((await client.request('tools/list')).result);
      assert.ok(!isAnswered, `the call waits: ${isAnswered && said(await call)}`);
      goOn();
      assert.equal(said(await call), 'after');
      await client.close();
    });
  }
}

// Each leaves its last session behind, whose process is idle by the next call; of two that want one, both get one.
test('two clients that open one session after the other are served by two processes', async () => {
  const { goOn } = await start({ max: 2, spares: 0 });
  goOn();
  await until(() => /child is ready/.test(gateway.output) && /other is ready/.test(gateway.output), 'the lists', 30_000);
  const refused = [];
  const work = async (number) => {
    for (let i = 0; i < 20; i++) {
      const client = await new Client(gateway.url('child')).open();
      for (const text of [`${number}-${i}`, 'again']) {
        const answer = said(await client.call('echo', { text }));
        if (answer !== text) refused.push(answer);
      }
    }
  };
  await Promise.all([work(1), work(2)]);
  assert.deepEqual(refused, []);
});
