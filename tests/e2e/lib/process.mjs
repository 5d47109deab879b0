// Real processes for tests: started without a shell, found by their own output, stopped by pid.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';

const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Rejects when `promise` takes longer than `ms`; `what` says what was waited for.
export async function within(ms, promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

// Waits until `condition()` is true (it may be async); for states that nothing announces.
export async function until(condition, what, ms = 30_000) {
  const end = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`${what} did not happen within ${ms} ms`);
    await sleep(20);
  }
}

export class Process {
  output = ''; // Standard output and standard error as they came.
  stdout = '';
  exit; // { code, signal } once it has ended.

  constructor(child, name) {
    this.child = child;
    this.name = name;
    running.add(child);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text) => {
        this.output += text;
        if (stream === child.stdout) this.stdout += text;
      });
    }
    this.ended = once(child, 'close').then(([code, signal]) => {
      running.delete(child);
      this.exit = { code, signal };
      return this.exit;
    });
  }

  get pid() {
    return this.child.pid;
  }

  // The match of `pattern` in the output, as soon as it is there.
  async find(pattern, ms = 30_000) {
    const look = () => pattern.exec(this.output);
    await until(() => look() || this.exit, `${this.name}: output ${pattern}`, ms).catch((error) => {
      throw new Error(`${error.message}; it printed:\n${this.output}`);
    });
    const found = look();
    if (!found) throw new Error(`${this.name} ended (${JSON.stringify(this.exit)}):\n${this.output}`);
    return found;
  }

  signal(name) {
    this.child.kill(name);
  }

  // Ends it and waits for that; a process that does not react to `name` in `ms` is an error.
  async stop(name = 'SIGTERM', ms = 30_000) {
    if (this.exit) return this.exit;
    this.child.kill('SIGCONT');
    this.child.kill(name);
    try {
      return await within(ms, this.ended, `the end of ${this.name} after ${name}`);
    } catch (error) {
      this.child.kill('SIGKILL');
      throw error;
    }
  }
}

// `env` is added to a small environment: nothing else of ours leaks into what is started.
export function start(command, args = [], { env = {}, cwd, name = command } = {}) {
  const { PATH, HOME, LANG, TMPDIR } = process.env;
  const child = spawn(command, args, {
    cwd,
    env: { PATH, HOME, LANG, TMPDIR, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.on('error', (error) => {
    throw new Error(`cannot start ${command}: ${error.message}`);
  });
  return new Process(child, name);
}

// Runs a command to its end: { code, signal, stdout, output }.
export async function run(command, args = [], { ms = 60_000, ...options } = {}) {
  const ran = start(command, args, options);
  const exit = await within(ms, ran.ended, `${command} ${args.join(' ')}`).catch((error) => {
    ran.signal('SIGKILL');
    throw new Error(`${error.message}; it printed:\n${ran.output}`);
  });
  return { ...exit, stdout: ran.stdout, output: ran.output };
}

// The pids of the processes that `pid` has started, from whichever of its threads, by the word of the system.
export function childrenOf(pid) {
  const tasks = fs.readdirSync(`/proc/${pid}/task`);
  const lists = tasks.map((task) => fs.readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8'));
  return lists.join(' ').split(/\s+/).filter(Boolean).map(Number);
}

// Whether the process `pid` runs.
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
