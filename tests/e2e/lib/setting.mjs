// A test of settings. settings-table.test.mjs looks for these calls: every setting that `bascule config` prints
// must be named in one.
import { test } from 'node:test';

export function setting(names, body, options = {}) {
  test(`setting ${[names].flat().join(', ')}`, { timeout: 180_000, ...options }, body);
}
