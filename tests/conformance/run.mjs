// The official conformance suites against the fixture, direct and through the gateway, compared check by check.
//   node run.mjs LEG            LEG: 2025-11-25 | 2025-11-25-streams | 2025-06-18 | 0.1.16 | client
// Exit code 1 when any check is worse through the gateway than without it, or when the direct run itself is not
// what it should be. The results stay in build/conformance/LEG/{direct,gateway}.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { root, startGateway } from '../e2e/lib/gateway.mjs';
import { run } from '../e2e/lib/process.mjs';
import { kit, startFixture } from '../e2e/lib/servers.mjs';
import { compareResults, countByStatus, readBaseline, readResults } from '../kit/tools/results.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const suite = path.join(kit, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');
const suite0116 = path.join(kit, 'node_modules/conformance-0.1.16/dist/index.js');
// The same suite on SDK 1.22.0: only that makes it speak 2025-06-18 on the wire.
const suite0618 = path.join(
  kit,
  'conformance-2025-06-18/node_modules/@modelcontextprotocol/conformance/dist/index.js',
);

// What each server leg runs; without a gateway it gives the frozen baseline, or so many passes.
const legs = {
  '2025-11-25': {
    main: suite,
    options: ['--requirements', '2025-11-25'],
    baseline: 'own-direct-2025-11-25.json',
  },
  // The same where every answer is a stream.
  '2025-11-25-streams': {
    main: suite,
    options: ['--requirements', '2025-11-25'],
    settings: { streams: { sse_after: '0s' } },
    baseline: 'own-direct-2025-11-25.json',
    isStrict: true,
  },
  '2025-06-18': { main: suite0618, options: ['--suite', 'all', '--spec-version', '2025-06-18'], passes: 56 },
  '0.1.16': {
    main: suite0116,
    options: ['--suite', 'all'],
    baseline: 'sdkv2-direct-0.1.16.json',
  },
};

// The client scenarios of the session era; the others are about OAuth or the stateless era.
const clientScenarios = [
  ['2025-06-18', 'initialize'],
  ['2025-06-18', 'tools_call'],
  ['2025-11-25', 'initialize'],
  ['2025-11-25', 'tools_call'],
  ['2025-11-25', 'elicitation-sep1034-client-defaults'],
  ['2025-11-25', 'sse-retry'],
  ['2025-11-25', 'json-schema-2020-12-preservation'],
];

async function runSuite(main, args, env) {
  const shim = ['--import', path.join(kit, 'tools/node20-shim.mjs')];
  // Its exit code also counts scenarios that are not required; the comparison decides.
  return run(process.execPath, [...shim, main, ...args], { ms: 240_000, name: 'conformance', env });
}

function emptyFolder(...parts) {
  const folder = path.join(root, 'build/conformance', ...parts);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  return folder;
}

// A gateway keeps a stream open that the fixture closes, so one check of server-sse-polling has nothing to look at.
// Elsewhere a check that turned from a pass into a remark is a loss.
// That rule holds where every answer is a stream; on its defaults the gateway answers by JSON what is ready at once,
// and the suite remarks that it then saw no stream.
const isLost = ({ scenario, from, to }) =>
  from === 'SUCCESS' && to === 'INFO' && scenario !== 'server-sse-polling';

function report(label, before, after, { isStrict = false } = {}) {
  const { same, differences } = compareResults(before, after);
  const worse = differences.filter((difference) => difference.change > 0 || (isStrict && isLost(difference)));
  for (const { scenario, check, from, to, message } of worse) {
    console.log(`WORSE ${scenario} ${check}: ${from} -> ${to} ${message ?? ''}`);
  }
  console.log(`${label}: ${same} same, ${differences.filter(({ change }) => change < 0).length} better, ${worse.length} worse`);
  return worse.length === 0;
}

async function serverLeg(name) {
  const { main, options, baseline, settings, isStrict } = legs[name];
  const fixture = await startFixture('legacy');
  const gateway = await startGateway({ ...settings, upstreams: { fixture: { url: fixture.url } } });
  const results = {};
  for (const [side, url] of Object.entries({ direct: fixture.url, gateway: gateway.url('fixture') })) {
    const folder = emptyFolder(name, side);
    const { output } = await runSuite(main, ['server', '--url', url, ...options, '-o', folder]);
    fs.writeFileSync(path.join(folder, 'output.txt'), output);
    results[side] = readResults(folder);
    console.log(`${side}: ${JSON.stringify(countByStatus(results[side]))}`);
  }
  await gateway.kill();
  await fixture.process.stop('SIGKILL');
  const isBaseline = baseline
    ? report('frozen -> direct', readBaseline(path.join(kit, 'baseline', baseline)), results.direct)
    : hasPassed(results.direct, legs[name].passes);
  return report('direct -> gateway', results.direct, results.gateway, { isStrict }) && isBaseline;
}

function hasPassed(results, wanted) {
  const passed = countByStatus(results).SUCCESS ?? 0;
  if (passed < wanted) console.log(`the direct run passed ${passed} checks instead of ${wanted}`);
  return passed >= wanted;
}

async function clientLeg() {
  const sides = {
    direct: [process.execPath, path.join(kit, 'clients/conformance-driver.mjs')],
    gateway: [process.execPath, path.join(here, 'client-leg.mjs')],
  };
  const results = {};
  for (const [side, command] of Object.entries(sides)) {
    const folder = emptyFolder('client', side);
    for (const [revision, scenario] of clientScenarios) {
      const place = path.join(folder, revision);
      const options = ['--scenario', scenario, '--spec-version', revision, '-o', place];
      const env = { BASCULE: process.env.BASCULE ?? '' };
      const { output } = await runSuite(suite, ['client', '--command', command.join(' '), ...options], env);
      fs.appendFileSync(path.join(folder, 'output.txt'), output);
    }
    results[side] = byRevision(folder);
    console.log(`${side}: ${JSON.stringify(countByStatus(results[side]))}`);
  }
  const scenarios = Object.keys(results.direct).length;
  if (scenarios !== clientScenarios.length) console.log(`${scenarios} scenarios gave results`);
  return report('direct -> gateway', results.direct, results.gateway) && scenarios === clientScenarios.length;
}

// The same scenario runs for two revisions; their results are told apart by the folder.
function byRevision(folder) {
  const all = {};
  for (const revision of new Set(clientScenarios.map(([each]) => each))) {
    const found = readResults(path.join(folder, revision));
    for (const [scenario, checks] of Object.entries(found)) all[`${revision} ${scenario}`] = checks;
  }
  return all;
}

const leg = process.argv[2];
if (leg !== 'client' && !legs[leg]) {
  console.error(`leg is one of ${Object.keys(legs).join(', ')}, client`);
  process.exit(2);
}
process.exit((await (leg === 'client' ? clientLeg() : serverLeg(leg))) ? 0 : 1);
