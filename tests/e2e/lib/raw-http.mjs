// HTTP over a bare socket, for bytes that no HTTP library would send.
import net from 'node:net';
import { within } from './process.mjs';

export class RawConnection {
  received = Buffer.alloc(0);
  isClosed = false;
  #waiting = [];

  constructor(socket) {
    this.socket = socket;
    socket.on('data', (bytes) => {
      this.received = Buffer.concat([this.received, bytes]);
      this.#wake();
    });
    // A reset is an end like any other here.
    socket.on('error', () => {});
    socket.on('close', () => {
      this.isClosed = true;
      this.#wake();
    });
  }

  #wake() {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #change() {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  send(bytes) {
    this.socket.write(bytes);
  }

  // The next response: { status, head, headers, body }; undefined when the connection ends before one.
  async response(ms = 20_000) {
    let isGivenUp = false; // Then what comes is the next one's.
    const next = async () => {
      for (;;) {
        if (isGivenUp) return undefined;
        const found = takeResponse(this.received);
        if (found) {
          this.received = this.received.subarray(found.size);
          return found.response;
        }
        if (this.isClosed) return undefined;
        await this.#change();
      }
    };
    try {
      return await within(ms, next(), 'a response');
    } catch (error) {
      isGivenUp = true;
      throw error;
    }
  }

  async closed(ms = 20_000) {
    const end = async () => {
      while (!this.isClosed) await this.#change();
    };
    await within(ms, end(), 'the end of the connection');
  }

  close() {
    this.socket.destroy();
  }
}

function chunkedBody(bytes, start) {
  const parts = [];
  for (let at = start; ; ) {
    const line = bytes.indexOf('\r\n', at);
    if (line < 0) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, line), 16);
    const end = line + 2 + size + 2;
    if (bytes.length < end) return undefined;
    if (size === 0) return { body: Buffer.concat(parts), end };
    parts.push(bytes.subarray(line + 2, line + 2 + size));
    at = end;
  }
}

// One response from the front of `bytes`: { response, size }; undefined while it is incomplete. A status of
// 1xx, 204 and 304 has no body.
function takeResponse(bytes) {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const head = bytes.toString('latin1', 0, headEnd);
  const [first, ...lines] = head.split('\r\n');
  const headers = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const status = Number(first.split(' ')[1]);
  const start = headEnd + 4;
  let found;
  if (headers['transfer-encoding'] === 'chunked') {
    found = chunkedBody(bytes, start);
  } else {
    const size = Number(headers['content-length'] ?? 0);
    if (bytes.length >= start + size) found = { body: bytes.subarray(start, start + size), end: start + size };
  }
  if (!found) return undefined;
  return { response: { status, head, headers, body: found.body.toString() }, size: found.end };
}

// `options` are those of net.connect, such as localAddress.
export function connect(port, host = '127.0.0.1', options = {}) {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host, noDelay: true, ...options });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(new RawConnection(socket));
    });
  });
}

// A whole request as text. `headers` are lines; Host and, with a body, Content-Length are added unless given.
export function requestText({ method = 'POST', path = '/mcp', port, headers = [], body = '' }) {
  const has = (name) => headers.some((line) => line.toLowerCase().startsWith(`${name}:`));
  const lines = [`${method} ${path} HTTP/1.1`];
  if (!has('host')) lines.push(`Host: 127.0.0.1:${port}`);
  lines.push(...headers);
  if (body && !has('content-length') && !has('transfer-encoding')) {
    lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

// Sends bytes on a fresh connection and returns the first response, or undefined when the peer only closed.
export async function exchange(port, bytes) {
  const connection = await connect(port);
  connection.send(bytes);
  try {
    return await connection.response();
  } finally {
    connection.close();
  }
}
