// A fast, scriptable MCP upstream on node:http, in the test's own process: session era, JSON or SSE per answer.
import { randomUUID } from 'node:crypto';
import http from 'node:http';

// What a tool sees of its call. The answer becomes a stream as soon as something is sent before it.
class ToolCall {
  constructor(upstream, message, session, response) {
    Object.assign(this, { upstream, message, session, response });
    this.params = message.params ?? {};
    this.arguments = this.params.arguments ?? {};
    this.token = this.params._meta?.progressToken;
  }

  emit(message) {
    if (!this.response.headersSent) {
      this.response.writeHead(200, { 'content-type': 'text/event-stream' });
    }
    this.response.write(`event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`);
  }

  progress(progress, message) {
    this.emit({ method: 'notifications/progress', params: { progressToken: this.token, progress, message } });
  }

  // Asks the client and returns its result or error.
  ask(method, params) {
    const id = `ask-${++this.upstream.asked}`;
    const answered = new Promise((resolve) => this.upstream.asking.set(id, resolve));
    this.emit({ id, method, params });
    return answered;
  }

  answer(result) {
    this.#reply({ result });
  }

  refuse(code, message) {
    this.#reply({ error: { code, message } });
  }

  #reply(outcome) {
    const reply = { jsonrpc: '2.0', id: this.message.id, ...outcome };
    if (this.response.headersSent) {
      this.response.end(`event: message\ndata: ${JSON.stringify(reply)}\n\n`);
    } else {
      sendJson(this.response, reply);
    }
  }
}

// The body of a request; undefined when its client has gone, as a gateway that ends does.
export async function bytesOf(request) {
  const parts = [];
  try {
    for await (const part of request) parts.push(part);
  } catch {
    return undefined;
  }
  return Buffer.concat(parts);
}

function sendJson(response, message, headers = {}) {
  const body = JSON.stringify(message);
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}

export const text = (value) => ({ content: [{ type: 'text', text: value }] });

const echo = (call) => text(call.arguments.text ?? '');

export class Upstream {
  calls = []; // Every tools/call message, in order.
  bodies = []; // Every message as it came, in order.
  notes = []; // Every notification, in order.
  levels = []; // Every level that was set, in order.
  requests = []; // { method, headers } of every HTTP request.
  initialized = []; // Params of every initialize.
  sessions = new Map(); // Session id -> its GET stream, or null.
  asking = new Map();
  asked = 0;
  connections = 0;
  hasNoStream = false; // Then GET is 405.
  hasNoIds = false; // Then its sessions have none, so nobody ends them.
  page; // (params) => result of tools/list, instead of all in one.
  methods = {}; // More methods, or others than it has: name -> async (ToolCall) => result, as for tools.
  onInitialized;
  onCancelled; // (session, params)
  onDelete; // (session, response); instead of what it does.

  // `tools`: name -> async (ToolCall) => result. A tool that answers the HTTP request itself returns undefined.
  constructor({ tools = { echo }, capabilities = { tools: { listChanged: true } } } = {}) {
    this.tools = tools;
    this.capabilities = capabilities;
    this.server = http.createServer((request, response) => this.#serve(request, response));
    this.server.on('connection', () => {
      this.connections += 1;
    });
  }

  async start(port = 0) {
    await new Promise((resolve) => this.server.listen({ port, host: '127.0.0.1', backlog: 4096 }, resolve));
    this.port = this.server.address().port;
    this.url = `http://127.0.0.1:${this.port}/mcp`;
    return this;
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  // Sends a notification to every session's GET stream.
  notify(method, params) {
    for (const stream of this.sessions.values()) {
      stream?.write(`data: ${JSON.stringify({ jsonrpc: '2.0', method, ...(params && { params }) })}\n\n`);
    }
  }

  // Sends a notification to the GET stream of one session.
  notifyOne(session, method, params) {
    this.sessions.get(session)?.write(`data: ${JSON.stringify({ jsonrpc: '2.0', method, params })}\n\n`);
  }

  // Asks on every session's GET stream, outside of calls; the answers in the order in which they come.
  askOutside(method, params) {
    const streams = [...this.sessions.values()].filter(Boolean);
    return streams.map((stream) => {
      const id = `ask-${++this.asked}`;
      const answered = new Promise((resolve) => this.asking.set(id, resolve));
      stream.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id, method, ...(params && { params }) })}\n\n`);
      return answered;
    });
  }

  // Whether each of its sessions has its GET stream: before that nobody hears what it says outside of calls.
  get isHeard() {
    return this.sessions.size > 0 && [...this.sessions.values()].every(Boolean);
  }

  list() {
    return Object.keys(this.tools).map((name) => ({ name, inputSchema: { type: 'object' } }));
  }

  #serve(request, response) {
    this.requests.push({ method: request.method, headers: request.headers });
    const session = request.headers['mcp-session-id'];
    if (session !== undefined && !this.sessions.has(session)) {
      response.writeHead(404);
      return response.end();
    }
    if (request.method === 'GET' && this.hasNoStream) {
      response.writeHead(405);
      return response.end();
    }
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
      this.sessions.set(session, response);
      return undefined;
    }
    if (request.method === 'DELETE' && this.onDelete) return this.onDelete(session, response);
    if (request.method === 'DELETE') {
      this.sessions.delete(session);
      return response.end();
    }
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => this.#take(Buffer.concat(parts), session, response));
    return undefined;
  }

  #take(body, session, response) {
    const message = JSON.parse(body);
    this.bodies.push(String(body));
    if (message.method === undefined) {
      this.asking.get(message.id)?.(message);
      this.asking.delete(message.id);
    }
    if (message.id === undefined) this.notes.push(message);
    if (message.method === 'notifications/initialized') this.onInitialized?.();
    if (message.method === 'notifications/cancelled') this.onCancelled?.(session, message.params);
    if (message.id === undefined || message.method === undefined) {
      response.writeHead(202);
      return response.end();
    }
    return this.#answer(message, session, response);
  }

  async #answer(message, session, response) {
    const { id, method, params } = message;
    const reply = (result, headers) => sendJson(response, { jsonrpc: '2.0', id, result }, headers);
    if (this.methods[method]) {
      const call = new ToolCall(this, message, session, response);
      const result = await this.methods[method](call);
      return result && call.answer(result);
    }
    switch (method) {
      case 'initialize': {
        await this.beforeInitialize?.();
        this.initialized.push(params);
        const opened = randomUUID();
        this.sessions.set(opened, null);
        const { protocolVersion } = params;
        const serverInfo = { name: 'upstream', version: '1' };
        const named = this.hasNoIds ? {} : { 'mcp-session-id': opened };
        return reply({ protocolVersion, capabilities: this.capabilities, serverInfo }, named);
      }
      case 'logging/setLevel':
        this.levels.push(params.level);
        return reply({});
      case 'ping':
        return reply({});
      case 'tools/list':
        return reply(this.page ? this.page(params) : { tools: await this.list() });
      case 'tools/call': {
        this.calls.push(message);
        const call = new ToolCall(this, message, session, response);
        const result = await this.tools[params.name](call);
        return result && call.answer(result);
      }
      default:
        return sendJson(response, { jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } });
    }
  }
}

export const startUpstream = (options) => new Upstream(options).start();
