// What a server gets of a request, whatever is changed in it on its way: every pairing of eras, both transports, and all
// combinations of members that have something changed, held against a plain model of JSON.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client } from './lib/client.mjs';
import { EchoingServer, taskId } from './lib/echoing-server.mjs';
import { startGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { scratchFolder } from './lib/scratch.mjs';
import { metaKey, StatelessClient } from './lib/stateless-client.mjs';

const related = metaKey('related-task');
const own = ['protocolVersion', 'clientCapabilities', 'clientInfo', 'logLevel'].map(metaKey);
const many = Array.from({ length: 1100 }, (_, i) => [`m${i}`, 1]);
const foreign = {
  none: [],
  some: [['traceparent', 't'], ['a"b', { c: [1] }]],
  twice: [['x', 1], ['x', 2]],
  many,
};

// An object as text; names may stand twice in it.
const object = (entries) => `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(', ')}}`;
const json = (entries) => entries.map(([name, value]) => [name, JSON.stringify(value)]);

let http, gateway, eraFile;
const clients = [];
const setEra = (era) => {
  http.era = era;
  fs.writeFileSync(eraFile, era);
};

before(async () => {
  http = await new EchoingServer().start();
  eraFile = path.join(fs.mkdtempSync(path.join(scratchFolder(), 'era-')), 'era');
  setEra('sessions');
  const script = fileURLToPath(new URL('lib/echoing-stdio.mjs', import.meta.url));
  const upstreams = {
    http: { url: http.url },
    stdio: { command: process.execPath, args: [script], env: { ERA: eraFile } },
  };
  gateway = await startGateway({ upstreams, processes: { spares: 0 } });
  for (const server of ['http', 'stdio']) {
    for (const [endpoint, name] of [[undefined, `${server}-t`], [server, 't']]) {
      const old = await new Client(gateway.url(endpoint)).open();
      clients.push({ client: old, name, server, isStateless: false, endpoint });
      clients.push({ client: new StatelessClient(gateway.url(endpoint)), name, server, isStateless: true, endpoint });
    }
  }
  await until(async () => (await sendAll({ ...clients[0] }, {})).result, 'the servers');
});

after(async () => {
  for (const { client } of clients) await client.close();
  await gateway?.kill();
  http?.stop();
});

// `shape`: { task, token, foreign, related, metaFirst }. The answer, and the params that were sent, as entries.
async function sendAll({ client, name, isStateless, ownTask }, shape) {
  const meta = [
    ...json(foreign[shape.foreign ?? 'none']),
    ...(shape.related ? json([[related, { taskId: shape.related === 'own' ? ownTask : 'of "others"', more: 1 }]]) : []),
    ...(shape.token ? json([['progressToken', shape.token]]) : []),
    ...(isStateless ? json(Object.entries(client.envelope())) : []),
  ];
  const hasMeta = meta.length > 0 || shape.emptyMeta;
  const params = json([['name', name], ['arguments', { a: 1 }], ...(shape.task ? [['task', {}]] : [])]);
  if (hasMeta) params[shape.metaFirst ? 'unshift' : 'push'](['_meta', object(meta)]);
  const id = client.nextId++;
  const text = object([['jsonrpc', '"2.0"'], ['id', id], ['method', '"tools/call"'], ['params', object(params)]]);
  const answer = isStateless
    ? await client.request('tools/call', { name }, { id, change: () => text })
    : await client.answer(await client.post(text), id);
  return { ...answer, params, meta };
}

// What the server should have got, and what it may not have.
function check({ isStateless, serverTask }, shape, era, { params, meta, ...answer }) {
  const raw = answer.result?._meta?.got;
  const where = JSON.stringify({ isStateless, era, shape });
  assert.ok(raw, `${where}: ${JSON.stringify(answer).slice(0, 500)}`);
  const got = JSON.parse(raw);
  for (const [name, value] of params) {
    if (name === 'name') assert.equal(got.params.name, 't', where);
    if (name === 'arguments') assert.deepEqual(got.params.arguments, JSON.parse(value), where);
  }
  assert.equal(got.params.task !== undefined, Boolean(shape.task) && !isStateless, where);
  const told = { ...got.params._meta };
  if (era === 'stateless') {
    for (const name of own.slice(0, 3)) assert.ok(told[name] !== undefined, `${where}: ${name}`);
    const info = isStateless ? 'e2e' : 'bascule';
    assert.equal(told[metaKey('clientInfo')].name, info, where);
  }
  for (const name of own) {
    if (era === 'sessions') assert.equal(told[name], undefined, where);
    delete told[name];
  }
  const expected = Object.fromEntries(meta.filter(([name]) => !own.includes(name)).map(([name, value]) => [name, JSON.parse(value)]));
  // Its progress goes on when the call is over, so that has a token of its own where there are such tasks.
  const isLasting = shape.task && !isStateless;
  if (isLasting && shape.token) {
    if (era === 'sessions') assert.match(told.progressToken, /^task-/, where);
    delete told.progressToken;
    delete expected.progressToken;
  } else if (shape.token) {
    expected.progressToken = got.id;
  }
  if (shape.related === 'own') expected[related].taskId = serverTask;
  assert.deepEqual(told, expected, where);
  // Nothing stands twice that did not.
  const count = (name) => raw.split(`${JSON.stringify(name)}:`).length - 1;
  for (const name of ['_meta', 'progressToken', related, ...own, 'task', 'name']) {
    const most = name === 'name' && era === 'stateless' ? 2 : 1; // clientInfo has one.
    assert.ok(count(name) <= most, `${where}: ${name} in ${raw.slice(0, 1000)}`);
  }
  if (shape.foreign === 'twice') assert.equal(count('x'), 2, where);
}

const shapes = [];
for (const task of [false, true]) {
  for (const token of [undefined, 'p"q', 5]) {
    for (const kind of Object.keys(foreign)) {
      for (const relation of [undefined, 'foreign', 'own']) {
        for (const metaFirst of [false, true]) shapes.push({ task, token, foreign: kind, related: relation, metaFirst });
      }
    }
  }
}

async function checkAll(era) {
  for (const who of clients) {
    // Its first call may be the one that finds the era.
    await until(async () => (await sendAll(who, {})).result, `${who.server} in its era`);
    const fitting = shapes.filter((shape) => shape.related !== 'own' || !who.isStateless);
    for (let i = 0; i < fitting.length; i += 8) {
      const some = fitting.slice(i, i + 8);
      const answers = await Promise.all(some.map((shape) => sendAll(who, shape)));
      some.forEach((shape, j) => check(who, shape, era, answers[j]));
    }
  }
  assert.deepEqual(http.broken, []);
}

test('a server with sessions gets every request as the model has it', async () => {
  for (const who of clients) {
    if (who.isStateless) continue;
    const { result } = await sendAll(who, { task: true });
    who.ownTask = result.task.taskId;
    who.serverTask = taskId(JSON.parse(result._meta.got).id);
    assert.notEqual(who.ownTask, who.serverTask);
  }
  await checkAll('sessions');
});

test('a stateless server, also one that had sessions before, gets every request as the model has it', async () => {
  setEra('stateless');
  await checkAll('stateless');
});
