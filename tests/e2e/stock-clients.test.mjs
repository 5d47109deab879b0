// Stock clients of three generations, the Inspector and the v2 client, in front of three real servers.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { accepted, everyCapability, roots, sampled } from '../kit/clients/answers.mjs';
import { everyPage, loadSdk, loadSdkV2, sdkOf } from '../kit/clients/sdk.mjs';
import { startGatewayOnFile } from './lib/gateway.mjs';
import { run } from './lib/process.mjs';
import { scratchFolder } from './lib/scratch.mjs';
import { filesystemCommand, kit, startEverything, startFixture } from './lib/servers.mjs';

let everything, fixture, gateway, note;

before(async () => {
  everything = await startEverything();
  fixture = await startFixture();
  note = path.join(fs.realpathSync(scratchFolder()), 'note.txt');
  fs.writeFileSync(note, 'written by a person');
  gateway = await startGatewayOnFile({
    mcpServers: {
      everything: { url: everything.url },
      fixture: { url: fixture.url },
      files: filesystemCommand(path.dirname(note)),
    },
  });
  // A process may take longer to start than the first list waits.
  for (const name of ['everything', 'fixture', 'files']) await gateway.process.find(new RegExp(`${name} is ready`), 60_000);
});
after(async () => {
  await gateway?.kill();
  await everything.process.stop('SIGKILL');
  await fixture.process.stop('SIGKILL');
});

// A call of each server, and what its answer begins with.
const calls = [
  ['everything-echo', () => ({ message: 'hi' }), 'Echo: hi'],
  ['files-read-text-file', () => ({ path: note }), 'written by a person'],
  ['fixture-test-simple-text', () => ({}), 'This is a simple text response'],
];

async function connect(sdk) {
  const { Client, StreamableHTTPClientTransport, types } = await loadSdk(sdk);
  const client = new Client({ name: 'stock', version: '1' }, { capabilities: everyCapability });
  // The oldest SDK has no schema for elicitation.
  const handle = (schema, answer) => schema && client.setRequestHandler(schema, answer);
  handle(types.ListRootsRequestSchema, async () => roots);
  handle(types.CreateMessageRequestSchema, async () => sampled);
  handle(types.ElicitRequestSchema, async ({ params }) => accepted(params));
  const transport = new StreamableHTTPClientTransport(new URL(gateway.url()));
  await client.connect(transport);
  return { client, transport };
}

async function listEverything(client) {
  const tools = await everyPage((cursor) => client.listTools({ cursor }), 'tools');
  const prompts = await everyPage((cursor) => client.listPrompts({ cursor }), 'prompts');
  const resources = await everyPage((cursor) => client.listResources({ cursor }), 'resources');
  const templates = await everyPage((cursor) => client.listResourceTemplates({ cursor }), 'resourceTemplates');
  return { tools, prompts, resources, templates };
}

function assertUnion({ tools, prompts, resources, templates }) {
  const has = (list, member, value) =>
    assert.ok(list.some((entry) => entry[member] === value), `${value} is missing`);
  for (const [name] of calls) has(tools, 'name', name);
  has(prompts, 'name', 'everything-simple-prompt');
  has(prompts, 'name', 'fixture-test-prompt-with-arguments');
  has(resources, 'uri', 'test://static-text');
  has(resources, 'uri', 'demo://resource/static/document/features.md');
  has(templates, 'uriTemplate', 'test://template/{id}/data');
  for (const { name } of [...tools, ...prompts]) assert.match(name, /^[A-Za-z0-9_./-]{1,64}$/);
}

for (const [revision, sdk] of Object.entries(sdkOf)) {
  test(`the SDK of ${revision} lists the union and calls a tool of each server`, async () => {
    const { client, transport } = await connect(sdk);
    if (transport.protocolVersion) assert.equal(transport.protocolVersion, revision);
    assertUnion(await listEverything(client));
    for (const [name, given, start] of calls) {
      const result = await client.callTool({ name, arguments: given() });
      assert.ok(result.content[0].text.startsWith(start), JSON.stringify(result));
    }
    const { contents } = await client.readResource({ uri: 'test://static-text' });
    assert.match(contents[0].text, /static text resource/);
    const prompt = await client.getPrompt({
      name: 'fixture-test-prompt-with-arguments',
      arguments: { arg1: 'a', arg2: 'b' },
    });
    assert.match(prompt.messages[0].content.text, /arg1='a', arg2='b'/);
    await client.close();
  });
}

// 1.12.3 does not know resource links, so its own parser refuses what they are not turned into.
test('the SDK of 2025-03-26 understands every kind of content that is sent to it', async () => {
  const { client } = await connect(sdkOf['2025-03-26']);
  for (const [name, given] of [
    ['everything-get-resource-links', { count: 2 }],
    ['everything-get-structured-content', { location: 'New York' }],
    ['everything-get-annotated-message', { messageType: 'error', includeImage: true }],
    ['everything-get-resource-reference', { resourceType: 'Text', resourceId: 1 }],
  ]) {
    const result = await client.callTool({ name, arguments: given });
    assert.ok(!result.isError && result.content.length > 0, name);
  }
  await client.close();
});

test('the SDK of 2025-11-25 runs a task to its result, with a question in between', async () => {
  const { client } = await connect(sdkOf['2025-11-25']);
  const [name, given] = ['everything-simulate-research-query', { topic: 'levers', ambiguous: true }];
  assert.ok((await everyPage((cursor) => client.listTools({ cursor }), 'tools')).some((tool) => tool.name === name));
  const steps = [];
  const options = { task: { ttl: 60_000, pollInterval: 100 } };
  for await (const step of client.experimental.tasks.callToolStream({ name, arguments: given }, undefined, options)) {
    assert.notEqual(step.type, 'error', String(step.error));
    steps.push(step);
  }
  assert.equal(steps[0].type, 'taskCreated');
  const statuses = steps.filter(({ type }) => type === 'taskStatus').map(({ task }) => task.status);
  assert.ok(statuses.includes('input_required') || statuses.includes('completed'), statuses.join());
  assert.match(steps.at(-1).result.content[0].text, /Research Report: levers/);
  const tasks = await client.experimental.tasks.listTasks();
  assert.deepEqual(tasks.tasks.map(({ taskId }) => taskId), [steps[0].task.taskId]);
  await client.close();
});

// Each other generation knows no such tasks: to it the tool is one like any other.
for (const revision of ['2025-06-18', '2025-03-26']) {
  test(`the SDK of ${revision} calls a tool that is a task`, async () => {
    const { client } = await connect(sdkOf[revision]);
    const call = { name: 'everything-simulate-research-query', arguments: { topic: 'levers' } };
    const result = await client.callTool(call);
    assert.match(result.content[0].text, /Research Report: levers/);
    await client.close();
  });
}

test('server requests of the fixture reach a stock client and come back', async () => {
  const script = path.join(kit, 'clients/legacy-mrtr.mjs');
  const direct = await run(process.execPath, [script, fixture.url]);
  const through = await run(process.execPath, [script, gateway.url('fixture')]);
  assert.match(direct.stdout, /Hello, x!/);
  assert.equal(through.stdout, direct.stdout);
});

// In auto mode it asks for the stateless era first, and finds it.
for (const [mode, era] of Object.entries({ auto: 'modern', legacy: 'legacy' })) {
  test(`the v2 client in ${mode} mode works in the era that it finds`, async () => {
    const { Client, StreamableHTTPClientTransport } = await loadSdkV2();
    const client = new Client({ name: 'v2', version: '1' }, { versionNegotiation: { mode } });
    await client.connect(new StreamableHTTPClientTransport(new URL(gateway.url())));
    assert.equal(client.getProtocolEra(), era);
    const { tools } = await client.listTools();
    assert.ok(tools.some((tool) => tool.name === 'files-read-text-file'));
    const result = await client.callTool({ name: 'everything-echo', arguments: { message: 'hi' } });
    assert.equal(result.content[0].text, 'Echo: hi');
    await client.close();
  });
}

test('the Inspector lists and calls', async () => {
  const main = path.join(kit, 'node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js');
  const inspect = async (...more) => {
    const options = ['--cli', '--server-url', gateway.url(), '--transport', 'http', '--format', 'json', '-q'];
    // It keeps files in its home.
    const ran = await run(process.execPath, [main, ...options, ...more], { env: { HOME: scratchFolder() } });
    assert.equal(ran.code, 0, ran.output);
    return JSON.parse(ran.stdout).result;
  };
  const { tools } = await inspect('--method', 'tools/list');
  assert.ok(tools.some((tool) => tool.name === 'everything-echo'));
  const call = ['--method', 'tools/call', '--tool-name', 'everything-echo', '--tool-arg', 'message=hi'];
  assert.equal((await inspect(...call)).content[0].text, 'Echo: hi');
  const { prompts } = await inspect('--method', 'prompts/list');
  assert.ok(prompts.some((prompt) => prompt.name === 'fixture-test-simple-prompt'));
});
