// A real nginx in front of the gateway.
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { connect } from './raw-http.mjs';
import { start, until } from './process.mjs';
import { scratchFile } from './scratch.mjs';

const binary = '/usr/sbin/nginx';

// A port of loopback at which nobody listens.
async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listens(port) {
  try {
    (await connect(port)).close();
    return true;
  } catch {
    return false;
  }
}

const modules = '/usr/lib/nginx/modules';

// Starts it with the blocks that `blocks(port)` gives for a free port, and runs `body` with that port.
async function withBlocks(blocks, body, first = '') {
  const port = await freePort();
  const file = scratchFile('nginx.conf', '');
  const folder = path.dirname(file);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path ${folder}/${of};`);
  fs.writeFileSync(
    file,
    `${first}daemon off; master_process off; pid ${file}.pid; error_log stderr error; events { }\n` +
      blocks(port, `access_log off; ${temporary.join(' ')}`),
  );
  const nginx = start(binary, ['-c', file, '-p', folder, '-e', 'stderr'], { name: 'nginx' });
  try {
    await until(async () => nginx.exit || (await listens(port)), 'nginx listening');
    if (nginx.exit) throw new Error(`nginx ended: ${nginx.output}`);
    return await body(port);
  } finally {
    await nginx.stop('SIGTERM');
  }
}

// An HTTP proxy to `upstream` ("127.0.0.1:8080", "unix:/path") with these directives: proxy_set_header ...
export const withNginx = (upstream, directives, body) =>
  withBlocks(
    (port, common) => `http { ${common} server { listen 127.0.0.1:${port}; location / {
      proxy_pass http://${upstream.startsWith('unix:') ? `${upstream}:` : upstream};
      proxy_http_version 1.1; proxy_buffering off; ${directives} } } }`,
    body,
  );

// A proxy of bytes to `port`, with these directives: proxy_protocol on.
export const withNginxStream = (upstream, directives, body) =>
  withBlocks(
    (port) => `stream { server { listen 127.0.0.1:${port}; proxy_pass 127.0.0.1:${upstream}; ${directives} } }`,
    body,
    `load_module ${modules}/ngx_stream_module.so; `,
  );
