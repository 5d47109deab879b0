// A stock client's tour of server-everything; prints what travels: content, progress, logs, server requests,
// updates, errors.
//   node everything-tour.mjs URL [SDK_PACKAGE] [NAME_PREFIX]
// Tools and prompts are called as NAME_PREFIX + name.
import { everyCapability, roots, sampled } from './answers.mjs';
import { loadSdk } from './sdk.mjs';

const [, , url, sdk, prefix = ''] = process.argv;
const { Client, StreamableHTTPClientTransport, types } = await loadSdk(sdk);
const client = new Client({ name: 'tour', version: '0' }, { capabilities: everyCapability });

const seen = {};
const hit = (what) => {
  seen[what] = (seen[what] ?? 0) + 1;
};

client.setRequestHandler(types.ListRootsRequestSchema, async () => {
  hit('request roots/list');
  return roots;
});
client.setRequestHandler(types.CreateMessageRequestSchema, async () => {
  hit('request sampling/createMessage');
  return sampled;
});
client.setRequestHandler(types.ElicitRequestSchema, async ({ params }) => {
  hit(`request elicitation/create ${params.mode ?? 'form'}`);
  return { action: params.mode === 'url' ? 'accept' : 'decline' };
});
client.fallbackNotificationHandler = async ({ method }) => hit(`notification ${method}`);
for (const kind of ['LoggingMessage', 'ResourceUpdated', 'ResourceListChanged', 'ToolListChanged']) {
  client.setNotificationHandler(types[`${kind}NotificationSchema`], async ({ method }) =>
    hit(`notification ${method}`),
  );
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const transport = new StreamableHTTPClientTransport(new URL(url));
await client.connect(transport);
await sleep(600);

function summary(result) {
  const kinds = (result.content ?? []).map((block) => block.type + (block.annotations ? '@' : ''));
  const start = (result.content?.[0]?.text ?? '').slice(0, 70).replaceAll('\n', ' ');
  const structured = result.structuredContent ? ' structured' : '';
  return `${result.isError ? 'isError ' : ''}[${kinds}]${structured} ${start}`;
}

const failure = (error) =>
  `ERROR ${error.code} ${error.message.slice(0, 90)} ${JSON.stringify(error.data ?? '').slice(0, 120)}`;

async function show(label, work) {
  console.log(label, await work().catch(failure));
}

const call = (label, name, given, options) =>
  show(label, async () =>
    summary(await client.callTool({ name: prefix + name, arguments: given }, undefined, options)),
  );

const complete = (label, ref, argument, context) =>
  show(label, async () => JSON.stringify((await client.complete({ ref, argument, context })).completion));

async function tourTools() {
  await call('echo', 'echo', { message: 'hi' });
  await call('annotated', 'get-annotated-message', { messageType: 'error', includeImage: true });
  await call('structured', 'get-structured-content', { location: 'New York' });
  await call('links', 'get-resource-links', { count: 3 });
  await call('reference', 'get-resource-reference', { resourceType: 'Blob', resourceId: 1 });
  await call('image', 'get-tiny-image', {});
  await call('bad arguments', 'get-sum', { a: 'x' });
  await call('unknown tool', 'nope', {});
  await call('task-only tool called plainly', 'simulate-research-query', { topic: 'x' });
}

async function tourSessionResource() {
  const data = 'data:text/plain,hello';
  await call('gzip', 'gzip-file-as-resource', { name: 'a.gz', data, outputType: 'resourceLink' });
  await show('session resource', async () => {
    const { contents } = await client.readResource({ uri: 'demo://resource/session/a.gz' });
    return `${contents[0].mimeType} ${(contents[0].blob ?? '').length}`;
  });
}

async function tourServerRequests() {
  let progress = 0;
  const long = { duration: 1, steps: 4 };
  await call('long operation', 'trigger-long-running-operation', long, {
    onprogress: () => {
      progress += 1;
    },
  });
  console.log('progress notifications', progress);
  const page = { url: 'https://example.com', message: 'm' };
  await call('sampling', 'trigger-sampling-request', { prompt: 'x', maxTokens: 5 });
  await call('elicitation', 'trigger-elicitation-request', {});
  await call('url elicitation', 'trigger-url-elicitation', page);
  await call('url elicitation, error path', 'trigger-url-elicitation', { ...page, errorPath: true });
  await call('roots', 'get-roots-list', {});
}

async function tourStreams() {
  await client.setLoggingLevel('debug');
  await call('toggle logging', 'toggle-simulated-logging', {});
  await client.subscribeResource({ uri: 'demo://resource/static/document/features.md' });
  await call('toggle updates', 'toggle-subscriber-updates', {});
}

async function tourCompletion() {
  const ref = { type: 'ref/prompt', name: `${prefix}completable-prompt` };
  const template = { type: 'ref/resource', uri: 'demo://resource/dynamic/text/{resourceId}' };
  await complete('completion', ref, { name: 'department', value: 'S' });
  const context = { arguments: { department: 'Sales' } };
  await complete('completion with context', ref, { name: 'name', value: '' }, context);
  await complete('completion of a template', template, { name: 'resourceId', value: '1' });
  await show('unknown resource', () => client.readResource({ uri: 'demo://nope' }));
}

await tourTools();
await tourSessionResource();
await tourServerRequests();
await tourStreams();
await tourCompletion();
await sleep(6500);
console.log('seen', JSON.stringify(Object.fromEntries(Object.entries(seen).sort())));
await transport.terminateSession().catch(() => {});
await client.close();
process.exit(0);
