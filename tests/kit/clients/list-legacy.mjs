// A session-era stock client lists all that a server has.
//   node list-legacy.mjs URL [SDK_PACKAGE]      CAPS='{...}' overrides the client's capabilities
import { accepted, everyCapability, roots, sampled } from './answers.mjs';
import { everyPage, loadSdk } from './sdk.mjs';

const [, , url, sdk] = process.argv;
const capabilities = process.env.CAPS
  ? JSON.parse(process.env.CAPS)
  : { ...everyCapability, sampling: { tools: {}, context: {} } };

const { Client, StreamableHTTPClientTransport, types } = await loadSdk(sdk);
const client = new Client({ name: 'list-legacy', version: '0' }, { capabilities });
// Older SDKs lack some of the schemas.
const handle = (schema, capability, answer) => {
  if (schema && capability) client.setRequestHandler(schema, answer);
};
handle(types.ListRootsRequestSchema, capabilities.roots, async () => roots);
handle(types.CreateMessageRequestSchema, capabilities.sampling, async () => sampled);
handle(types.ElicitRequestSchema, capabilities.elicitation, async ({ params }) => accepted(params));
const notifications = [];
client.fallbackNotificationHandler = async ({ method }) => notifications.push(method);

const transport = new StreamableHTTPClientTransport(new URL(url));
await client.connect(transport);
await new Promise((resolve) => setTimeout(resolve, 800));

function showTool(tool) {
  const { annotations, outputSchema, execution, icons, title, inputSchema } = tool;
  const shape = {
    annotations,
    hasOutputSchema: Boolean(outputSchema),
    execution,
    icons: icons?.length,
    title,
    $schema: inputSchema.$schema,
    arguments: Object.keys(inputSchema.properties ?? {}),
  };
  console.log('tool', tool.name, JSON.stringify(shape));
}

const has = client.getServerCapabilities() ?? {};
console.log('negotiated', transport.protocolVersion, 'session', transport.sessionId ? 'yes' : 'no');
console.log('server', JSON.stringify(client.getServerVersion()));
console.log('capabilities', JSON.stringify(has));
console.log('instructions', (client.getInstructions() ?? '').slice(0, 80).replaceAll('\n', ' '));
if (has.tools) {
  for (const tool of await everyPage((cursor) => client.listTools({ cursor }), 'tools')) showTool(tool);
}
if (has.resources) {
  for (const resource of await everyPage((cursor) => client.listResources({ cursor }), 'resources')) {
    const { uri, mimeType, name, annotations } = resource;
    console.log('resource', uri, mimeType, name, JSON.stringify(annotations));
  }
  const listTemplates = (cursor) => client.listResourceTemplates({ cursor });
  for (const { uriTemplate, mimeType } of await everyPage(listTemplates, 'resourceTemplates')) {
    console.log('template', uriTemplate, mimeType);
  }
}
if (has.prompts) {
  for (const prompt of await everyPage((cursor) => client.listPrompts({ cursor }), 'prompts')) {
    const wanted = (prompt.arguments ?? []).map(({ name, required }) => name + (required ? '*' : ''));
    console.log('prompt', prompt.name, JSON.stringify(wanted));
  }
}
console.log('notifications', notifications.join(','));
await transport.terminateSession?.().catch((error) => console.log('DELETE:', error.message));
await client.close();
process.exit(0);
