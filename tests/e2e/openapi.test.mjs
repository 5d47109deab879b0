// GET /openapi.json is made of the table of routes; here it is held against what the gateway really answers.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { startGateway } from './lib/gateway.mjs';
import { within } from './lib/process.mjs';
import { scratchFile } from './lib/scratch.mjs';
import { startUpstream } from './lib/upstream.mjs';

const token = 'a-token-for-this-test';
const methods = ['get', 'head', 'post', 'put', 'patch', 'delete'];
let upstream, gateway, description;

before(async () => {
  upstream = await startUpstream();
  const line = `ann:sha256:${crypto.createHash('sha256').update(token).digest('hex')}\n`;
  gateway = await startGateway({
    auth: { tokens_file: scratchFile('tokens', line) },
    upstreams: { one: { url: upstream.url } },
  });
  description = JSON.parse((await ask('get', '/openapi.json', { authorization: `Bearer ${token}` })).body);
});
after(async () => {
  await gateway?.kill();
  await upstream.stop();
});

// A real name for each parameter of a path.
const placed = (pattern) => pattern.replace('{id}', 'one');

function ask(method, path, headers = {}) {
  const answered = new Promise((resolve, reject) => {
    const request = http.request(gateway.address + path, { method, headers, agent: false }, (response) => {
      let body = '';
      response.on('data', (data) => (body += data));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
    });
    request.on('error', reject).end();
  });
  return within(20_000, answered, `${method} ${path}`);
}

test('it describes what there is', () => {
  assert.match(description.openapi, /^3\.1/);
  assert.equal(description.info.title, 'Bascule');
  const paths = ['/health', '/mcp', '/metrics/prometheus', '/openapi.json', '/ready', '/servers/{id}/mcp'];
  assert.deepEqual(Object.keys(description.paths), paths);
  assert.equal(description.paths['/servers/{id}/mcp'].parameters[0].name, 'id');
});

test('methods that it names are served, and no others', async () => {
  for (const [pattern, operations] of Object.entries(description.paths)) {
    const named = methods.filter((method) => operations[method]);
    for (const method of methods) {
      const answer = await ask(method, placed(pattern));
      const what = `${method} ${pattern}: ${answer.status} ${answer.body}`;
      assert.equal(answer.status === 405, !named.includes(method), what);
      if (answer.status !== 405) continue;
      const allowed = [...named, 'options'].map((each) => each.toUpperCase()).sort();
      assert.deepEqual(answer.headers.allow.split(', ').sort(), allowed, what);
    }
    const { status, headers } = await ask('options', placed(pattern));
    assert.equal(status, 204, pattern);
    assert.equal(headers.allow.split(', ').length, named.length + 1, pattern);
  }
});

test('where it says that a token is needed there is no answer without one, and only there', async () => {
  for (const [pattern, operations] of Object.entries(description.paths)) {
    for (const method of methods.filter((each) => operations[each])) {
      const { status } = await ask(method, placed(pattern));
      const what = `${method} ${pattern}`;
      assert.equal(status === 401, operations[method].security !== undefined, what);
      assert.equal(operations[method].responses['401'] !== undefined, status === 401, what);
    }
  }
});

test('a path that it does not name is refused in words that clients read, with detail', async () => {
  const { status, body } = await ask('get', '/nowhere');
  assert.equal(status, 404);
  const { error } = JSON.parse(body);
  assert.equal(error.data.detail, 'Not found');
  assert.equal(error.message, 'Not found');
});
