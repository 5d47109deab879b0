// A small client of the stateless revision that hides nothing. Each request says all it needs; `leave` and `change` make
// it say something else.
import { bodyOf, keepAlive, send } from './client.mjs';
import { readEvents } from './sse.mjs';

export const stateless = '2026-07-28';
export const metaKey = (name) => `io.modelcontextprotocol/${name}`;

// What Mcp-Name mirrors.
const named = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
};

const plain = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/;
export const base64Header = (value) => `=?base64?${Buffer.from(value).toString('base64')}?=`;
export const headerValue = (value) =>
  plain.test(value) && !value.startsWith('=?base64?') ? value : base64Header(value);

export class StatelessClient {
  nextId = 1;

  constructor(url, { capabilities = {}, version = stateless, headers = {}, agent = keepAlive() } = {}) {
    Object.assign(this, { url, capabilities, version, agent });
    this.extraHeaders = headers;
  }

  envelope(more = {}) {
    return {
      [metaKey('protocolVersion')]: this.version,
      [metaKey('clientCapabilities')]: this.capabilities,
      [metaKey('clientInfo')]: { name: 'e2e', version: '1' },
      ...more,
    };
  }

  // The message and headers of a request as they should be.
  build(method, params = {}, { id = this.nextId++, meta } = {}) {
    const message = { jsonrpc: '2.0', id, method, params: { ...params, _meta: this.envelope(meta) } };
    const name = params[named[method]];
    const headers = {
      'mcp-protocol-version': this.version,
      'mcp-method': method,
      ...(name !== undefined && { 'mcp-name': headerValue(name) }),
      ...this.extraHeaders,
    };
    return { message, headers };
  }

  // Sends a request; resolves with the head of its response. `change(message, headers)` may break it first.
  async post(method, params, { change, ...more } = {}) {
    const { message, headers } = this.build(method, params, more);
    const body = change?.(message, headers) ?? message;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await send(this.url, { headers, body: text, agent: this.agent });
    response.requestId = message.id;
    return response;
  }

  // The answer: { status, headers, result | error, id, heard }; `heard` is what the stream brought before it.
  async request(method, params, { onMessage, ...more } = {}) {
    return readAnswer(await this.post(method, params, more), onMessage);
  }

  call(name, given = {}, { answers, state, ...more } = {}) {
    const retry = { ...(answers && { inputResponses: answers }), ...(state !== undefined && { requestState: state }) };
    return this.request('tools/call', { name, arguments: given, ...retry }, more);
  }

  // A stream of changes: { response, messages, next() }.
  async listen(notifications, more) {
    const response = await this.post('subscriptions/listen', { notifications }, more);
    const events = readEvents(response);
    const next = async () => {
      for (;;) {
        const { value, done } = await events.next();
        if (done) return undefined;
        if (value.data) return JSON.parse(value.data);
      }
    };
    return { response, id: response.requestId, next, close: () => response.destroy() };
  }

  // Listens to resources, until all or so many are honoured: { stream, first, honoured, attempts }. A server that says
  // nothing for 300 ms is not waited for: where as much time went by, on a machine that stood still, it is asked once more.
  async listenTo(uris, { wanted = uris.length, ...more } = {}) {
    for (let attempts = 1; ; attempts += 1) {
      const began = performance.now();
      const stream = await this.listen({ resourceSubscriptions: uris }, more);
      const first = await stream.next();
      const honoured = first.params.notifications.resourceSubscriptions ?? [];
      const isLate = performance.now() - began >= 250;
      if (honoured.length === wanted || !isLate || attempts === 20) return { stream, first, honoured, attempts };
      stream.close();
    }
  }

  close() {
    this.agent.destroy();
  }
}

export async function readAnswer(response, onMessage) {
  const { statusCode: status, headers } = response;
  const type = headers['content-type'] ?? '';
  if (!type.startsWith('text/event-stream')) {
    const body = await bodyOf(response);
    return { status, headers, heard: [], body, ...(type.startsWith('application/json') && body && JSON.parse(body)) };
  }
  const heard = [];
  for await (const event of readEvents(response)) {
    if (!event.data) continue;
    const message = JSON.parse(event.data);
    if (message.method === undefined) return { status, headers, heard, ...message };
    heard.push(message);
    onMessage?.(message);
  }
  throw new Error('the stream ended without an answer');
}

// Calls a tool and answers what it asks with `answer(method, params, key)` until it is done.
// The last answer, and how many rounds it took.
export async function callToTheEnd(client, name, given, answer, { rounds = 10, ...more } = {}) {
  let reply = await client.call(name, given, more);
  for (let round = 0; ; round += 1) {
    if (reply.result?.resultType !== 'input_required') return { ...reply, rounds: round };
    if (round === rounds) throw new Error(`${name} still asks after ${rounds} rounds`);
    const { inputRequests = {}, requestState } = reply.result;
    const answers = {};
    for (const [key, { method, params }] of Object.entries(inputRequests)) answers[key] = answer(method, params, key);
    reply = await client.call(name, given, { ...more, answers, state: requestState });
  }
}
