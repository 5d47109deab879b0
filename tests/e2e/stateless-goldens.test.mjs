// Stock clients of both eras call every tool of the fixture that asks for something, through the gateway, in front of
// both eras of the fixture: what is asked and what comes out is the same in all four.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { sdkOf } from '../kit/clients/sdk.mjs';
import { startGateway } from './lib/gateway.mjs';
import { run } from './lib/process.mjs';
import { kit, startFixture } from './lib/servers.mjs';
import { StatelessClient } from './lib/stateless-client.mjs';

// Tool -> what the client is asked, and what the result says.
const golden = {
  test_input_required_result_elicitation: ['elicit', 'Hello, x!'],
  test_input_required_result_sampling: ['sampling', 'Sampling response: hi'],
  test_input_required_result_list_roots: ['roots', '1 root(s): file:///tmp'],
  test_input_required_result_request_state: ['elicit', 'state-ok'],
  test_input_required_result_multiple_inputs: ['elicit,roots,sampling', 'hi x, 1 root(s)'],
  test_input_required_result_multi_round: ['elicit,elicit', 'x likes x'],
  test_input_required_result_tampered_state: ['elicit', 'integrity-ok'],
  test_input_required_result_capabilities: ['elicit,roots,sampling', 'fulfilled'],
  test_missing_capability: ['sampling', 'sampled'],
  test_streaming_elicitation: ['', 'no requests on this stream'],
  test_sampling: ['sampling', 'LLM response: hi'],
  test_elicitation: ['elicit', 'User response: action=accept'],
};

let fixtures, gateway;
before(async () => {
  fixtures = { legacy: await startFixture('legacy'), modern: await startFixture('modern') };
  const upstreams = Object.fromEntries(Object.entries(fixtures).map(([era, { url }]) => [era, { url }]));
  gateway = await startGateway({ upstreams });
});
after(async () => {
  await gateway.kill();
  for (const { process } of Object.values(fixtures)) await process.stop('SIGKILL');
});

const kinds = (asked) => asked.split(/\s*,\s*(?=elicit|sampl|roots)/).map((one) => /^[a-z]*/.exec(one)[0]).sort().join(',');

// [name, what was asked, outcome] of each line that a script prints.
async function lines(script, args, separator) {
  const { code, stdout, output } = await run(process.execPath, [path.join(kit, 'clients', script), ...args]);
  assert.equal(code, 0, output);
  return stdout.trim().split('\n').map((line) => line.split(separator));
}

function assertGolden(found) {
  for (const [name, [asked, said]] of Object.entries(golden)) {
    assert.ok(found[name], `${name} is missing`);
    assert.equal(found[name].asked, asked, name);
    assert.ok(found[name].said.includes(said), `${name}: ${found[name].said}`);
  }
}

for (const era of ['legacy', 'modern']) {
  for (const revision of ['2025-11-25', '2025-06-18']) {
    test(`a client of ${revision} is asked by a ${era} server as it would be directly`, async () => {
      const rows = await lines('legacy-mrtr.mjs', [gateway.url(era), sdkOf[revision]], ' -> ');
      const entries = rows.map(([name, asked, ...said]) => [name, { asked: kinds(asked), said: said.join() }]);
      const found = Object.fromEntries(entries);
      assertGolden(found);
      assert.equal(found.prompt.asked, 'elicit');
      assert.match(found.prompt.said, /Use the following context: x/);
    });
  }

  test(`a stateless client is asked by a ${era} server as it would be directly`, async () => {
    const rows = await lines('modern-mrtr.mjs', [gateway.url(era)], ' | ');
    const found = Object.fromEntries(rows.map(([name, asked, , said]) => [name, { asked: kinds(asked), said }]));
    assertGolden(found);
    for (const [name, , wire] of rows) {
      for (const request of wire.split(' ')) assert.match(request, /->200$/, name);
    }
  });
}

// The state of a stateless server is its own affair: clients see ours, and only for the call that it belongs to.
const capabilities = { elicitation: {} };
const tool = 'test_input_required_result_request_state';
const open = (server = 'modern') => new StatelessClient(gateway.url(server), { capabilities });

async function ask(client, era = 'modern', name = tool) {
  const { result, body } = await client.call(name);
  assert.equal(result?.resultType, 'input_required', `${era}: ${body}`);
  const answers = {};
  for (const key of Object.keys(result.inputRequests)) answers[key] = { action: 'accept', content: { ok: true } };
  return { answers, state: result.requestState };
}

test('the state of a stateless server is sealed, and comes back to it byte for byte', async () => {
  const client = open();
  const { answers, state } = await ask(client);
  const direct = new StatelessClient(fixtures.modern.url, { capabilities });
  const refused = await direct.call(tool, {}, { answers, state });
  assert.ok(refused.error, 'the server does not know the sealed one');
  const done = await client.call(tool, {}, { answers, state });
  assert.equal(done.result.content[0].text, 'state-ok');
  client.close();
  direct.close();
});

for (const [what, retry] of Object.entries({
  'a changed state': (client, { answers, state }) => client.call(tool, {}, { answers, state: `${state}x` }),
  'a state for other arguments': (client, given) => client.call(tool, { other: 1 }, { ...given }),
  'a state for another tool': (client, given) => client.call('test_input_required_result_tampered_state', {}, { ...given }),
  "another server's state": async (client, { answers }) =>
    client.call(tool, {}, { answers, state: (await ask(open('legacy'), 'legacy')).state }),
})) {
  test(`${what} never reaches a stateless server`, async () => {
    const client = open();
    const given = await ask(client);
    const refused = await retry(client, given);
    assert.equal(refused.error?.code, -32602, JSON.stringify(refused.result));
    assert.equal((await client.call(tool, {}, given)).result.content[0].text, 'state-ok', 'the right one still works');
    client.close();
  });
}

test('a server of several that asks is named to the user', async () => {
  for (const era of ['legacy', 'modern']) {
    const client = new StatelessClient(gateway.url(), { capabilities });
    const { result } = await client.request('tools/list');
    const { name } = result.tools.find((each) => each.name === `${era}-test-elicitation`);
    const asked = await client.call(name, { message: 'Hi' });
    assert.equal(asked.result?.resultType, 'input_required', asked.body);
    for (const { params } of Object.values(asked.result.inputRequests)) assert.match(params.message, new RegExp(era));
    client.close();
  }
});
