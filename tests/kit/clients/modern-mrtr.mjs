// The v2 stock client, pinned to 2026-07-28, calls the asking tools; prints requests, wire and result of each.
//   node modern-mrtr.mjs URL [TOOL...]
import { accepted, everyCapability, roots, sampled } from './answers.mjs';
import { loadSdkV2 } from './sdk.mjs';

const [, , url, ...chosen] = process.argv;
const { Client, StreamableHTTPClientTransport } = await loadSdkV2();
const wire = [];
const asked = [];

async function observe(address, init) {
  const body = init?.body ? JSON.parse(init.body) : undefined;
  const response = await fetch(address, init);
  const answers = body?.params?.inputResponses ? '+inputResponses' : '';
  const state = body?.params?.requestState ? '+state' : '';
  wire.push(`${body?.method}${answers}${state}->${response.status}`);
  return response;
}

const client = new Client(
  { name: 'modern-mrtr', version: '0' },
  { capabilities: everyCapability, versionNegotiation: { mode: { pin: '2026-07-28' } } },
);
client.setRequestHandler('elicitation/create', async ({ params }) => {
  asked.push(`elicit:${params.mode ?? '-'}`);
  return accepted(params);
});
client.setRequestHandler('sampling/createMessage', async () => {
  asked.push('sampling');
  return sampled;
});
client.setRequestHandler('roots/list', async () => {
  asked.push('roots');
  return roots;
});
await client.connect(new StreamableHTTPClientTransport(new URL(url), { fetch: observe }));

const asks = /input_required|elicit|sampl|roots|missing_cap/;
const listed = async () => (await client.listTools()).tools.map((tool) => tool.name);
const names = chosen.length ? chosen : (await listed()).filter((name) => asks.test(name));
const given = { prompt: 'p', message: 'm', url: 'https://example.com/x', elicitationId: 'e1', maxTokens: 10 };
for (const name of names) {
  asked.length = 0;
  wire.length = 0;
  const outcome = await client.callTool({ name, arguments: given }).then(
    (result) => JSON.stringify(result.content ?? result).slice(0, 150),
    (error) => `ERROR ${error.code} ${error.message.slice(0, 140)}`,
  );
  console.log([name, asked.join(','), wire.join(' '), outcome].join(' | '));
}
await client.close();
process.exit(0);
