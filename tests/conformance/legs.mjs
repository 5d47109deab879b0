// What each leg runs. `direct` and `upstream`: the era of the fixture that the suite talks to by itself, and of the one
// behind the gateway. The direct run must give the frozen baseline, or `directPasses` passes. `passes`: so many at
// least through the gateway. `worse`: what may be worse there and has to be, so that an entry that is no longer true
// is noticed: 'scenario' for any check of it, 'scenario check-id' for one.
import path from 'node:path';
import { kit } from '../e2e/lib/servers.mjs';

const suite = path.join(kit, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');
const suite0116 = path.join(kit, 'node_modules/conformance-0.1.16/dist/index.js');
// The same suite on SDK 1.22.0: only that makes it speak 2025-06-18 on the wire.
const suite0618 = path.join(
  kit,
  'conformance-2025-06-18/node_modules/@modelcontextprotocol/conformance/dist/index.js',
);

const requirements = (revision) => ({
  main: suite,
  options: ['--requirements', revision],
  baseline: `own-direct-${revision}.json`,
});
const wire0618 = {
  main: suite0618,
  options: ['--suite', 'all', '--spec-version', '2025-06-18'],
  directPasses: 56,
};
const everyAnswerStreams = { settings: { streams: { sse_after: '0s' } }, isStrict: true };

export const serverLegs = {
  '2025-11-25': { ...requirements('2025-11-25'), direct: 'legacy', upstream: 'legacy' },
  // The same where every answer is a stream.
  '2025-11-25-streams': {
    ...requirements('2025-11-25'),
    ...everyAnswerStreams,
    direct: 'legacy',
    upstream: 'legacy',
  },
  '2025-11-25-stateless-upstream': {
    ...requirements('2025-11-25'),
    ...everyAnswerStreams,
    direct: 'legacy',
    upstream: 'modern',
    passes: 83,
  },
  '2025-06-18': { ...wire0618, direct: 'legacy', upstream: 'legacy', passes: 56 },
  '2025-06-18-stateless-upstream': { ...wire0618, direct: 'legacy', upstream: 'modern', passes: 56 },
  '2026-07-28': { ...requirements('2026-07-28'), direct: 'modern', upstream: 'modern' },
  '2026-07-28-session-upstream': {
    ...requirements('2026-07-28'),
    direct: 'modern',
    upstream: 'legacy',
    passes: 150,
    worse: [
      // A session-era server's question has no key, and the suite wants this one's to be `user_name`.
      'input-required-result-basic-elicitation',
      // What the client did not declare is not declared to the server, which then fails in its own way.
      'server-stateless sep-2575-server-rejects-undeclared-capability',
      'server-stateless sep-2575-missing-capability-http-400',
      // The session era has no tasks extension to relay.
      'tasks-capability-negotiation',
      'tasks-dispatch-and-envelope',
      'tasks-lifecycle',
      'tasks-mrtr-composition',
      'tasks-mrtr-input',
      'tasks-request-headers',
      'tasks-request-state-removal',
      'tasks-required-task-error',
      'tasks-wire-fields',
    ],
  },
  '0.1.16': {
    main: suite0116,
    options: ['--suite', 'all'],
    baseline: 'sdkv2-direct-0.1.16.json',
    direct: 'legacy',
    upstream: 'legacy',
  },
};

// The client scenarios that are not about OAuth, by the revision that is spoken.
export const clientLegs = {
  client: {
    main: suite,
    scenarios: {
      '2025-06-18': ['initialize', 'tools_call'],
      '2025-11-25': [
        'initialize',
        'tools_call',
        'elicitation-sep1034-client-defaults',
        'sse-retry',
        'json-schema-2020-12-preservation',
      ],
    },
  },
  'client-2026': {
    main: suite,
    scenarios: {
      '2026-07-28': [
        'tools_call',
        'request-metadata',
        'sep-2322-client-request-state',
        'http-standard-headers',
        'http-custom-headers',
        'http-invalid-tool-headers',
        'json-schema-ref-no-deref',
        'json-schema-2020-12-preservation',
      ],
    },
  },
};
