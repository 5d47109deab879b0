// Timeouts: each is set short, met, and nothing else ends the wait.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import { after, before } from 'node:test';
import { Client, bodyOf } from './lib/client.mjs';
import { withGateway } from './lib/gateway.mjs';
import { start, until } from './lib/process.mjs';
import { connect, requestText } from './lib/raw-http.mjs';
import { scratchFile } from './lib/scratch.mjs';
import { stdioCommand } from './lib/servers.mjs';
import { setting } from './lib/setting.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

let upstream, upstreams;

const tools = {
  echo: (call) => text(call.arguments.text ?? ''),
  never: () => new Promise(() => {}),
  // Tells of its progress for ever, with numbers that grow or do not.
  progressing: (call) => {
    let progress = 1;
    const timer = setInterval(() => call.progress(call.arguments.grows ? progress++ : 1), 50);
    call.response.on('close', () => clearInterval(timer));
  },
  large: () => text('x'.repeat(32 << 20)),
  async ask(call) {
    const reply = await call.ask('elicitation/create', { message: '?', requestedSchema: { type: 'object' } });
    return text(reply.error ? 'nobody answered' : 'answered');
  },
};

before(async () => {
  upstream = await startUpstream({ tools });
  upstreams = { one: { url: upstream.url } };
});
after(() => upstream.stop());

const usual = ['Content-Type: application/json', 'Accept: application/json, text/event-stream'];
const ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
const open = (gateway, options) => new Client(gateway.url('one'), options).open();
const withTimeouts = (timeouts, body) => withGateway({ timeouts, upstreams }, body);

async function msOf(work) {
  const start = Date.now();
  await work();
  return Date.now() - start;
}

// Ends about when it should: not before, and not as late as without the setting. The clock of `ms` begins to run before
// that of the gateway.
function assertAbout(ms, wanted, most = 25_000) {
  assert.ok(ms >= wanted - 10 && ms < most, `${ms} ms instead of ${wanted}`);
}

for (const [name, bytes] of Object.entries({
  'timeouts.head': () => 'POST /mcp HTTP/1.1\r\n',
  'timeouts.body': (port) => requestText({ port, headers: usual, body: ping }).slice(0, -1),
})) {
  setting(name, () =>
    withTimeouts({ [name.split('.')[1]]: '500ms' }, async (gateway) => {
      const ms = await msOf(async () => {
        const connection = await connect(gateway.port);
        connection.send(bytes(gateway.port));
        await connection.closed(50_000);
      });
      assertAbout(ms, 500, 9000); // The default for the head is 10 s.
    }),
  );
}

setting('timeouts.idle', () =>
  withTimeouts({ idle: '500ms' }, async (gateway) => {
    const connection = await connect(gateway.port);
    const ms = await msOf(async () => {
      connection.send(requestText({ port: gateway.port, headers: usual, body: ping }));
      assert.equal((await connection.response()).status, 200);
      await connection.closed(50_000);
    });
    assertAbout(ms, 500);
  }),
);

setting('timeouts.write', () =>
  withTimeouts({ write: '500ms' }, async (gateway) => {
    const client = await open(gateway);
    const body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"large","arguments":{}}}';
    const headers = [...usual, ...Object.entries(client.headers).map(([name, value]) => `${name}: ${value}`)];
    const socket = net.connect(gateway.port, '127.0.0.1');
    socket.write(requestText({ port: gateway.port, path: '/servers/one/mcp', headers, body }));
    socket.once('readable', () => {});
    // Nothing is read, so the buffers of both sides fill; then the gateway cuts off.
    await gateway.process.find(/"event":"request"[^\n]*"rpc":"tools\/call"/, 50_000);
    let received = 0;
    socket.on('data', (part) => (received += part.length));
    await new Promise((resolve) => socket.on('close', resolve).on('error', () => {}));
    assert.ok(received < 32 << 20, `${received} bytes arrived`);
    await client.close();
  }),
);

setting('timeouts.call', () =>
  withTimeouts({ call: '500ms' }, async (gateway) => {
    const client = await open(gateway);
    const ms = await msOf(async () => {
      const answer = await client.call('never');
      assert.ok(answer.error || answer.result.isError);
    });
    assertAbout(ms, 500);
    await client.close();
  }),
);

setting('timeouts.call_max', async () => {
  const call = async (timeouts, grows) => {
    let ms, heard;
    await withTimeouts(timeouts, async (gateway) => {
      const client = await open(gateway);
      heard = [];
      const onMessage = ({ method, params }) => method === 'notifications/progress' && heard.push(params.progress);
      ms = await msOf(async () => {
        const answer = await client.call('progressing', { grows }, { meta: { progressToken: 'p' }, onMessage });
        assert.ok(answer.error || answer.result.isError);
      });
      await client.close();
    });
    return { ms, heard };
  };
  const short = await call({ call: '2s', call_max: '5s' }, true);
  assertAbout(short.ms, 5000, 19_000);
  assert.ok(short.heard.length > 5, short.heard.join());
  // Ten times timeouts.call, unless it is set; and what does not grow is told once.
  const usual = await call({ call: '1s' }, false);
  assertAbout(usual.ms, 10_000);
  assert.deepEqual(usual.heard, [1]);
});

// A listener that accepts nothing, with its queue full: a connection to it is never established.
async function startBlackHole() {
  const script = `
    const server = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      console.log('port ' + server.address().port);
    });`;
  const process_ = start(process.execPath, ['-e', script], { name: 'black hole' });
  const [, port] = await process_.find(/port (\d+)/);
  process_.signal('SIGSTOP');
  const fillers = Array.from({ length: 4 }, () => net.connect(Number(port), '127.0.0.1').on('error', () => {}));
  await new Promise((resolve) => setTimeout(resolve, 200));
  const stop = async () => {
    for (const each of fillers) each.destroy();
    await process_.stop('SIGKILL');
  };
  return { url: `http://127.0.0.1:${port}/mcp`, stop };
}

setting('timeouts.connect', async () => {
  const hole = await startBlackHole();
  const settings = {
    timeouts: { connect: '300ms', first_list_wait: '0s' },
    upstreams: { ...upstreams, hole: { url: hole.url } },
  };
  await withGateway(settings, async (gateway) => {
    const client = await new Client(gateway.url()).open();
    const ms = await msOf(async () => {
      const answer = await client.call('hole-anything');
      assert.ok(answer.error || answer.result.isError);
    });
    assert.ok(ms < 4900, `${ms} ms`); // The default is 5 s.
    await client.close();
  });
  await hole.stop();
});

// An upstream whose list never comes.
async function startWithoutList() {
  const silent = await startUpstream({ tools });
  silent.list = () => new Promise(() => {});
  return silent;
}

setting('timeouts.first_list_wait', async () => {
  const silent = await startWithoutList();
  for (const [wait, least, most] of [
    ['0s', 0, 2900], // The default is 3 s.
    ['5s', 4900, 25_000],
  ]) {
    const settings = {
      timeouts: { first_list_wait: wait, list: '50s' },
      upstreams: { ...upstreams, silent: { url: silent.url } },
    };
    await withGateway(settings, async (gateway) => {
      const client = new Client(gateway.url());
      const ms = await msOf(async () => {
        await client.open();
        await client.request('tools/list');
      });
      assert.ok(ms >= least && ms < most, `${wait}: ${ms} ms`);
      await client.close();
    });
  }
  await silent.stop();
});

setting('timeouts.start', async () => {
  const startsOf = (file) => fs.readFileSync(file, 'utf8').trim().split('\n').filter(Boolean).map(Number);
  // A server that needs longer than it has is ended and started again, after pauses that grow.
  const inVain = scratchFile('starts.txt', '');
  const late = { command: 'sh', args: ['-c', 'date +%s%3N >>"$STARTS"; exec sleep 60'], env: { STARTS: inVain } };
  const timeouts = { start: '1s', first_list_wait: '0s' };
  await withGateway({ timeouts, upstreams: { late } }, () =>
    until(() => startsOf(inVain).length >= 4, 'the fourth start', 40_000),
  );
  const [first, second, third, fourth] = startsOf(inVain);
  assert.ok(second - first >= 500, 'the process has its time');
  assert.ok(fourth - third > second - first, 'pauses grow');
  // One that needs longer than anything else may take is waited for.
  const once = scratchFile('starts.txt', '');
  const slow = stdioCommand({ STARTS: once, READ_AFTER: '5000' });
  const short = { start: '50s', list: '3s', connect: '3s', first_list_wait: '50s' };
  await withGateway({ timeouts: short, upstreams: { slow } }, async (gateway) => {
    const client = await new Client(gateway.url('slow')).open();
    assert.ok((await client.request('tools/list')).result.tools.length > 0);
    assert.equal(startsOf(once).length, 1);
    await client.close();
  });
});

setting('timeouts.list', async () => {
  const silent = await startWithoutList();
  const settings = {
    timeouts: { first_list_wait: '50s', list: '500ms' },
    upstreams: { ...upstreams, silent: { url: silent.url } },
  };
  await withGateway(settings, async (gateway) => {
    const client = new Client(gateway.url());
    // The silent one's list is given up before the first list's own wait is over.
    const ms = await msOf(async () => {
      await client.open();
      await client.request('tools/list');
    });
    assertAbout(ms, 500, 9000); // The default is 10 s.
    await client.close();
  });
  await silent.stop();
});

setting('timeouts.ask', () =>
  withTimeouts({ ask: '500ms', call: '50s' }, async (gateway) => {
    const client = await open(gateway, { capabilities: { elicitation: {} } });
    client.answerers['elicitation/create'] = () => new Promise(() => {});
    const ms = await msOf(async () => {
      const params = { name: 'ask', arguments: {} };
      const body = await bodyOf(await client.post({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }));
      assert.match(body, /nobody answered/);
    });
    assertAbout(ms, 500);
    await client.close();
  }),
);

setting('timeouts.drain', async () => {
  for (const [drain, most] of [
    ['0s', 15_000],
    ['3s', 19_000], // The default is 20 s.
  ]) {
    await withTimeouts({ drain }, async (gateway) => {
      const client = await open(gateway);
      client.call('never').catch(() => {});
      await until(() => upstream.calls.at(-1)?.params.name === 'never', 'the call upstream');
      upstream.calls.length = 0;
      const ms = await msOf(() => gateway.stop('SIGTERM'));
      assert.ok(ms < most && (drain === '0s' || ms > 2700), `${drain}: ${ms} ms`);
      client.agent.destroy();
    });
  }
});
