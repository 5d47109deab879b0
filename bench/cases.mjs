// The four pairings of eras, as `bench/instructions` names them: client, upstream.
export const pairings = {
  'client and server with sessions': ['legacy', 'legacy'],
  'client and server stateless': ['modern', 'modern'],
  'client with a session, stateless server': ['legacy', 'modern'],
  'stateless client, server with sessions': ['modern', 'legacy'],
};

// The cases: mcpload's options, and those that only the gateway, or only the others, get. Every case ends after a
// number of calls, so that processor time per call is exact.
const qualified = ['--tool', 'load-t0'];

export const cases = {
  'tools/call, 300 B': { options: ['--calls', 60_000, '--result', 300], bascule: qualified },
  'tools/call, 4 KiB': { options: ['--calls', 60_000, '--result', 4096], bascule: qualified },
  'tools/call, 64 KiB': { options: ['--calls', 15_000, '--result', 65_536], bascule: qualified },
  'tools/call, SSE answer': {
    options: ['--calls', 60_000, '--result', 300, '--upstream-sse'],
    bascule: qualified,
  },
  'tools/list, 1000 tools': {
    options: ['--calls', 8_000, '--method', 'tools/list', '--tools', 1000],
    bascule: ['--path', '/servers/load/mcp'],
  },
  'session set-up': { options: ['--calls', 20_000, '--sessions'] },
  'tools/call at 2000 per s': {
    options: ['--rate', 2000, '--secs', 4, '--result', 300],
    bascule: qualified,
  },
};
for (const [name, [client, server]] of Object.entries(pairings)) {
  const eras = ['--era', client, '--upstream-era', server];
  cases[name] = { options: ['--calls', 60_000, '--result', 300, ...eras], bascule: qualified, only: ['bascule'] };
}
