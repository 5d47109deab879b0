// Freezes a conformance run: node dump-baseline.mjs RESULTS_DIR OUT.json
import fs from 'node:fs';
import { readResults } from './results.mjs';

const [, , folder, out] = process.argv;
const results = readResults(folder);
const frozen = {};
let count = 0;
for (const scenario of Object.keys(results).sort()) {
  const checks = Object.entries(results[scenario]);
  frozen[scenario] = Object.fromEntries(checks.map(([name, { status }]) => [name, status]));
  count += checks.length;
}
fs.writeFileSync(out, JSON.stringify(frozen, null, 1));
console.log(`${out}: ${Object.keys(frozen).length} scenarios, ${count} checks`);
