// A server of either era that answers each tools/call as its row says, and counts how often the tool ran.
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { metaKey, stateless } from './stateless-client.mjs';
import { bytesOf } from './upstream.mjs';

const said = (row) => `what row ${row.name} says`;

// The body of a refusal: [text, content type].
export function refusal({ body, code, data }, id, message) {
  const error = { code, message, ...(data && { data }) };
  const json = (value) => [JSON.stringify({ jsonrpc: '2.0', ...value }), 'application/json'];
  switch (body) {
    case 'own': return json({ id, error });
    case 'foreign': return json({ id: 987654, error });
    case 'server-error': return json({ id: 'server-error', error });
    case 'null': return json({ id: null, error });
    case 'none': return json({ error });
    case 'hollow': return json({ id });
    case 'text': return ['Session not found', 'text/plain'];
    default: return ['', 'text/plain'];
  }
}

export class RefusingUpstream {
  rows = new Map(); // Name -> { ...row, ran, posts }.
  sessions = new Map(); // Id -> { stream, row, isLost }, and what waits for the stream.
  replaced; // The row with whose first call another server took the place of a stateless one.

  constructor(era) {
    this.era = era;
    this.server = http.createServer((request, response) => this.#serve(request, response));
  }

  async start() {
    await new Promise((resolve) => this.server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, resolve));
    this.url = `http://127.0.0.1:${this.server.address().port}/mcp`;
    return this;
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  add(row) {
    const kept = { ...row, ran: 0, posts: 0 };
    this.rows.set(row.name, kept);
    return kept;
  }

  async #serve(request, response) {
    const session = this.sessions.get(request.headers['mcp-session-id']);
    if (request.method === 'GET' && this.era === 'sessions') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
      if (session) Object.assign(session, { stream: response }).hear();
      return undefined;
    }
    if (request.method !== 'POST') return response.writeHead(request.method === 'GET' ? 405 : 200).end();
    const body = await bytesOf(request);
    if (body === undefined) return undefined;
    const message = JSON.parse(body);
    if (session?.asked && message.method === undefined) session.asked();
    if (session?.isLost) return this.#refuse(session.row, message.id, response);
    if (message.id === undefined || message.method === undefined) return response.writeHead(202).end();
    return this.#answer(message, session, response);
  }

  #reply(response, id, result, headers) {
    response.writeHead(200, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
  }

  #refuse(row, id, response) {
    const [text, type] = refusal(row, id, said(row));
    if (row.status === 200 && row.stream) {
      if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
      return response.end(`data: ${text}\n\n`);
    }
    response.writeHead(row.status, { 'content-type': type });
    return response.end(text);
  }

  #answer(message, session, response) {
    const { id, method, params } = message;
    const typed = this.era === 'stateless' && { resultType: 'complete' };
    switch (method) {
      case 'server/discover': {
        if (this.replaced) return this.#discover(this.replaced, id, response);
        if (this.era === 'sessions') return this.#refuse({ status: 400, body: 'own', code: -32000 }, id, response);
        const _meta = { [metaKey('serverInfo')]: { name: 'refusing', version: '1' } };
        return this.#reply(response, id, {
          ...typed, supportedVersions: [stateless], capabilities: { tools: {} }, ttlMs: 0, cacheScope: 'private', _meta,
        });
      }
      case 'initialize': {
        if (this.era === 'stateless') return this.#refuse({ status: 404, body: 'own', code: -32601 }, id, response);
        const opened = randomUUID();
        const session = {};
        session.isHeard = new Promise((resolve) => (session.hear = resolve));
        this.sessions.set(opened, session);
        const serverInfo = { name: 'refusing', version: '1' };
        const capabilities = { tools: {} };
        return this.#reply(
          response, id, { protocolVersion: params.protocolVersion, capabilities, serverInfo }, { 'mcp-session-id': opened },
        );
      }
      case 'ping':
        return this.#ping(session, id, response);
      case 'tools/list':
        return this.#reply(response, id, { ...typed, tools: [{ name: 'run', inputSchema: { type: 'object' } }] });
      default:
        return this.#run(message, session, response, typed);
    }
  }

  // What the server in the place of the stateless one says to the question what it is.
  #discover(row, id, response) {
    const other = {
      same: row, // In the words in which it refused the call.
      other: { ...row, body: 'null', code: -32050 },
      unknown: { status: 200, body: 'own', code: -32601 },
      odd: { status: 200, body: 'hollow' },
      busy: { status: 429, body: 'text' },
      down: { status: 503, body: 'text' },
      unauthorized: { status: 401, body: 'text' },
    }[row.discover];
    return other && this.#refuse({ ...other, name: row.name }, id, response); // Else it never answers.
  }

  // What the server says to a ping after it has run the tool.
  #ping(session, id, response) {
    const { row } = session;
    if (row?.ping === 'other') return this.#refuse({ status: 404, body: 'text', name: 'ping' }, id, response);
    if (row?.ping === 'fails') return response.writeHead(503).end();
    return this.#reply(response, id, {});
  }

  async #run(message, session, response, typed) {
    const row = this.rows.get(message.params.arguments.row);
    row.posts += 1;
    const isFirst = row.posts === 1;
    if (!isFirst) {
      row.ran += 1;
      return this.#reply(response, message.id, { ...typed, content: [{ type: 'text', text: 'ran' }] });
    }
    if (session) session.row = row;
    // It has no session of that id, and says the same to all that names it.
    if (row.discover && row.discover !== 'found') {
      this.replaced = row;
      this.era = 'sessions';
    }
    if (row.ping === 'same') session.isLost = true;
    else if (row.discover !== 'same') row.ran += 1;
    if (row.event) await this.#tell(row, message, session, response);
    if (row.ping === 'lost') session.isLost = true;
    return this.#refuse(row, message.id, response);
  }

  // Something of the call, before its answer: on its own stream where it has one, else on the common one. A question
  // there is waited for, as a tool would.
  async #tell(row, { params }, session, response) {
    const token = params._meta?.progressToken;
    const event = {
      progress: { method: 'notifications/progress', params: { progressToken: token, progress: 1 } },
      stray: { method: 'notifications/progress', params: { progressToken: 'nobody', progress: 1 } },
      log: { method: 'notifications/message', params: { level: 'error', data: 1 } },
      change: { method: 'notifications/tools/list_changed' },
      question: { id: 'q1', method: 'roots/list' },
      ping: { id: 'q1', method: 'ping' },
    }[row.event];
    const isOwn = row.status === 200 && row.stream;
    if (isOwn) response.writeHead(200, { 'content-type': 'text/event-stream' });
    const answered = new Promise((resolve) => { if (session) session.asked = resolve; });
    if (!isOwn) await session.isHeard; // The gateway does not wait for it longer than 300 ms.
    (isOwn ? response : session.stream).write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...event })}\n\n`);
    if (!isOwn && event.id !== undefined) await answered;
  }
}
