// A server that does not take what it is told outside of calls: that stays few connections and little memory, whoever says
// how much.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { Client } from './lib/client.mjs';
import { withGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { startUpstream, text } from './lib/upstream.mjs';

const socketsOf = ({ process }) => fs.readdirSync(`/proc/${process.pid}/fd`).length;

// A server that leaves what is no request unanswered from `hold()` on, until `release()`.
async function startSlowTaker(tools) {
  const server = await startUpstream({ tools });
  const serve = server.server.listeners('request')[0];
  const held = [];
  let holds = false;
  server.server.removeAllListeners('request');
  server.server.on('request', (request, response) => {
    const end = response.end.bind(response);
    response.end = (...given) => {
      if (!holds || response.statusCode !== 202) return end(...given);
      held.push(() => end(...given));
      return response;
    };
    serve(request, response);
  });
  const hold = () => {
    holds = true;
  };
  const release = () => {
    holds = false;
    for (const go of held.splice(0)) go();
  };
  return { server, held, hold, release };
}

test('two thousand notifications of one client take few connections, and equal ones go once', async () => {
  const { server, held, hold, release } = await startSlowTaker({ echo: () => text('here') });
  await withGateway({ workers: 1, upstreams: { one: { url: server.url } } }, async (gateway) => {
    const client = await new Client(gateway.url('one'), { capabilities: { roots: { listChanged: true } } }).open();
    await client.call('echo', {});
    const had = socketsOf(gateway);
    hold();
    for (let i = 0; i < 2000; i += 1) await client.notify('notifications/roots/list_changed');
    await until(() => held.length > 0, 'one of them');
    assert.ok(socketsOf(gateway) < had + 20, `${had} -> ${socketsOf(gateway)} descriptors`);
    assert.equal((await client.call('echo', {})).result.content[0].text, 'here');
    release();
    const count = () => server.notes.filter(({ method }) => method === 'notifications/roots/list_changed').length;
    const told = count();
    assert.ok(told < 20, `${told} were told at once`);
    await client.notify('notifications/roots/list_changed');
    await until(() => count() > told, 'another one to be told');
    await client.close();
  });
  await server.stop();
});

test('twenty thousand pings of a server that takes no answers take no more than a few', async () => {
  const { server, hold, release } = await startSlowTaker({
    echo: () => text('here'),
    flood() {
      for (const stream of server.sessions.values()) {
        let pings = '';
        for (let i = 0; i < 20_000; i += 1) pings += `data: {"jsonrpc":"2.0","id":"ping-${i}","method":"ping"}\n\n`;
        stream.write(`${pings}data: {"jsonrpc":"2.0","id":"last","method":"roots/list"}\n\n`);
      }
      return text('flooded');
    },
  });
  await withGateway({ workers: 1, upstreams: { one: { url: server.url } } }, async (gateway) => {
    const client = await new Client(gateway.url('one')).open();
    await client.call('echo', {});
    await until(() => server.isHeard, 'the GET stream');
    const had = socketsOf(gateway);
    const said = () => server.bodies.filter((body) => body.includes('"ping-')).length;
    hold();
    await client.call('flood', {});
    await until(() => said() > 0, 'the first answer');
    // By then all of them have come.
    await until(() => server.bodies.some((body) => body.includes('"last"')), 'the answer to what was asked last');
    assert.equal((await client.call('echo', {})).result.content[0].text, 'here');
    assert.ok(socketsOf(gateway) < had + 20, `${had} -> ${socketsOf(gateway)} descriptors`);
    release();
    // What is left of them is answered in turn.
    await until(() => said() > 1, 'the next answer');
    await client.close();
    assert.ok(said() < 2000, `${said()} of 20 000 were answered`);
  });
  await server.stop();
});
