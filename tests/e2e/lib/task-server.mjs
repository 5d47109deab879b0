// A scripted upstream whose tool `work` runs as a task (2025-11-25) until the test finishes it. Ids are t-1, t-2, ...
// at every server, and no task has an owner: it shows all of them to all sessions.
import { once, EventEmitter } from 'node:events';
import { startUpstream, text } from './upstream.mjs';

export const relatedTask = 'io.modelcontextprotocol/related-task';

const meta = (taskId) => ({ [relatedTask]: { taskId } });

export class TaskServer {
  tasks = new Map(); // Id -> { task, session, ended, question, answer }
  asked = []; // 'METHOD ID' of every request about a task.
  isBroken = false; // Then it does not list.
  pageSize = 2;
  isPerSession = false; // Then a session knows its own tasks only.

  async start() {
    const capabilities = { tools: {}, tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } };
    this.upstream = await startUpstream({ capabilities, tools: { work: (call) => this.#begin(call) } });
    this.upstream.methods = {
      'tasks/get': (call) => this.#about(call, ({ task }) => task),
      'tasks/result': (call) => this.#about(call, (entry) => this.#result(call, entry)),
      'tasks/cancel': (call) => this.#about(call, ({ task }) => this.#set(task.taskId, 'cancelled')),
      'tasks/list': (call) => this.#list(call),
    };
    return this;
  }

  // Whether whoever began a task has a stream on which he hears of it.
  isHeard(taskId) {
    return Boolean(this.upstream.sessions.get(this.tasks.get(taskId).session));
  }

  // Tells whoever began a task of its progress.
  progress(taskId, progress) {
    const { session, params } = this.tasks.get(taskId);
    const { progressToken } = params._meta;
    this.upstream.notifyOne(session, 'notifications/progress', { progressToken, progress, _meta: meta(taskId) });
  }

  // Ends a task; `question` is first asked of whoever waits for the result.
  finish(taskId, question) {
    Object.assign(this.tasks.get(taskId), { question });
    this.#set(taskId, 'completed');
  }

  #begin(call) {
    if (!call.params.task) return text('done at once');
    const taskId = `t-${this.tasks.size + 1}`;
    const task = { taskId, status: 'working', ttl: 60_000, createdAt: '2026-01-01T00:00:00Z' };
    this.tasks.set(taskId, { task, session: call.session, ended: new EventEmitter(), params: call.params });
    return { task };
  }

  #about(call, answer) {
    this.asked.push(`${call.message.method} ${call.params.taskId}`);
    const entry = this.tasks.get(call.params.taskId);
    const isOther = this.isPerSession && entry?.session !== call.session;
    if (!entry || isOther) return call.refuse(-32602, 'no such task');
    return answer(entry);
  }

  #set(taskId, status) {
    const { task, session, ended } = this.tasks.get(taskId);
    task.status = status;
    this.upstream.notifyOne(session, 'notifications/tasks/status', task);
    ended.emit('end');
    return task;
  }

  async #result(call, entry) {
    const { task, ended } = entry;
    if (task.status === 'working') await once(ended, 'end');
    if (entry.question) {
      entry.answer = await call.ask('elicitation/create', { ...entry.question, _meta: meta(task.taskId) });
    }
    return { ...text(`outcome of ${task.taskId}`), _meta: { kept: 1, ...meta(task.taskId) } };
  }

  #list(call) {
    if (this.isBroken) return call.refuse(-32603, 'broken');
    const from = Number(call.params.cursor ?? 0);
    const isShown = ({ session }) => !this.isPerSession || session === call.session;
    const all = [...this.tasks.values()].filter(isShown).map(({ task }) => task);
    const next = from + this.pageSize;
    return { tasks: all.slice(from, next), ...(next < all.length && { nextCursor: String(next) }) };
  }
}
