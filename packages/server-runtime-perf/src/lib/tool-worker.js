// @ts-check
/**
 * Runs in the pool's threads: loads the module of a call, calls its default export, and tells the main thread how it
 * went. Plain JavaScript, started by its path: the same file serves source, dist and bundles.
 *
 * @import { StopMessage, ThrownValue, WorkerMessage, WorkerRefusal, WorkerTask } from './worker-messages.ts'
 * @import { MessagePort } from 'node:worker_threads'
 */

/** Between two progress messages, so that a handler cannot flood the main thread; the last one always arrives. */
const progressInterval = 10; // ms
/** Per call; what comes after is dropped. */
const maxLogs = 1000;

// Standard output belongs to the host: over stdio it carries the protocol.
// biome-ignore lint/suspicious/noConsole: replaced here, not used
Reflect.set(globalThis, 'console', new globalThis.console.Console(process.stderr));
process.stdout.write = process.stderr.write.bind(process.stderr);

/** Open clients by connector, for the life of the thread. @type {Map<unknown, Promise<unknown>>} */
const clients = new Map();
const threadLifetime = new AbortController();
/** How often a module could not be loaded in this thread. @type {Map<string, number>} */
const failures = new Map();
/** So many failures are each followed by another try. */
const eagerTries = 16;

class Refusal extends Error {
  /** @param {WorkerRefusal} refusal */
  constructor(refusal) {
    super(refusal.reason);
    this.refusal = refusal;
  }
}

/** @param {WorkerTask} task */
export default async function runTask(task) {
  const { port } = task;
  const controller = new AbortController();
  port.on('message', (/** @type {StopMessage} */ { reason }) => controller.abort(makeAbortReason(reason)));
  const progress = createProgress(port);
  /** What of the result the handler gives away. @type {import('node:worker_threads').Transferable[]} */
  const moved = [];
  send(port, { kind: 'started' });
  try {
    const value = await callHandler(task, controller.signal, { progress: progress.report, moved });
    progress.flush();
    sendResult(port, value, moved);
  } catch (error) {
    progress.flush();
    sendFailure(port, error);
  } finally {
    port.close();
  }
}

/**
 * @param {WorkerTask} task
 * @param {AbortSignal} signal
 * @param {{ progress: (progress: number, options?: object) => void, moved: import('node:worker_threads').Transferable[] }} out
 */
async function callHandler(task, signal, { progress, moved }) {
  const tool = await loadTool(task.module);
  const input = task.parse ? await parseInput(tool.input, task.input) : task.input;
  const connectors = await openConnectors(tool.connectors, task.connectors);
  signal.throwIfAborted();
  return tool.handler(input, {
    ...task.context,
    connectors,
    signal,
    meta: task.meta,
    progress,
    log: createLog(task.port),
    noStore: () => send(task.port, { kind: 'no-store' }),
    transfer: (/** @type {import('node:worker_threads').Transferable[]} */ ...items) => moved.push(...items),
    elicit: unsupported('elicit'),
    sample: unsupported('sample'),
    roots: unsupported('roots'),
  });
}

/** @param {string} module */
async function loadTool(module) {
  const loaded = await import(unlikeFailed(module)).catch((error) => {
    failures.set(module, (failures.get(module) ?? 0) + 1);
    throw new Refusal({ reason: 'module', detail: `loading it failed: ${textOf(error)}` });
  });
  const tool = loaded.default;
  if (typeof tool === 'function') return { handler: tool };
  if (typeof tool?.handler === 'function') return tool;
  throw new Refusal({ reason: 'module', detail: 'it has no handler as its default export' });
}

/**
 * A module that threw stays failed for Node by its URL: under another one it is tried again. Node never forgets a URL, so
 * a module that goes on failing is tried less and less often.
 * @param {string} url
 */
function unlikeFailed(url) {
  const failed = failures.get(url) ?? 0;
  if (failed === 0) return url;
  const tries = failed <= eagerTries ? failed : 2 ** Math.floor(Math.log2(failed));
  return `${url}${url.includes('?') ? '&' : '?'}try=${tries + 1}`;
}

/**
 * A Standard Schema's own validation, for what JSON Schema cannot say.
 * @param {any} schema
 * @param {unknown} input
 */
async function parseInput(schema, input) {
  const standard = schema?.['~standard'];
  if (standard === undefined) return input;
  const result = await standard.validate(input);
  if (result.issues === undefined) return result.value;
  const issues = result.issues.map((/** @type {any} */ { message, path = [] }) => ({
    message,
    path: path.map((/** @type {any} */ part) => String(typeof part === 'object' ? part.key : part)),
  }));
  throw new Refusal({ reason: 'input', issues });
}

/**
 * Each connector is opened once per thread, on first use. A tool names its connectors by object or by name; names are
 * looked up among the modules that came with the call.
 * @param {Readonly<Record<string, any>> | readonly string[] | undefined} wanted
 * @param {Readonly<Record<string, string>>} modules
 */
async function openConnectors(wanted, modules) {
  if (wanted === undefined) return {};
  const entries = Array.isArray(wanted) ? wanted.map((name) => [name, modules[name]]) : Object.entries(wanted);
  const opened = await Promise.all(entries.map(async ([name, connector]) => [name, await openClient(connector)]));
  return Object.fromEntries(opened);
}

/** @param {any} connector */
async function openClient(connector) {
  const known = clients.get(connector);
  if (known !== undefined) return known;
  const client = openConnector(connector).catch((error) => {
    clients.delete(connector); // the next call tries again
    throw error;
  });
  clients.set(connector, client);
  return client;
}

/** @param {any} connector */
async function openConnector(connector) {
  const { open } = typeof connector === 'string' ? (await import(connector)).default : connector;
  return open({ signal: threadLifetime.signal });
}

/** @param {MessagePort} port */
function createProgress(port) {
  /** @type {{ progress: number } | undefined} */
  let waiting;
  let nextAt = 0;

  function flush() {
    if (waiting !== undefined) send(port, { kind: 'progress', progress: waiting });
    waiting = undefined;
  }

  return {
    flush,
    report: (/** @type {number} */ progress, options = {}) => {
      waiting = { progress, ...options };
      const now = performance.now();
      if (now < nextAt) return;
      nextAt = now + progressInterval;
      flush();
    },
  };
}

/** @param {MessagePort} port */
function createLog(port) {
  let sent = 0;
  return (/** @type {string} */ level, /** @type {unknown} */ data, /** @type {string | undefined} */ logger) => {
    sent += 1;
    if (sent > maxLogs) return;
    send(port, { kind: 'log', log: logger === undefined ? { level, data } : { level, data, logger } });
  };
}

/** @param {string} feature */
function unsupported(feature) {
  return () => Promise.reject(new Refusal({ reason: 'unsupported', feature }));
}

/**
 * @param {MessagePort} port
 * @param {WorkerMessage} message
 */
function send(port, message) {
  port.postMessage(message);
}

/**
 * @param {MessagePort} port
 * @param {unknown} value
 * @param {import('node:worker_threads').Transferable[]} moved
 */
function sendResult(port, value, moved) {
  try {
    port.postMessage({ kind: 'result', value }, moved);
  } catch (error) {
    send(port, { kind: 'refused', refusal: { reason: 'result', detail: textOf(error) } });
  }
}

/**
 * @param {MessagePort} port
 * @param {unknown} error
 */
function sendFailure(port, error) {
  if (error instanceof Refusal) return send(port, { kind: 'refused', refusal: error.refusal });
  const thrown = describeThrown(error);
  try {
    send(port, { kind: 'thrown', thrown });
  } catch {
    send(port, { kind: 'thrown', thrown: withoutExtras(thrown) }); // something in it cannot be cloned
  }
}

/** @param {unknown} error @returns {ThrownValue} */
function describeThrown(error) {
  if (!(error instanceof Error)) return { type: 'value', value: error };
  const { name, message, stack } = error;
  return { type: 'error', name, message, stack, properties: { ...error } };
}

/** @param {ThrownValue} thrown @returns {ThrownValue} */
function withoutExtras(thrown) {
  if (thrown.type === 'error') return { ...thrown, properties: {} };
  return { type: 'value', value: textOf(thrown.value) };
}

/** @param {{ name: string, message: string }} reason */
function makeAbortReason({ name, message }) {
  return new DOMException(message, name);
}

/** @param {unknown} error */
function textOf(error) {
  return error instanceof Error ? error.message : String(error);
}
