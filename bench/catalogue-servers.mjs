// Many small MCP servers in one process, for bench/catalogue.mjs: each a path of its own, with as many tools.
//   node bench/catalogue-servers.mjs SERVERS TOOLS_EACH
// Prints its port. A line "change N" on stdin gives server N three other tools, and tells all who listen to it.
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import readline from 'node:readline';

const [servers, toolsEach] = process.argv.slice(2).map(Number);
const description = 'What a tool does is said in some words, so that models can choose it. '.repeat(8);
const inputSchema = {
  type: 'object',
  properties: { query: { type: 'string', description: 'What to look for.' }, limit: { type: 'integer', minimum: 1 } },
};
const tool = (name) => ({ name, description, inputSchema });
const all = Array.from({ length: servers }, () => ({
  tools: JSON.stringify(Array.from({ length: toolsEach }, (_, i) => tool(`tool_${i}`))),
  streams: new Set(),
}));

const initialized = JSON.stringify({
  protocolVersion: '2025-11-25',
  capabilities: { tools: { listChanged: true } },
  serverInfo: { name: 'many', version: '1' },
});

function result(server, method) {
  if (method === 'initialize') return initialized;
  if (method === 'tools/list') return `{"tools":${server.tools}}`;
  if (method === 'tools/call') return '{"content":[{"type":"text","text":"done"}]}';
  return undefined;
}

function answer(request, response, server, body) {
  const { id, method } = JSON.parse(body);
  if (id === undefined) return response.writeHead(202).end();
  const found = result(server, method);
  const outcome = found ? `"result":${found}` : '"error":{"code":-32601,"message":"Method not found"}';
  const headers = { 'content-type': 'application/json' };
  if (method === 'initialize') headers['mcp-session-id'] = randomUUID();
  response.writeHead(200, headers);
  return response.end(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},${outcome}}`);
}

const listener = http.createServer((request, response) => {
  const server = all[Number(request.url.split('/')[1])];
  if (request.method === 'DELETE') return response.writeHead(200).end();
  if (request.method === 'GET') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    server.streams.add(response);
    return response.on('close', () => server.streams.delete(response));
  }
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  return request.on('end', () => answer(request, response, server, Buffer.concat(chunks)));
});

let changes = 0;
readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const server = all[Number(line.split(' ')[1])];
  changes += 1;
  server.tools = JSON.stringify([0, 1, 2].map((i) => tool(`new_${changes}_${i}`)));
  const event = 'data: {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n\n';
  for (const stream of server.streams) stream.write(event);
});

listener.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => console.log(listener.address().port));
