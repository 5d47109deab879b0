// Lists that have no end, or more than there may be: what was taken is served, the rest is left out, and the log says so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from './lib/client.mjs';
import { withGateway } from './lib/gateway.mjs';
import { startUpstream } from './lib/upstream.mjs';

const tool = (name, more = {}) => ({ name, inputSchema: { type: 'object' }, ...more });
const namesOf = ({ result }) => result.tools.map(({ name }) => name);

test('a cursor that comes again ends a list, at which each page is asked for once', async () => {
  const server = await startUpstream();
  const asked = [];
  const next = { undefined: 'A', A: 'B', B: 'A' };
  server.page = ({ cursor } = {}) => {
    asked.push(cursor);
    return { tools: [tool(`t-${cursor ?? 'first'}`)], nextCursor: next[cursor] };
  };
  await withGateway({ upstreams: { one: { url: server.url } } }, async (gateway) => {
    const client = await new Client(gateway.url('one')).open();
    assert.deepEqual(namesOf(await client.request('tools/list')), ['t-first', 't-A', 't-B']);
    await gateway.process.find(/tools\/list gives a cursor that has come before: what comes behind is left out/);
    await client.close();
  });
  const lists = asked.filter((cursor) => cursor === undefined).length;
  assert.deepEqual([...asked].sort(), [...Array(lists).fill(['A', 'B', undefined]).flat()].sort());
  await server.stop();
});

test('a list of over 1000 pages is cut, and the log says so', async () => {
  const server = await startUpstream();
  server.page = ({ cursor = '0' } = {}) => ({ tools: [tool(`t-${cursor}`)], nextCursor: String(Number(cursor) + 1) });
  await withGateway({ upstreams: { one: { url: server.url } } }, async (gateway) => {
    await gateway.process.find(/tools\/list gives over 1000 pages: what comes behind is left out/, 120_000);
  });
  await server.stop();
});

test('the bytes of a list are limited on all pages together', async () => {
  const server = await startUpstream();
  const description = 'x'.repeat(4 << 20);
  let pages = 0;
  server.page = ({ cursor = '0' } = {}) => {
    pages += 1;
    return { tools: [tool(`t-${cursor}`, { description })], nextCursor: String(Number(cursor) + 1) };
  };
  await withGateway({ upstreams: { one: { url: server.url } } }, async (gateway) => {
    await gateway.process.find(/tools\/list gives over 64 MiB: what comes behind is left out/, 120_000);
  });
  assert.ok(pages % 16 === 0 || pages < 16, `${pages} pages`);
  await server.stop();
});
