// Eight real servers behind one gateway: every stock client sees and gets of each what it sees and gets directly.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '../e2e/lib/client.mjs';
import { startGatewayOnFile } from '../e2e/lib/gateway.mjs';
import { until } from '../e2e/lib/process.mjs';
import { clients, inspect } from './clients.mjs';
import { asked, commands } from './servers.mjs';

// What may differ between direct and through the gateway, and why. Each takes it out of both sides.
const explained = [
  // A server with sessions says who it is at its initialize; to a stateless client every result says who answers, and
  // that is the gateway.
  function whoAnswers(result) {
    if (!result._meta) return result;
    const { 'io.modelcontextprotocol/serverInfo': _, ...rest } = result._meta;
    const { _meta, ...without } = result;
    return Object.keys(rest).length ? { ...without, _meta: rest } : without;
  },
  // The gateway gives a resource that is not there the number of the client's own era; servers of both eras give it one
  // number always.
  function resourceNotFound(result) {
    if (result.error?.code !== -32002) return result;
    const { message } = result.error;
    return { error: { code: -32602, message: message.replace('-32002', '-32602') } };
  },
  // The newest revision wants to know of a result for how long it holds, of which servers with sessions say nothing.
  function cacheHints({ ttlMs: _, cacheScope: __, ...result }) {
    return result;
  },
  // Clients without sessions of one principal share what a server remembers: here, how many thoughts it was told.
  function howManyBefore(result) {
    return JSON.parse(JSON.stringify(result).replace(/(thoughtHistoryLength\\?": ?)\d+/g, '$10'));
  },
];

// For the same reasons in lists: a tool of the newest revision does not say how it runs as a task; and the gateway
// declares kinds before it knows whether there is any of them.
const withoutExecution = ({ execution: _, ...tool }) => tool;
const listed = ({ tools, prompts = [], resources = [], templates = [] }, isNewest) =>
  ({ tools: isNewest ? tools.map(withoutExecution) : tools, prompts, resources, templates });

const compared = ({ calls, reads, gets, ...lists }, isNewest) => {
  const plain = (results) => results.map((result) => explained.reduce((left, take) => take(left), result));
  return { ...listed(lists, isNewest), calls: plain(calls), reads: plain(reads), gets: plain(gets) };
};

const names = Object.keys(asked(''));
let gateway;

before(async () => {
  gateway = await startGatewayOnFile({ mcpServers: commands() });
  const isListed = async () => {
    const client = await new Client(gateway.url()).open().catch(() => undefined);
    const tools = (await client?.request('tools/list'))?.result?.tools ?? [];
    await client?.close();
    return names.every((name) => tools.some((tool) => tool.name.startsWith(`${name}-`)));
  };
  await until(isListed, 'the lists of all servers', 120_000);
});
after(() => gateway?.kill());

for (const [client, look] of Object.entries(clients)) {
  test(`the client ${client} sees of each server through the gateway what it sees directly`, async (context) => {
    const isNewest = client !== 'typescript-2025-11-25';
    const direct = await look(commands(), asked(client));
    const through = await look(Object.fromEntries(names.map((name) => [name, { url: gateway.url(name) }])), asked(client));
    for (const name of names) {
      await context.test(name, () => assert.deepEqual(compared(through[name], isNewest), compared(direct[name], isNewest)));
    }
  });
}

// --tool-arg NAME=VALUE, where a value that is no string stands as JSON.
const argumentsOf = (given) => Object.entries(given).flatMap(([key, value]) =>
  ['--tool-arg', `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`]);

test('the Inspector lists all servers together, and calls a tool of each as it does directly', async () => {
  const { tools } = await inspect({ url: gateway.url() }, '--method', 'tools/list');
  for (const name of names) {
    const [tool, given] = asked('inspector')[name].calls[0];
    assert.ok(tools.some((each) => each.name === `${name}-${tool.replaceAll('_', '-')}`), name);
    const call = ['--method', 'tools/call', ...argumentsOf(given)];
    const through = await inspect({ url: gateway.url() }, ...call, '--tool-name', `${name}-${tool.replaceAll('_', '-')}`);
    assert.deepEqual(through, await inspect(commands()[name], ...call, '--tool-name', tool), name);
  }
});
