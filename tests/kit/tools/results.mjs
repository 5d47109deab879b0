// Reads a folder of conformance results: scenario -> check -> { status, message }.
import fs from 'node:fs';
import path from 'node:path';

// The higher, the worse. INFO counts as a pass.
export const rank = { SUCCESS: 0, INFO: 0, SKIPPED: 1, WARNING: 2, FAILURE: 3, MISSING: 4 };

// The suite also logs the traffic as checks; what travels is not a verdict.
const isTraffic = (check) => /incoming|outgoing|stream-closed/.test(check.id);

// server-ping-2026-08-31T12-00-00-000Z -> ping
const scenarioOf = (folder) =>
  /^(?:server-|client-)?(.+?)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(folder)?.[1] ?? folder;

// Checks of one name count as one, with its worst status; `times` is how often it passed, as the suite itself counts.
function addChecks(scenario, file) {
  for (const check of JSON.parse(fs.readFileSync(file))) {
    if (isTraffic(check)) continue;
    const name = `${check.id}/${check.name}`;
    const known = scenario[name];
    const times = (known?.times ?? 0) + (check.status === 'SUCCESS' ? 1 : 0);
    const isWorse = !known || rank[check.status] > rank[known.status];
    scenario[name] = { ...(isWorse ? { status: check.status, message: check.errorMessage } : known), times };
  }
}

export function readResults(folder, results = {}) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const inner = path.join(folder, entry.name);
    const file = path.join(inner, 'checks.json');
    if (fs.existsSync(file)) addChecks((results[scenarioOf(entry.name)] ??= {}), file);
    else readResults(inner, results);
  }
  return results;
}

// A frozen run: scenario -> check -> status.
export function readBaseline(file) {
  const scenarios = Object.entries(JSON.parse(fs.readFileSync(file)));
  const withStatus = (checks) =>
    Object.fromEntries(Object.entries(checks).map(([name, status]) => [name, { status }]));
  return Object.fromEntries(scenarios.map(([name, checks]) => [name, withStatus(checks)]));
}

// What differs from `before` to `after`: [{ scenario, check, from, to, message, change }], change > 0 worse.
export function compareResults(before, after) {
  const differences = [];
  let same = 0;
  for (const scenario of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
    const was = before[scenario] ?? {};
    const is = after[scenario] ?? {};
    for (const check of new Set([...Object.keys(was), ...Object.keys(is)])) {
      const from = was[check]?.status ?? 'MISSING';
      const to = is[check]?.status ?? 'MISSING';
      const change = rank[to] - rank[from];
      if (from === to) same += 1;
      else differences.push({ scenario, check, from, to, message: is[check]?.message, change });
    }
  }
  return { same, differences };
}

export function countByStatus(results) {
  const counts = {};
  for (const checks of Object.values(results)) {
    for (const { status } of Object.values(checks)) counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

// Passed checks, counted as the suite counts them.
export function passes(results) {
  let sum = 0;
  for (const checks of Object.values(results)) {
    for (const { times } of Object.values(checks)) sum += times;
  }
  return sum;
}
