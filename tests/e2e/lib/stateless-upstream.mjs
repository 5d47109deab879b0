// A scriptable server of the stateless revision on node:http, in the test's own process.
import http from 'node:http';
import { metaKey, stateless } from './stateless-client.mjs';
import { bytesOf } from './upstream.mjs';

const serverInfo = { [metaKey('serverInfo')]: { name: 'stateless', version: '1' } };

// What a tool sees of its call; the answer becomes a stream when something is sent before it.
class ToolCall {
  constructor(message, headers, response) {
    Object.assign(this, { message, headers, response });
    this.arguments = message.params.arguments ?? {};
    this.token = message.params._meta?.progressToken;
    this.closed = new Promise((resolve) => response.on('close', () => resolve(response.writableEnded ? 'answered' : 'left')));
  }

  emit(method, params) {
    openStream(this.response);
    sendEvent(this.response, { method, params });
  }
}

function openStream(response) {
  if (response.headersSent) return;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
}

const sendEvent = (response, message) =>
  response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`);

export class StatelessUpstream {
  requests = []; // { method, params, headers } of every message, in order.
  listening = new Map(); // Id of a listen request -> { response, params }.
  acknowledges = true;
  listen = () => 'acknowledge'; // (notifications) => that, or 'refuse', or 'nothing'.
  looking = []; // Who waits in until().
  methods = {}; // More methods, or others than it has: name -> (params) => result.

  // `tools`: name -> { schema, run(ToolCall) => result }. A result of undefined means that `run` has answered.
  constructor({ tools = {}, capabilities = { tools: { listChanged: true }, resources: { subscribe: true, listChanged: true } } } = {}) {
    this.tools = tools;
    this.capabilities = capabilities;
    this.server = http.createServer((request, response) => this.#serve(request, response));
  }

  async start() {
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${this.server.address().port}/mcp`;
    return this;
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  count(method) {
    return this.requests.filter((request) => request.method === method).length;
  }

  // Waits until `condition` holds, looking whenever a listener comes or leaves.
  until(condition) {
    return new Promise((resolve) => {
      const look = () => condition() && resolve();
      this.looking.push(look);
      look();
    });
  }

  #look() {
    for (const look of this.looking) look();
  }

  last(method) {
    return this.requests.findLast((request) => request.method === method);
  }

  acknowledge(id) {
    const { response, params } = this.listening.get(id);
    this.#tell(response, id, 'notifications/subscriptions/acknowledged', { notifications: params.notifications });
  }

  // To every listener.
  notify(method, params = {}) {
    for (const [id, { response }] of this.listening) this.#tell(response, id, method, params);
  }

  #tell(response, id, method, params) {
    sendEvent(response, { method, params: { ...params, _meta: { [metaKey('subscriptionId')]: id } } });
  }

  async #serve(request, response) {
    if (request.method !== 'POST') {
      response.writeHead(405);
      return response.end();
    }
    const raw = (await bytesOf(request))?.toString();
    if (raw === undefined) return undefined;
    const message = JSON.parse(raw);
    const { id, method, params } = message;
    this.requests.push({ method, params, headers: request.headers, raw });
    const version = params?._meta?.[metaKey('protocolVersion')];
    if (version !== stateless) {
      return this.#refuse(response, 400, id, -32022, { supported: [stateless], requested: version ?? 'none' });
    }
    return this.#answer(message, request.headers, response);
  }

  #reply(response, message, status = 200) {
    const body = { jsonrpc: '2.0', ...message };
    if (response.headersSent) return response.end(`data: ${JSON.stringify(body)}\n\n`);
    response.writeHead(status, { 'content-type': 'application/json' });
    return response.end(JSON.stringify(body));
  }

  #refuse(response, status, id, code, data) {
    return this.#reply(response, { id, error: { code, message: 'refused', ...(data && { data }) } }, status);
  }

  async #answer(message, headers, response) {
    const { id, method, params } = message;
    const cached = { resultType: 'complete', ttlMs: 0, cacheScope: 'private', _meta: serverInfo };
    const reply = (result) => this.#reply(response, { id, result });
    if (this.methods[method]) return reply({ ...cached, ...this.methods[method](params) });
    switch (method) {
      case 'server/discover':
        return reply({ supportedVersions: [stateless], capabilities: this.capabilities, ...cached });
      case 'tools/list': {
        const tools = Object.entries(this.tools).map(([name, { schema }]) => ({
          name,
          inputSchema: schema ?? { type: 'object' },
        }));
        return reply({ tools, ...cached });
      }
      case 'resources/list':
        return reply({ resources: [{ name: 'watched', uri: 'test://watched' }], ...cached });
      case 'resources/templates/list':
        return reply({ resourceTemplates: [], ...cached });
      case 'subscriptions/listen':
        if (response.destroyed) return undefined; // Who asked has given it up already.
        if (this.listen(params.notifications) === 'refuse') return this.#refuse(response, 400, id, -32602);
        openStream(response);
        this.listening.set(id, { response, params });
        this.#look();
        response.on('close', () => {
          this.listening.delete(id);
          this.#look();
        });
        if (!this.acknowledges || this.listen(params.notifications) === 'nothing') return undefined;
        return this.acknowledge(id);
      case 'tools/call': {
        const call = new ToolCall(message, headers, response);
        const result = await this.tools[params.name].run(call, this);
        if (result?.refuse) return this.#refuse(response, result.status, id, result.refuse);
        return result && reply({ resultType: 'complete', ...result });
      }
      default:
        return this.#refuse(response, 404, id, -32601);
    }
  }
}

export const startStatelessUpstream = (options) => new StatelessUpstream(options).start();
