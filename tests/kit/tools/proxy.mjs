// A transparent HTTP proxy that stands in for the gateway where a test of the tests needs one.
//   node proxy.mjs LISTEN_PORT UPSTREAM_URL
// Prints `listening on http://127.0.0.1:PORT`, as the gateway does. Every path goes to the path of UPSTREAM_URL.
import http from 'node:http';

const [, , listenPort, upstream] = process.argv;
const target = new URL(upstream);
const isLocal = (host) => /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host ?? '');

function forward(request, response) {
  const { origin, host } = request.headers;
  if (!isLocal(host) || (origin && !isLocal(new URL(origin).host))) {
    response.writeHead(403);
    return response.end();
  }
  const onward = http.request(
    {
      host: target.hostname,
      port: target.port,
      path: target.pathname,
      method: request.method,
      headers: { ...request.headers, host: target.host },
    },
    (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      response.flushHeaders();
      answer.pipe(response);
    },
  );
  onward.on('error', () => {
    if (!response.headersSent) response.writeHead(502);
    response.end();
  });
  response.on('close', () => onward.destroy());
  return request.pipe(onward);
}

const server = http.createServer(forward);
server.listen(Number(listenPort), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
