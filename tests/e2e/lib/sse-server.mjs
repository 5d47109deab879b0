// A small server of the transport HTTP+SSE (2024-11-05), in the test's own process: all that it says to a session comes on
// that one's stream.
import http from 'node:http';

// `tools`: name -> (arguments, { id, write, ask, stream }) => result; undefined when it does not answer. Every message that
// comes is in `messages`.
export async function startSseServer(tools) {
  const sessions = []; // What each does with a message.
  const messages = [];
  let asking = 0;
  const open = (stream) => {
    const write = (message) => stream.write(`event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`);
    const asked = new Map(); // Id -> what takes the answer.
    const ask = (method, params) =>
      new Promise((resolve) => {
        const id = `ask-${asking++}`;
        asked.set(id, resolve);
        write({ id, method, params });
      });
    const methods = {
      initialize: ({ protocolVersion }) => ({
        protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: 'sse', version: '1' },
      }),
      ping: () => ({}),
      'tools/list': () => ({ tools: Object.keys(tools).map((name) => ({ name, inputSchema: { type: 'object' } })) }),
      'tools/call': ({ name, arguments: given = {} }, id) => tools[name](given, { id, write, ask, stream }),
    };
    return async (message) => {
      if (message.method === undefined) return asked.get(message.id)?.(message);
      const { id, method, params = {} } = message;
      if (id === undefined || method === undefined) return;
      const result = await methods[method]?.(params, id);
      if (!methods[method]) write({ id, error: { code: -32601, message: 'Method not found' } });
      else if (result !== undefined) write({ id, result });
    };
  };
  const server = http.createServer((request, response) => {
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      sessions.push(open(response));
      return response.write(`event: endpoint\ndata: /message/${sessions.length - 1}\n\n`);
    }
    const take = sessions[Number(request.url.split('/').at(-1))];
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      response.writeHead(202).end();
      const message = JSON.parse(Buffer.concat(parts));
      messages.push(message);
      take(message);
    });
    return undefined;
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${server.address().port}/sse`, messages, stop };
}
