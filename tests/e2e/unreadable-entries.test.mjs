// One entry of a list that breaks its schema makes stock clients refuse the list as a whole: behind a gateway, with it
// what all other servers list.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { loadSdk, loadSdkV2, sdkOf } from '../kit/clients/sdk.mjs';
import { Client } from './lib/client.mjs';
import { startGateway } from './lib/gateway.mjs';
import { startUpstream } from './lib/upstream.mjs';

const object = { type: 'object' };
const good = {
  tools: { name: 'tool', inputSchema: object },
  prompts: { name: 'prompt' },
  resources: { uri: 'good://resource', name: 'resource' },
  resourceTemplates: { uriTemplate: 'good://{template}', name: 'template' },
};

// What no client of the newest SDKs reads, by what is wrong with it.
const unreadable = {
  tools: [
    { inputSchema: undefined },
    { inputSchema: null },
    { inputSchema: {} },
    { inputSchema: { type: 'array' } },
    { inputSchema: { ...object, properties: 'x' } },
    { inputSchema: { ...object, required: 'x' } },
  ],
  prompts: [],
  resources: [{ name: undefined }, { name: 1 }],
  resourceTemplates: [{ name: undefined }],
};

// The same, but without a member that need not be there they do.
const mended = {
  tools: [
    { outputSchema: [] },
    { annotations: 'x' },
    { annotations: { readOnlyHint: 'x' } },
    { execution: { taskSupport: 'sometimes' } },
  ],
  prompts: [{ arguments: 'x' }, { arguments: {} }, { arguments: ['x'] }, { arguments: [{}] }, { arguments: [{ name: 1 }] }],
  resources: [
    { mimeType: 1 },
    { size: 'x' },
    { annotations: { priority: 2 } },
    { annotations: { lastModified: '2025-01-12T15:00:58.123456' } },
    { annotations: { lastModified: '2025-01-12' } },
    { annotations: { lastModified: '2025-01-12 15:00:58+00:00' } },
  ],
  resourceTemplates: [{ mimeType: [] }, { annotations: { audience: 'user' } }, { annotations: { lastModified: 'x' } }],
};
const mendedAnywhere = [{ title: 1 }, { description: [] }, { _meta: 'x' }, { icons: 'x' }, { icons: [{}] }];

// What they do read, though it is not all in order.
const readable = {
  tools: [
    { inputSchema: { ...object, properties: { x: { type: 7 } }, $defs: 1 } },
    { inputSchema: { ...object, properties: { x: true, y: false } } },
    { outputSchema: { type: 'array' } },
    { outputSchema: {} },
    { outputSchema: null },
    { annotations: { readOnlyHint: true, more: 1 } },
  ],
  prompts: [{ arguments: [{ name: 'x', title: 1 }] }, { arguments: [{ name: '', more: null }] }],
  resources: [{ size: 12 }, { annotations: { priority: 1, more: 1 } }, { more: null }],
  resourceTemplates: [{ annotations: {} }],
};
// What is null counts as absent, and is taken out of what clients see.
const readableAnywhere = [{ title: '', description: '' }, { description: null }, { icons: [{ src: 'no uri' }] }, { _meta: {} }, { description: 'cut \ud83d' }];

// Entries with these faults, each under a name of its own.
const entries = (kind, faults, label) =>
  faults.map((fault, i) => {
    const { name, uri, uriTemplate } = good[kind];
    return {
      ...good[kind],
      name: `${name}-${label}-${i}`,
      ...(uri && { uri: `${uri}-${label}-${i}` }),
      ...(uriTemplate && { uriTemplate: `${uriTemplate}-${label}-${i}` }),
      ...fault,
    };
  });

const listMethods = {
  tools: 'tools/list',
  prompts: 'prompts/list',
  resources: 'resources/list',
  resourceTemplates: 'resources/templates/list',
};
const keys = { tools: 'name', prompts: 'name', resources: 'uri', resourceTemplates: 'uriTemplate' };

const wrong = (kind) => entries(kind, unreadable[kind], 'wrong');
const halfWrong = (kind) => entries(kind, [...mended[kind], ...mendedAnywhere], 'mended');
const right = (kind) => entries(kind, [...readable[kind], ...readableAnywhere], 'right');
const listed = (kind) => [...right(kind), ...halfWrong(kind)];

async function serve(lists) {
  const server = await startUpstream({ capabilities: { tools: {}, prompts: {}, resources: {} } });
  for (const [kind, method] of Object.entries(listMethods)) {
    server.methods[method] = async () => ({ [kind]: lists(kind) });
  }
  return server;
}

const connect = async ({ Client: Stock, StreamableHTTPClientTransport }, url, options = {}) => {
  const client = new Stock({ name: 'stock', version: '1' }, { capabilities: {}, ...options });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  return client;
};
const stock = {
  'SDK 1.12.3': async (url) => connect(await loadSdk(sdkOf['2025-03-26']), url),
  'SDK 1.22.0': async (url) => connect(await loadSdk(sdkOf['2025-06-18']), url),
  'SDK 1.32.2': async (url) => connect(await loadSdk(), url),
  'SDK 2.4.0 with a session': async (url) => connect(await loadSdkV2(), url, { versionNegotiation: { mode: 'legacy' } }),
  'SDK 2.4.0': async (url) => connect(await loadSdkV2(), url, { versionNegotiation: { mode: { pin: '2026-07-28' } } }),
};
const lists = {
  tools: (client) => client.listTools(),
  prompts: (client) => client.listPrompts(),
  resources: (client) => client.listResources(),
  resourceTemplates: (client) => client.listResourceTemplates(),
};

let bad, fine, gateway;
before(async () => {
  bad = await serve((kind) => [...wrong(kind), ...listed(kind)]);
  fine = await serve((kind) => [good[kind]]);
  gateway = await startGateway({ upstreams: { bad: { url: bad.url }, fine: { url: fine.url } } });
});
after(async () => {
  await gateway?.kill();
  await bad.stop();
  await fine.stop();
});

for (const [name, open] of Object.entries(stock)) {
  test(`${name} reads the lists of a gateway with a server whose entries are broken`, async () => {
    const client = await open(gateway.url());
    for (const [kind, list] of Object.entries(lists)) {
      const found = (await list(client))[kind];
      assert.equal(found.length, listed(kind).length + 1, kind);
    }
    await client.close();
  });
}

test('what is readable is listed, and the log says how much is not', async () => {
  const client = await new Client(gateway.url('bad')).open();
  for (const [kind, method] of Object.entries(listMethods)) {
    const found = (await client.request(method)).result[kind].map((entry) => entry[keys[kind]]);
    assert.deepEqual(found.sort(), listed(kind).map((entry) => entry[keys[kind]]).sort());
    const count = wrong(kind).length;
    if (count > 0) await gateway.process.find(new RegExp(`lists ${count} unusable item`));
  }
  await client.close();
});

// The tables above are true: a client without a gateway between refuses the one, and takes the other.
test('the newest SDK draws the line at the same place', async () => {
  for (const [kind, list] of Object.entries(lists)) {
    for (const [label, cases] of [['wrong', [...wrong(kind), ...halfWrong(kind)]], ['right', right(kind)]]) {
      for (const entry of cases) {
        const server = await serve(() => [entry]);
        const client = await stock['SDK 1.32.2'](server.url);
        const outcome = await list(client).then(() => 'right', () => 'wrong');
        // These are put into other words for clients of its revision.
        const hasNull = Object.values(entry).includes(null);
        const isAdapted = hasNull || entry.outputSchema || entry.inputSchema?.properties?.x === true;
        if (label === 'wrong' || !isAdapted) assert.equal(outcome, label, JSON.stringify(entry));
        await client.close();
        await server.stop();
      }
    }
  }
});
