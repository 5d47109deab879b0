// Drives the suite's client scenarios: a stock v2 client that talks to the URL in the last argument, in the
// era of the revision that the suite names. Used with the gateway between the two, which makes the gateway's
// upstream side the client under test.
import { loadSdkV2 } from './sdk.mjs';

const url = process.argv.at(-1);
const scenario = process.env.MCP_CONFORMANCE_SCENARIO ?? '';
const revision = process.env.MCP_CONFORMANCE_PROTOCOL_VERSION ?? '2025-11-25';
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}');

const exampleOfType = { string: 'x', boolean: true, array: [], object: {} };
const example = (schema) => exampleOfType[schema.type] ?? 5;

function filledForm(params) {
  const properties = Object.entries(params.requestedSchema?.properties ?? {});
  if (scenario.includes('defaults')) return {};
  return Object.fromEntries(properties.map(([name, schema]) => [name, example(schema)]));
}

function required(schema) {
  const properties = Object.entries(schema?.properties ?? {});
  const wanted = properties.filter(([name]) => schema.required?.includes(name));
  return Object.fromEntries(wanted.map(([name, inner]) => [name, example(inner)]));
}

const { Client, StreamableHTTPClientTransport } = await loadSdkV2();
const client = new Client(
  { name: 'driver', version: '1.0.0' },
  {
    capabilities: { elicitation: { form: { applyDefaults: true } }, sampling: {}, roots: {} },
    versionNegotiation: { mode: revision >= '2026' ? 'auto' : 'legacy' },
  },
);
client.setRequestHandler('elicitation/create', async ({ params }) => ({
  action: 'accept',
  content: filledForm(params),
}));
client.setRequestHandler('sampling/createMessage', async () => ({
  role: 'assistant',
  model: 'm',
  content: { type: 'text', text: 'hi' },
}));
client.setRequestHandler('roots/list', async () => ({ roots: [] }));
await client.connect(new StreamableHTTPClientTransport(new URL(url)));

const call = (name, given) =>
  client.callTool({ name, arguments: given }).catch((error) => console.error(name, error.message));

async function callTools() {
  const { tools } = await client.listTools().catch(() => ({ tools: [] }));
  if (context.toolCalls) {
    for (const { name, arguments: given } of context.toolCalls) await call(name, given);
  } else if (scenario.includes('preservation')) {
    const echo = tools.find((tool) => /echo/.test(tool.name));
    const other = tools.find((tool) => tool !== echo);
    await call(echo.name, { schema: other.inputSchema });
  } else if (scenario.includes('2322')) {
    for (const name of ['echo_state', 'no_state', 'unrelated', 'no_result_type']) {
      if (tools.some((tool) => tool.name === `test_mrtr_${name}`)) await call(`test_mrtr_${name}`, {});
    }
  } else {
    for (const tool of tools) await call(tool.name, required(tool.inputSchema));
  }
}

async function readTheRest() {
  const capabilities = client.getServerCapabilities() ?? {};
  if (capabilities.resources) {
    const { resources } = await client.listResources().catch(() => ({ resources: [] }));
    for (const { uri } of resources) await client.readResource({ uri }).catch(() => {});
  }
  if (capabilities.prompts) {
    const { prompts } = await client.listPrompts().catch(() => ({ prompts: [] }));
    for (const { name, arguments: wanted = [] } of prompts) {
      const given = Object.fromEntries(wanted.map((argument) => [argument.name, 'x']));
      await client.getPrompt({ name, arguments: given }).catch(() => {});
    }
  }
}

await callTools();
await readTheRest();
await client.close();
process.exit(0);
