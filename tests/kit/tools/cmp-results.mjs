#!/usr/bin/env node
// Compares two conformance runs check by check; exit code 1 when the second is worse anywhere.
//   node cmp-results.mjs DIRECT_DIR GATEWAY_DIR [--all]
// A DIRECT_DIR that ends in .json is a frozen baseline.
import { compareResults, readBaseline, readResults } from './results.mjs';

const [, , before, after, all] = process.argv;
const read = (place) => (place.endsWith('.json') ? readBaseline(place) : readResults(place));
const { same, differences } = compareResults(read(before), read(after));
const worse = differences.filter((difference) => difference.change > 0);
for (const { scenario, check, from, to, message, change } of all ? differences : worse) {
  console.log(`${change > 0 ? 'WORSE ' : 'BETTER'} ${scenario} ${check}: ${from} -> ${to} ${message ?? ''}`);
}
console.log(`${same} same, ${differences.filter(({ change }) => change < 0).length} better, ${worse.length} worse`);
process.exit(worse.length ? 1 : 0);
