// A session-era stock client calls the fixture's asking tools; prints which server requests arrive for each.
//   node legacy-mrtr.mjs URL [SDK_PACKAGE] [NAME_PREFIX]
import { accepted, everyCapability, roots, sampled } from './answers.mjs';
import { loadSdk } from './sdk.mjs';

const [, , url, sdk, prefix = ''] = process.argv;
const { Client, StreamableHTTPClientTransport, types } = await loadSdk(sdk);
const client = new Client({ name: 'legacy-mrtr', version: '0' }, { capabilities: everyCapability });
const asked = [];

client.setRequestHandler(types.ListRootsRequestSchema, async () => {
  asked.push('roots/list');
  return roots;
});
client.setRequestHandler(types.CreateMessageRequestSchema, async () => {
  asked.push('sampling');
  return sampled;
});
client.setRequestHandler(types.ElicitRequestSchema, async ({ params }) => {
  asked.push(`elicit:${params.mode ?? '-'}:${Object.keys(params.requestedSchema?.properties ?? {})}`);
  return accepted(params);
});
await client.connect(new StreamableHTTPClientTransport(new URL(url)));

async function show(name, work) {
  asked.length = 0;
  const outcome = await work().then(
    (result) => JSON.stringify(result).slice(0, 140),
    (error) => `ERROR ${error.code} ${error.message.slice(0, 120)}`,
  );
  console.log(`${name} -> ${asked.join(' , ')} -> ${outcome}`);
}

const roundTrips = [
  'elicitation',
  'sampling',
  'list_roots',
  'request_state',
  'multiple_inputs',
  'multi_round',
  'tampered_state',
  'capabilities',
].map((name) => `input_required_result_${name}`);
const others = ['missing_capability', 'streaming_elicitation', 'sampling', 'elicitation'];
for (const name of [...roundTrips, ...others]) {
  const given = { prompt: 'p', message: 'm' };
  await show(`test_${name}`, () => client.callTool({ name: `${prefix}test_${name}`, arguments: given }));
}
await show('prompt', () => client.getPrompt({ name: `${prefix}test_input_required_result_prompt` }));
await client.close();
process.exit(0);
