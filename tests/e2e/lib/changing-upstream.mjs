// A scriptable upstream that speaks one era or the other, or both, and changes that without a word.
import http from 'node:http';
import { StatelessUpstream } from './stateless-upstream.mjs';
import { metaKey } from './stateless-client.mjs';
import { Upstream, bytesOf, text } from './upstream.mjs';

export const send = (response, code, body) => {
  response.writeHead(code, { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json' });
  response.end(typeof body === 'string' ? body : JSON.stringify({ jsonrpc: '2.0', ...body }));
};

// What is not of the era of now gets `refuse(response, message)`. The tool `run` says which era it ran in.
export class ChangingUpstream {
  runs = 0;
  pings = 0;
  callers = new Set(); // The sessions in which a tool was called.
  answerNext; // Once, to the next call in its stead.
  refuse = (response, { id }) => send(response, 400, { id, error: { code: -32000, message: 'Bad Request' } });

  // `era`: 'sessions', 'stateless' or 'both'. Where it tells of no change nobody hears of another era by that.
  constructor(era, capabilities = { tools: {} }) {
    this.era = era;
    this.sessions = new Upstream({ tools: { run: () => text(this.ran('sessions')) }, capabilities });
    this.stateless = new StatelessUpstream({ tools: { run: { run: () => text(this.ran('stateless')) } }, capabilities });
  }

  ran(era) {
    this.runs += 1;
    return era;
  }

  async start() {
    await Promise.all([this.sessions.start(), this.stateless.start()]);
    this.front = http.createServer((request, response) => this.serve(request, response));
    await new Promise((resolve) => this.front.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${this.front.address().port}/mcp`;
    return this;
  }

  async stop() {
    this.front.closeAllConnections();
    this.front.close();
    await Promise.all([this.sessions.stop(), this.stateless.stop()]);
  }

  async serve(request, response) {
    const raw = request.method === 'POST' ? await bytesOf(request) : Buffer.alloc(0);
    if (raw === undefined) return undefined;
    const message = raw.length > 0 ? JSON.parse(raw) : {};
    const isStateless = message.params?._meta?.[metaKey('protocolVersion')] !== undefined;
    const spoken = isStateless ? 'stateless' : 'sessions';
    const isOfEra = this.era === 'both' || (this.era === spoken && (isStateless || this.isOfSession(request, message)));
    if (message.method === 'ping') this.pings += 1;
    if (message.method === 'tools/call') this.callers.add(request.headers['mcp-session-id']);
    if (message.method === 'tools/call' && this.answerNext) {
      const answer = this.answerNext;
      this.answerNext = undefined;
      return answer(response, message);
    }
    if (request.method === 'POST' && !isOfEra) return this.refuse(response, message);
    if (request.method !== 'POST' && this.era === 'stateless') return send(response, 405, '');
    const there = { method: request.method, headers: request.headers };
    const passed = http.request(this[spoken].url, there, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    response.on('close', () => passed.destroy());
    passed.on('error', () => response.destroy());
    return passed.end(raw);
  }

  isOfSession(request, { method }) {
    return method === 'initialize' || this.sessions.sessions.has(request.headers['mcp-session-id']);
  }
}

