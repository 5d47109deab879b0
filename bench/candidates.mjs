// What is measured: how each is started between a port and an upstream, on the first processor, alone.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '..');
const built = (name) => path.join(root, 'build/bench', name);
export const mcpload = built('mcpload');
export const streams = built('streams');

const bascule = process.env.BASCULE || path.join(root, 'build/release/bascule');

// One worker, no log of each request, connections to the upstream kept: the same for all.
const nginxConfiguration = (port, upstream, folder) => `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr error;
events { worker_connections 30000; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  keepalive_requests 100000000;
  upstream load { server 127.0.0.1:${upstream}; keepalive 256; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://load;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`;

const basculeConfiguration = (port, upstream) => `
listen: 127.0.0.1:${port}
workers: 1
log:
  access: false
upstreams:
  load:
    url: http://127.0.0.1:${upstream}/mcp
`;

// name -> (port, upstream, folder) => [program, ...arguments]
export const candidates = {
  bound: (port, upstream) => [built('bound'), port, upstream],
  nginx(port, upstream, folder) {
    const file = path.join(folder, 'nginx.conf');
    fs.writeFileSync(file, nginxConfiguration(port, upstream, folder));
    return ['/usr/sbin/nginx', '-c', file, '-p', folder, '-e', 'stderr'];
  },
  bascule(port, upstream, folder) {
    const file = path.join(folder, 'bascule.yaml');
    fs.writeFileSync(file, basculeConfiguration(port, upstream));
    return [bascule, 'serve', '--config', file];
  },
};

export const freePort = () =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const connects = (port) =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });

export function pinned(processor, command, stdio) {
  return spawn('taskset', ['-c', String(processor), ...command.map(String)], { stdio });
}

export async function startCandidate(name, port, upstream, folder) {
  const child = pinned(0, candidates[name](port, upstream, folder), ['ignore', 'ignore', 'pipe']);
  let errors = '';
  child.stderr.on('data', (text) => (errors += text));
  while (!(await connects(port))) {
    if (child.exitCode !== null) throw new Error(`${name} ended: ${errors}`);
    await sleep(20);
  }
  return child;
}

// Processor time of all threads, in microseconds.
export function cpuOf(pid) {
  let nanoseconds = 0;
  for (const thread of fs.readdirSync(`/proc/${pid}/task`)) {
    nanoseconds += Number(fs.readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  }
  return nanoseconds / 1000;
}

// Memory of its own, in bytes: what the kernel keeps for sockets is not in it.
export function userMemoryOf(pid) {
  return Number(/RssAnon:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
}
