// The stock client SDKs under one roof, so that tests outside this folder can use what is installed here.
//
// loadSdk(package) -> { Client, StreamableHTTPClientTransport, types } of a session-era SDK:
// '@modelcontextprotocol/sdk' (2025-11-25), 'sdk-2025-06-18', 'sdk-2025-03-26'.
export const sdkOf = {
  '2025-11-25': '@modelcontextprotocol/sdk',
  '2025-06-18': 'sdk-2025-06-18',
  '2025-03-26': 'sdk-2025-03-26',
};

export async function loadSdk(name = sdkOf['2025-11-25']) {
  const { Client } = await import(`${name}/client/index.js`);
  const { StreamableHTTPClientTransport } = await import(`${name}/client/streamableHttp.js`);
  const types = await import(`${name}/types.js`);
  return { Client, StreamableHTTPClientTransport, types };
}

// The v2 SDK, which speaks both eras.
export const loadSdkV2 = () => import('@modelcontextprotocol/client');

// All pages of a list: everyPage((cursor) => client.listTools({ cursor }), 'tools').
export async function everyPage(list, member) {
  const found = [];
  let cursor;
  do {
    const page = await list(cursor);
    found.push(...page[member]);
    cursor = page.nextCursor;
  } while (cursor);
  return found;
}
