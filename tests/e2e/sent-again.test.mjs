// How often a tool runs, for every answer that a server can give to a tools/call. The server counts.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, keepAlive } from './lib/client.mjs';
import { startGateway } from './lib/gateway.mjs';
import { RefusingUpstream } from './lib/refusing-upstream.mjs';
import { stateless } from './lib/stateless-client.mjs';

const atATime = 16;
const servers = {};
let gateway;

before(async () => {
  const upstreams = {};
  for (const era of ['sessions', 'stateless']) {
    servers[era] = await new RefusingUpstream(era).start();
    upstreams[era] = { url: servers[era].url };
  }
  gateway = await startGateway({ upstreams, log: { access: false } });
});
after(async () => {
  await gateway?.kill();
  for (const server of Object.values(servers)) await server.stop();
});

const statuses = [200, 300, 302, 303, 307, 400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 413, 415, 421, 422, 425, 429, 500, 501, 502, 503, 504];
const errorBodies = ['own', 'foreign', 'null', 'none', 'server-error'];
const otherBodies = ['hollow', 'text', 'empty'];
const has = (list, value) => list.includes(value);

// Every status with every body, and every code in those that have one; where neither makes a difference, some.
function* refusals(era, codes) {
  for (const status of statuses) {
    const isPlain = !has([200, 400, 401, 404, 422, 500], status);
    for (const body of isPlain ? ['own', 'null'] : errorBodies) {
      for (const code of isPlain ? codes.filter((each) => has([-32001, -32020, -32021, -32022, -32602], each)) : codes) {
        yield { era, status, body, code };
      }
    }
    for (const body of isPlain ? ['text'] : otherBodies) yield { era, status, body };
  }
}

function* withEvents(era, codes) {
  for (const row of refusals(era, codes)) {
    if (!has([200, 400, 404, 500], row.status) || has(['foreign', 'server-error', 'text'], row.body)) continue;
    // A stateless server has no stream but that of the call.
    if (era === 'sessions' || row.status === 200) yield { ...row, event: 'progress', stream: true };
    if (era === 'sessions' && row.status !== 200) {
      // Even when the server then knows the session no more.
      for (const event of ['log', 'stray', 'question', 'progress']) yield { ...row, event, ping: 'lost' };
      for (const event of ['log', 'stray', 'question']) yield { ...row, event };
    }
    if (row.status !== 200 || row.body === 'empty') continue;
    yield { ...row, event: 'log', stream: true };
    if (era === 'sessions') yield { ...row, event: 'question', stream: true };
  }
}

const nameOf = (row) =>
  Object.entries(row).map(([key, value]) => `${key}=${typeof value === 'object' ? JSON.stringify(value) : value}`).join(' ');

// What the call comes to: 'passes' (the server's error is the answer), 'fails', or 'again' (it is sent once more).
function outcomeInSession({ status, body, code, event }) {
  const isOwn = body === 'own';
  const isForClient = !has([401, 403], status) && !has([-32020, -32022], code); // The rest is about the gateway.
  const passes = isForClient ? 'passes' : 'fails';
  if (event) return isOwn ? passes : 'fails';
  // No revision with sessions is spoken any more, says who has read it.
  if (isOwn && code === -32022 && (status === 200 || (status >= 400 && status < 500)) && !has([401, 403], status)) return 'probed';
  if (isOwn) return has([400, 404], status) && has([-32000, -32001], code) ? 'probed' : passes;
  if (has([400, 401, 404, 410, 422], status)) return 'probed';
  return status === 200 && has(errorBodies, body) ? 'probed' : 'fails';
}

// Whether a ping follows in the background, which is none of the next row's business.
function isProbedBehind({ status, body, code }) {
  if (body !== 'own') return false;
  if (code === -32602) return status === 400;
  const isRead = status === 200 || (status >= 400 && status < 500);
  return code === -32020 ? isRead : status === 200 && has([-32000, -32001, -32600], code);
}

function outcomeStateless({ status, body, code, data, event }) {
  const isOwn = body === 'own';
  const isUsual = status >= 400 && status < 500 && (isOwn || has([400, 402, 404, 405, 406, 410, 415, 422], status));
  if (!event && status !== 401 && isUsual) {
    if (code === -32022 && status !== 403 && !data?.supported?.includes(stateless)) return 'again';
    if (code === -32021 && isOwn && status !== 403) return 'again';
  }
  if (has([-32020, -32021, -32022], code)) return 'fails'; // They are about the gateway's own words.
  return isOwn && !has([401, 403], status) ? 'passes' : 'fails';
}

async function callRow(row, client) {
  const server = servers[row.era];
  const kept = server.add(row);
  const answer = await client.call('run', { row: row.name }, { meta: { progressToken: 'p' } });
  return { kept, answer };
}

// Whether the client got what the outcome says.
function told(outcome, { code }, { result, error }) {
  if (outcome === 'again') return result?.content?.[0].text === 'ran' && !result.isError;
  if (outcome === 'passes') return error?.code === code;
  return result?.isError === true || error !== undefined;
}

// Hears what is said and asked outside of calls, too.
async function openClient(era, agent) {
  const client = await new Client(gateway.url(era), { agent, capabilities: { roots: {} } }).open();
  client.answerers['roots/list'] = () => ({ roots: [] });
  if (era === 'sessions') await client.hear();
  return client;
}

async function end(client) {
  client.stream?.destroy();
  await fetch(client.url, { method: 'DELETE', headers: client.headers });
}

// Makes all calls, and names the rows that do not hold. What is said of one session stays with it.
async function hold(rows, expected) {
  const waiting = [...rows];
  const wrong = [];
  const agent = keepAlive();
  const work = async () => {
    let client;
    for (let row = waiting.pop(); row; row = waiting.pop()) {
      row.name = nameOf(row);
      client ??= await openClient(row.era, agent);
      const { kept, answer } = await callRow(row, client);
      const { outcome, ran, posts } = expected(row);
      const isRight = kept.ran === ran && kept.posts === posts && told(outcome, row, answer);
      if (!isRight) wrong.push(`${row.name}: ran ${kept.ran}, sent ${kept.posts}: ${JSON.stringify(answer.error ?? answer.result)}`);
      const isDoubted = row.era === 'sessions' && (row.ping || isProbedBehind(row) || outcomeInSession(row) === 'probed');
      if (isDoubted) client = void (await end(client));
    }
    if (client) await end(client);
  };
  await Promise.all(Array.from({ length: atATime }, work));
  agent.destroy();
  assert.deepEqual(wrong, []);
}

const sessionCodes = [-32000, -32001, -32600, -32602, -32020, -32022, 42];

test('a tool that a server with sessions ran is never run again, whatever it answers', { timeout: 280_000 }, async () => {
  const rows = [...refusals('sessions', sessionCodes), ...withEvents('sessions', sessionCodes)];
  await hold(rows, (row) => {
    const outcome = outcomeInSession(row);
    // The session lives: the refusal is the error.
    if (outcome === 'probed') return { outcome: row.body === 'own' && row.code !== -32022 ? 'passes' : 'fails', ran: 1, posts: 1 };
    return { outcome, ran: 1, posts: 1 };
  });
});

test('a tool that was refused with its session is run once in another, where that is certain', { timeout: 280_000 }, async () => {
  const rows = [...refusals('sessions', [-32000, -32001, -32022, -32600, -32602])].map((row) => ({ ...row, ping: 'same' }));
  for (const row of [...rows]) if (row.status === 200) rows.push({ ...row, stream: true });
  await hold(rows.filter((row) => !(row.stream && row.body === 'empty')), (row) => {
    const outcome = outcomeInSession(row);
    return outcome === 'probed' ? { outcome: 'again', ran: 1, posts: 2 } : { outcome, ran: 0, posts: 1 };
  });
});

test('a tool is run in another session though its server pinged, or changed a list, meanwhile', { timeout: 280_000 }, async () => {
  const rows = ['ping', 'change'].map((event) => ({ era: 'sessions', status: 404, body: 'text', ping: 'same', event }));
  await hold(rows, () => ({ outcome: 'again', ran: 1, posts: 2 }));
});

for (const ping of ['other', 'fails']) {
  test(`a tool is not run again when a ping is refused in other words or not decided: ${ping}`, { timeout: 280_000 }, async () => {
    const rows = [...refusals('sessions', [-32001])].filter((row) => outcomeInSession(row) === 'probed');
    await hold(
      rows.filter((row) => !(row.status === 404 && row.body === 'text')).map((row) => ({ ...row, ping })),
      ({ body }) => ({ outcome: body === 'own' && ping === 'fails' ? 'passes' : 'fails', ran: 1, posts: 1 }),
    );
  });
}

const statelessCodes = [-32000, -32010, -32601, -32602, 42];

test('a tool that a stateless server ran is run again only where its refusal says that it did not run', { timeout: 280_000 }, async () => {
  const missing = { requiredCapabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } } };
  const data = {
    [-32021]: [missing], [-32022]: [{ supported: [stateless] }, { supported: ['2025-11-25'] }, undefined],
  };
  const rows = [];
  for (const row of [...refusals('stateless', [...statelessCodes, -32020, -32021, -32022]), ...withEvents('stateless', [-32020, -32021, -32022])]) {
    for (const each of data[row.code] ?? [undefined]) rows.push({ ...row, ...(each && { data: each }) });
  }
  await hold(rows, (row) => {
    const outcome = outcomeStateless(row);
    return outcome === 'again' ? { outcome, ran: 2, posts: 2 } : { outcome, ran: 1, posts: 1 };
  });
});

// A server of its own for each row, since another one takes its place.
test('a tool is run by a server that took the place of a stateless one only if it surely had not run', { timeout: 280_000 }, async () => {
  const bodies = [{ body: 'own', code: -32000 }, { body: 'null', code: -32600 }, { body: 'text' }];
  const rows = [400, 404, 405].flatMap((status) => bodies.map((body) => ({ era: 'stateless', status, ...body })));
  const all = ['found', 'same', 'other', 'unknown', 'odd', 'busy', 'down', 'unauthorized', 'never'].flatMap((discover) =>
    rows.map((row) => ({ ...row, discover })),
  );
  const places = await Promise.all(all.map(async (row) => ({ row, server: await new RefusingUpstream('stateless').start() })));
  const upstreams = Object.fromEntries(places.map(({ server }, i) => [`r${i}`, { url: server.url }]));
  const other = await startGateway({ upstreams, log: { access: false } });
  const agent = keepAlive();
  const wrong = [];
  await Promise.all(
    places.map(async ({ row, server }, i) => {
      row.name = nameOf(row);
      const kept = server.add(row);
      const client = await new Client(other.url(`r${i}`), { agent }).open();
      const { result, error } = await client.call('run', { row: row.name });
      const again = row.discover === 'same';
      const isTold = again ? result?.content[0].text === 'ran' && !result.isError : Boolean(error ?? result?.isError);
      if (kept.posts !== (again ? 2 : 1) || kept.ran !== 1 || !isTold) {
        wrong.push(`${row.name}: ran ${kept.ran}, sent ${kept.posts}: ${JSON.stringify(error ?? result)}`);
      }
    }),
  );
  agent.destroy();
  await other.kill();
  for (const { server } of places) await server.stop();
  assert.deepEqual(wrong, []);
});
