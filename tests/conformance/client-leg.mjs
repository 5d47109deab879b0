// What the suite runs as the "client under test": the gateway with the suite's mock server (the URL in the last
// argument) as its only upstream, driven by a stock client. So the gateway's upstream side is what is tested.
import path from 'node:path';
import { startGateway } from '../e2e/lib/gateway.mjs';
import { run } from '../e2e/lib/process.mjs';
import { kit } from '../e2e/lib/servers.mjs';

const gateway = await startGateway({ upstreams: { mock: { url: process.argv.at(-1) } } });
const { MCP_CONFORMANCE_SCENARIO, MCP_CONFORMANCE_PROTOCOL_VERSION, MCP_CONFORMANCE_CONTEXT } = process.env;
const env = Object.fromEntries(
  Object.entries({ MCP_CONFORMANCE_SCENARIO, MCP_CONFORMANCE_PROTOCOL_VERSION, MCP_CONFORMANCE_CONTEXT }).filter(
    ([, value]) => value !== undefined,
  ),
);
const driver = path.join(kit, 'clients/conformance-driver.mjs');
const { code, output } = await run(process.execPath, [driver, gateway.url('mock')], { env });
await gateway.stop();
if (output) console.error(output);
if (process.env.GATEWAY_LOG) console.error(gateway.output);
process.exit(code);
