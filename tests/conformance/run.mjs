// The official conformance suites against the fixture, direct and through the gateway, compared check by check.
//   node run.mjs LEG            LEG: one of legs.mjs
// Exit code 1 when any check is worse through the gateway than without it and the leg does not say so, or when the
// direct run itself is not what it should be. The results stay in build/conformance/LEG/{direct,gateway}.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { root, startGateway } from '../e2e/lib/gateway.mjs';
import { run } from '../e2e/lib/process.mjs';
import { kit, startFixture } from '../e2e/lib/servers.mjs';
import { compareResults, countByStatus, passes, readBaseline, readResults } from '../kit/tools/results.mjs';
import { clientLegs, serverLegs } from './legs.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));

async function runSuite(main, args, folder, env) {
  const shim = ['--import', path.join(kit, 'tools/node20-shim.mjs')];
  // Its exit code also counts scenarios that are not required; the comparison decides.
  const { output } = await run(process.execPath, [...shim, main, ...args], { ms: 240_000, name: 'conformance', env });
  fs.appendFileSync(path.join(folder, 'output.txt'), output);
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

// Entries of a leg's `worse` that this difference is covered by.
const covers = ({ scenario, check }) => {
  const id = check.slice(0, check.indexOf('/'));
  return (entry) => entry === scenario || entry === `${scenario} ${id}`;
};

function report(label, before, after, { isStrict = false, worse: known = [] } = {}) {
  const { same, differences } = compareResults(before, after);
  const worse = differences.filter((difference) => difference.change > 0 || (isStrict && isLost(difference)));
  const surprises = worse.filter((difference) => !known.some(covers(difference)));
  const stale = known.filter((entry) => !worse.some((difference) => covers(difference)(entry)));
  for (const difference of worse) {
    const { scenario, check, from, to, message } = difference;
    const word = surprises.includes(difference) ? 'WORSE' : 'worse, as known';
    console.log(`${word} ${scenario} ${check}: ${from} -> ${to} ${message ?? ''}`);
  }
  for (const entry of stale) console.log(`NO LONGER WORSE ${entry}: take it from the list in legs.mjs`);
  const better = differences.filter(({ change }) => change < 0).length;
  console.log(`${label}: ${same} same, ${better} better, ${worse.length} worse, ${surprises.length} of them unexpected`);
  return surprises.length + stale.length === 0;
}

function hasPassed(label, results, wanted) {
  const passed = passes(results);
  if (passed < wanted) console.log(`${label}: ${passed} checks passed instead of ${wanted}`);
  return passed >= wanted;
}

async function serverSide(name, side, url) {
  const { main, options } = serverLegs[name];
  const folder = emptyFolder(name, side);
  await runSuite(main, ['server', '--url', url, ...options, '-o', folder], folder);
  const results = readResults(folder);
  console.log(`${side}: ${JSON.stringify(countByStatus(results))}`);
  return results;
}

async function serverLeg(name) {
  const { baseline, settings, direct, upstream, directPasses = 1, passes: wanted = 1, ...leg } = serverLegs[name];
  const alone = await startFixture(direct);
  const before = await serverSide(name, 'direct', alone.url);
  await alone.process.stop('SIGKILL');

  const fixture = await startFixture(upstream);
  const gateway = await startGateway({ ...settings, upstreams: { fixture: { url: fixture.url } } });
  const after = await serverSide(name, 'gateway', gateway.url('fixture'));
  await gateway.kill();
  await fixture.process.stop('SIGKILL');

  const frozen = baseline && readBaseline(path.join(kit, 'baseline', baseline));
  return [
    !frozen || report('frozen -> direct', frozen, before),
    hasPassed('direct', before, directPasses),
    hasPassed('gateway', after, wanted),
    report('direct -> gateway', before, after, leg),
  ].every(Boolean);
}

async function clientSide(name, side, command) {
  const { main, scenarios } = clientLegs[name];
  const folder = emptyFolder(name, side);
  const results = {};
  for (const [revision, names] of Object.entries(scenarios)) {
    const place = path.join(folder, revision);
    for (const scenario of names) {
      const options = ['--scenario', scenario, '--spec-version', revision, '-o', place];
      const env = { BASCULE: process.env.BASCULE ?? '' };
      await runSuite(main, ['client', '--command', command.join(' '), ...options], folder, env);
    }
    // The same scenario runs for two revisions.
    for (const [scenario, checks] of Object.entries(readResults(place))) results[`${revision} ${scenario}`] = checks;
  }
  console.log(`${side}: ${JSON.stringify(countByStatus(results))}`);
  return results;
}

async function clientLeg(name) {
  const driver = path.join(kit, 'clients/conformance-driver.mjs');
  const before = await clientSide(name, 'direct', [process.execPath, driver]);
  const after = await clientSide(name, 'gateway', [process.execPath, path.join(here, 'client-leg.mjs')]);
  const wanted = Object.values(clientLegs[name].scenarios).flat().length;
  const ran = Object.keys(before).length;
  if (ran !== wanted) console.log(`${ran} scenarios gave results instead of ${wanted}`);
  const isClean = !countByStatus(before).FAILURE;
  if (!isClean) console.log('the direct run has failures');
  return report('direct -> gateway', before, after) && ran === wanted && isClean;
}

const name = process.argv[2];
if (!serverLegs[name] && !clientLegs[name]) {
  console.error(`leg is one of ${[...Object.keys(serverLegs), ...Object.keys(clientLegs)].join(', ')}`);
  process.exit(2);
}
process.exit((await (serverLegs[name] ? serverLeg : clientLeg)(name)) ? 0 : 1);
