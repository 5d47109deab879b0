// An MCP server on standard input and output, for tests of how the gateway treats child processes.
//   RECORD=FILE   every line that arrives is appended to FILE as it came
//   STUBBORN=1    stays when its input ends and when it is told to end
//   CRASH=1       ends at once with a word on standard error
//   STARTS=FILE   the time of each start is appended to FILE
//   READ_AFTER=MS it reads nothing before
//   READ_IF=FILE  it reads nothing before that exists
//   BURN=MS       it uses so much of a processor before it reads
//   SAY_READY=1   it says so on standard error when it reads
//   LIST_IF=FILE  it lists its tools while that exists, and waits for it
//   TURNS_IF=FILE from when that exists on it has no sessions, also in a process that had one
//   STATELESS=1   it speaks 2026-07-28 only, and refuses initialize
import fs from 'node:fs';
import readline from 'node:readline';

const { RECORD, STUBBORN, CRASH, STARTS, READ_AFTER, BURN, SAY_READY, STATELESS, LIST_IF, READ_IF, TURNS_IF } = process.env;

if (STARTS) fs.appendFileSync(STARTS, `${Date.now()}\n`);

if (CRASH) {
  if (RECORD) fs.appendFileSync(RECORD, 'started\n');
  console.error('crashing as told');
  process.exit(3);
}
if (STUBBORN) {
  process.on('SIGTERM', () => {});
  setInterval(() => {}, 1 << 30);
}

const inquiries = new Map(); // The id of a question -> that of its call.
const text = (value) => ({ content: [{ type: 'text', text: value }] });

const tools = {
  echo: ({ text: value }) => text(value ?? ''),
  pid: () => text(String(process.pid)),
  environment: () => text(JSON.stringify(process.env)),
  folder: () => text(process.cwd()),
  arguments: () => text(JSON.stringify(process.argv.slice(2))),
  complain() {
    console.error('a complaint on standard error');
    return text('complained');
  },
  chatter() {
    process.stdout.write('this is no JSON\n');
    return text('chattered');
  },
  broken(_, id) {
    process.stdout.write(`{"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"text","text":"a\\q"}]}}\n`);
  },
  crash: () => process.exit(3),
  sleep: () => undefined,
  refuse: (_, id) => void write({ id, error: { code: -32602, message: 'as told' } }),
  // Answers when the file is there.
  'wait-for': ({ file }, id) => void answerWhenThere(file, id, text('found')),
  // Asks and does not answer; the second takes the question back.
  ask() {
    const question = { message: 'Name?', requestedSchema: { type: 'object', properties: {} } };
    write({ id: 'asked', method: 'elicitation/create', params: question });
  },
  // Asks, and says whether it was answered.
  inquire(_, id) {
    const question = { message: 'Name?', requestedSchema: { type: 'object', properties: {} } };
    inquiries.set(`inquiry-${id}`, id);
    write({ id: `inquiry-${id}`, method: 'elicitation/create', params: question });
  },
  regret() {
    const reason = 'the "form" has changed: größe';
    write({ method: 'notifications/cancelled', params: { requestId: 'asked', reason } });
    return text('regretted');
  },
  large: ({ size }) => text('x'.repeat(size)),
};

function answerWhenThere(file, id, result) {
  const look = setInterval(() => {
    if (!fs.existsSync(file)) return;
    clearInterval(look);
    write({ id, result });
  }, 10);
}

const write = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);

const methods = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'stdio', version: '1' },
  }),
  ping: () => ({}),
  'tools/list'(_, id) {
    const all = { tools: Object.keys(tools).map((name) => ({ name, inputSchema: { type: 'object' } })) };
    if (!LIST_IF) return all;
    return void answerWhenThere(LIST_IF, id, all);
  },
  'tools/call': ({ name, arguments: given = {} }, id) => tools[name](given, id),
};

const stateless = {
  initialize: undefined,
  'server/discover': () => ({
    resultType: 'complete',
    supportedVersions: ['2026-07-28'],
    capabilities: { tools: {} },
    _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'stdio', version: '1' } },
    ttlMs: 0,
    cacheScope: 'private',
  }),
};
if (STATELESS) Object.assign(methods, stateless);
const hasTurned = () => TURNS_IF && fs.existsSync(TURNS_IF);

if (READ_AFTER) await new Promise((resolve) => setTimeout(resolve, Number(READ_AFTER)));
while (READ_IF && !fs.existsSync(READ_IF)) await new Promise((resolve) => setTimeout(resolve, 20));
const burnt = () => (process.cpuUsage().user + process.cpuUsage().system) / 1000;
if (BURN) for (const end = burnt() + Number(BURN); burnt() < end; );
if (SAY_READY) console.error('reads');

const lines = readline.createInterface({ input: process.stdin });
lines.on('line', (line) => {
  if (RECORD) fs.appendFileSync(RECORD, `${line}\n`);
  const { id, method, params, result, error } = JSON.parse(line);
  if (method === undefined && inquiries.has(id)) {
    return write({ id: inquiries.get(id), result: text(error ? 'nobody answered' : result.action) });
  }
  if (id === undefined || method === undefined) return;
  if (hasTurned()) {
    Object.assign(methods, stateless);
    const isOfEra = params?._meta?.['io.modelcontextprotocol/protocolVersion'] !== undefined;
    if (!isOfEra) return write({ id, error: { code: -32602, message: 'Missing _meta envelope' } });
  }
  const answer = methods[method];
  if (!answer && STATELESS) {
    const data = { supported: ['2026-07-28'], requested: params?.protocolVersion };
    return write({ id, error: { code: -32022, message: 'Unsupported protocol version', data } });
  }
  if (!answer) return write({ id, error: { code: -32601, message: 'Method not found' } });
  const outcome = answer(params ?? {}, id);
  if (outcome !== undefined) write({ id, result: outcome });
});
lines.on('close', () => {
  if (!STUBBORN) process.exit(0);
});
