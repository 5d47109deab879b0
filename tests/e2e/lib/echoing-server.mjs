// A server whose answers tell what it was sent, in either era and over either transport. What it says is made here.
import http from 'node:http';
import { metaKey, stateless } from './stateless-client.mjs';

const meta = { [metaKey('serverInfo')]: { name: 'echoing', version: '1' } };
const typed = { resultType: 'complete', ttlMs: 0, cacheScope: 'private', _meta: meta };
const refused = {
  sessions: { code: -32600, message: 'Server not initialized' },
  stateless: { code: -32022, message: 'Unsupported protocol version', data: { supported: [stateless] } },
};

// The server's own ids of tasks are those of the requests that began them.
export const taskId = (id) => `T"${id}`;

function called({ id, params }, raw, isStateless) {
  const got = { _meta: { got: raw } };
  if (isStateless) return { resultType: 'complete', content: [], ...got };
  if (!params.task) return { content: [], ...got };
  const now = new Date().toISOString();
  return { task: { taskId: taskId(id), status: 'completed', ttl: 60_000, createdAt: now, lastUpdatedAt: now }, ...got };
}

// The answer to `raw`, a message as it came; nothing for a notification.
export function answer(raw, era) {
  const message = JSON.parse(raw);
  const { id, method, params } = message;
  if (id === undefined || method === undefined) return undefined;
  const isStateless = era === 'stateless';
  const spoken = params?._meta?.[metaKey('protocolVersion')] !== undefined;
  if (method !== 'initialize' && spoken !== isStateless) return { id, error: refused[era] };
  const more = isStateless ? typed : {};
  const tools = [{ name: 't', inputSchema: { type: 'object' }, ...(!isStateless && { execution: { taskSupport: 'optional' } }) }];
  if (method === 'tools/list') return { id, result: { tools, ...more } };
  if (method === 'tools/call') return { id, result: called(message, raw, isStateless) };
  if (method === 'ping' && !isStateless) return { id, result: {} };
  if (method === 'server/discover' && isStateless) {
    return { id, result: { supportedVersions: [stateless], capabilities: { tools: {} }, ...more } };
  }
  if (method === 'initialize' && !isStateless) {
    const capabilities = { tools: {}, tasks: { requests: { tools: { call: {} } } } };
    const serverInfo = { name: 'echoing', version: '1' };
    return { id, result: { protocolVersion: '2025-11-25', capabilities, serverInfo } };
  }
  return { id, error: method === 'initialize' ? refused.stateless : { code: -32601, message: 'Method not found' } };
}

// Over HTTP. `broken` are the requests that were none: what came behind the announced size of the one before.
export class EchoingServer {
  era = 'sessions';
  broken = [];

  async start() {
    this.server = http.createServer((request, response) => this.serve(request, response));
    this.server.on('clientError', (error, socket) => {
      if (error.code !== 'ECONNRESET') this.broken.push(`${error.code}: ${error.rawPacket}`);
      socket.destroy();
    });
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${this.server.address().port}/mcp`;
    return this;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  async serve(request, response) {
    const parts = [];
    for await (const part of request) parts.push(part);
    const raw = Buffer.concat(parts).toString();
    if (request.method !== 'POST') return response.writeHead(request.method === 'DELETE' ? 200 : 405).end();
    let told;
    try {
      told = answer(raw, this.era);
    } catch {
      this.broken.push(raw);
      return response.writeHead(400).end();
    }
    if (!told) return response.writeHead(202).end();
    const headers = { 'content-type': 'application/json' };
    if (told.result?.protocolVersion) headers['mcp-session-id'] = 'one';
    response.writeHead(told.error ? 400 : 200, headers);
    return response.end(JSON.stringify({ jsonrpc: '2.0', ...told }));
  }
}
