// A small session-era MCP client that hides nothing: every status, header and event can be seen, and each
// request can use a connection of its own.
import http from 'node:http';
import { readEvents } from './sse.mjs';

export const keepAlive = () => new http.Agent({ keepAlive: true, maxSockets: Infinity });
export const freshConnections = () => new http.Agent({ keepAlive: false, maxSockets: Infinity });

const acceptBoth = 'application/json, text/event-stream';

// One HTTP exchange; resolves when the head of the response is there.
export function send(url, { method = 'POST', headers = {}, body, agent } = {}) {
  return new Promise((resolve, reject) => {
    const all = { accept: acceptBoth, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers };
    const wanted = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
    const request = http.request(url, { method, headers: wanted, agent }, resolve);
    request.on('error', reject);
    request.end(body);
  });
}

export async function bodyOf(response) {
  const parts = [];
  for await (const part of response) parts.push(part);
  return Buffer.concat(parts).toString();
}

// { status, headers, body, message } of a whole exchange that is not a stream.
export async function exchangeJson(url, options) {
  const response = await send(url, options);
  const body = await bodyOf(response);
  const isJson = (response.headers['content-type'] ?? '').startsWith('application/json');
  return { status: response.statusCode, headers: response.headers, body, message: isJson && body ? JSON.parse(body) : undefined };
}

export class Client {
  session;
  nextId = 1;
  heard = []; // Notifications, in order.
  answerers = {}; // Method of a server request -> (params, request) => result.

  constructor(url, { revision = '2025-11-25', capabilities = {}, headers = {}, agent = keepAlive() } = {}) {
    this.url = url;
    this.revision = revision;
    this.capabilities = capabilities;
    this.extraHeaders = headers;
    this.agent = agent;
  }

  get headers() {
    return {
      ...(this.session && { 'mcp-session-id': this.session }),
      ...(this.negotiated && { 'mcp-protocol-version': this.negotiated }),
      ...this.extraHeaders,
    };
  }

  async open() {
    const answer = await this.request('initialize', {
      protocolVersion: this.revision,
      capabilities: this.capabilities,
      clientInfo: { name: 'e2e', version: '1' },
    });
    if (!answer.result) throw new Error(`initialize: ${JSON.stringify(answer)}`);
    this.server = answer.result;
    this.negotiated = answer.result.protocolVersion;
    await this.notify('notifications/initialized');
    return this;
  }

  post(message, { headers = {}, agent = this.agent } = {}) {
    const body = typeof message === 'string' ? message : JSON.stringify(message);
    return send(this.url, { headers: { ...this.headers, ...headers }, body, agent });
  }

  async notify(method, params) {
    const response = await this.post({ jsonrpc: '2.0', method, ...(params && { params }) });
    const body = await bodyOf(response);
    if (response.statusCode !== 202) throw new Error(`${method}: ${response.statusCode} ${body}`);
  }

  // Sends a request and returns its answer; `onMessage` sees what the stream brought before it.
  async request(method, params, { id = this.nextId++, onMessage, ...options } = {}) {
    const response = await this.post({ jsonrpc: '2.0', id, method, ...(params && { params }) }, options);
    if (method === 'initialize') this.session = response.headers['mcp-session-id'];
    return this.answer(response, id, onMessage);
  }

  call(name, given = {}, { meta, ...options } = {}) {
    return this.request('tools/call', { name, arguments: given, ...(meta && { _meta: meta }) }, options);
  }

  // The answer to `id` that a response carries, as JSON or after other messages on a stream.
  async answer(response, id, onMessage) {
    const type = response.headers['content-type'] ?? '';
    if (!type.startsWith('text/event-stream')) {
      const body = await bodyOf(response);
      if (!body) throw new Error(`status ${response.statusCode} without a body`);
      return { ...JSON.parse(body), status: response.statusCode };
    }
    for await (const event of readEvents(response)) {
      if (!event.data) continue;
      const message = JSON.parse(event.data);
      onMessage?.(message, event);
      if (message.id === id && !message.method) return { ...message, status: response.statusCode };
      await this.take(message);
    }
    throw new Error(`the stream of request ${JSON.stringify(id)} ended without an answer`);
  }

  // What a server sends on its own: a notification is kept, a request is answered.
  async take(message) {
    if (message.id === undefined) return this.heard.push(message);
    const answerer = this.answerers[message.method];
    const reply = answerer
      ? { jsonrpc: '2.0', id: message.id, result: await answerer(message.params, message) }
      : { jsonrpc: '2.0', id: message.id, error: { code: -32601, message: 'not here' } };
    const response = await this.post(reply);
    const body = await bodyOf(response);
    if (response.statusCode !== 202) throw new Error(`reply to ${message.method}: ${response.statusCode} ${body}`);
  }

  // Opens the GET stream, or resumes one; resolves with the response once its head is there.
  listen(lastEventId) {
    const headers = {
      ...this.headers,
      accept: 'text/event-stream',
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    };
    return send(this.url, { method: 'GET', headers, agent: this.agent });
  }

  // Starts a call, leaves when its stream has begun, and does `meanwhile`; then the answer, from where it was left.
  async leaveAndReturn(name, meanwhile) {
    const id = this.nextId++;
    const params = { name, _meta: { progressToken: id } };
    const response = await this.post({ jsonrpc: '2.0', id, method: 'tools/call', params });
    const { value: first } = await readEvents(response).next();
    response.destroy();
    await meanwhile();
    return this.answer(await this.listen(first.id), id);
  }

  // Hears the GET stream in the background until close().
  async hear() {
    this.stream = await this.listen();
    if (this.stream.statusCode !== 200) throw new Error(`GET: ${this.stream.statusCode}`);
    (async () => {
      for await (const event of readEvents(this.stream)) {
        if (event.data) await this.take(JSON.parse(event.data));
      }
    })().catch(() => {});
  }

  async close() {
    this.stream?.destroy();
    if (this.session) await exchangeJson(this.url, { method: 'DELETE', headers: this.headers, agent: this.agent });
    this.agent.destroy();
  }
}
