import { MessageChannel, type Transferable } from 'node:worker_threads';
import {
  RuntimePerfError,
  workerInputInvalid,
  workerModuleInvalid,
  workerResultInvalid,
  workerUnsupported,
} from './errors.ts';
import type {
  StopMessage,
  ThrownValue,
  WorkerLog,
  WorkerMessage,
  WorkerProgress,
  WorkerRefusal,
  WorkerTask,
} from './worker-messages.ts';

export interface WorkerCall {
  /** File URL of an ES module whose default export is a handler, or an object with one. Default: the pool's own. */
  readonly module?: string | URL;
  readonly input: unknown;
  /** What the handler gets as `context.meta`. Default: an empty object. */
  readonly meta?: unknown;
  /** More for the handler's context, such as the verified caller. Data only. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** File URLs of the connector modules that the handler names. */
  readonly connectors?: Readonly<Record<string, string | URL>>;
  /** Validates the input with the module's own Standard Schema (`default.input`) and passes on what that returns. */
  readonly parse?: boolean;
  /** Milliseconds, time in the queue included. Default: the pool's. */
  readonly deadline?: number;
}

/** A call whose module is settled. */
export type NamedCall = WorkerCall & { readonly module: string };

export interface WorkerRunOptions {
  /** Aborting it stops the call: at once while it waits, by the handler's own signal, and by force after the grace. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: WorkerProgress) => void;
  readonly onLog?: (log: WorkerLog) => void;
  /** The handler said that its result is for this call alone. */
  readonly onNoStore?: () => void;
  /** What of the input to move to the worker instead of copying it. */
  readonly transfer?: readonly Transferable[];
}

/** One call on its way through a worker: its channel, and how it ends. */
export interface WorkerCallState {
  readonly task: WorkerTask;
  readonly transfer: Transferable[];
  /** Settles once: by the worker's answer, or by `fail`. */
  readonly outcome: Promise<unknown>;
  /** Whether a thread has it in hands, or has given its answer already. */
  readonly stage: () => 'waiting' | 'started' | 'answered';
  readonly fail: (error: unknown) => void;
  /** Tells the handler to stop. */
  readonly requestStop: (reason: unknown) => void;
  readonly close: () => void;
}

export function openWorkerCall(call: NamedCall, options: WorkerRunOptions): WorkerCallState {
  const { port1, port2 } = new MessageChannel();
  const { promise: outcome, resolve, reject } = Promise.withResolvers<unknown>();
  outcome.catch(() => {}); // a caller that left no longer listens
  let stage: 'waiting' | 'started' | 'answered' = 'waiting';

  port1.on('message', (message: WorkerMessage) => {
    try {
      if (message.kind === 'progress') options.onProgress?.(message.progress);
      else if (message.kind === 'log') options.onLog?.(message.log);
      else if (message.kind === 'no-store') options.onNoStore?.();
      else {
        stage = message.kind === 'started' ? 'started' : 'answered';
        if (message.kind === 'result') resolve(message.value);
        else if (message.kind === 'thrown') reject(reviveThrown(message.thrown));
        else if (message.kind === 'refused') reject(makeRefusal(call.module, message.refusal));
      }
    } catch (error) {
      reject(error); // a listener of the caller's own threw
    }
  });

  return {
    task: makeTask(call, port2),
    transfer: [port2, ...(options.transfer ?? [])],
    outcome,
    stage: () => stage,
    fail: reject,
    requestStop: (reason) => port1.postMessage(makeStop(reason)),
    close: () => port1.close(),
  };
}

function makeTask(call: NamedCall, port: WorkerTask['port']): WorkerTask {
  const { module, input, meta = {}, context = {}, connectors = {}, parse = false } = call;
  const urls = Object.entries(connectors).map(([name, url]) => [name, String(url)]);
  return { port, module, input, meta, context, connectors: Object.fromEntries(urls), parse };
}

function makeStop(reason: unknown): StopMessage {
  if (!(reason instanceof Error)) return { kind: 'stop', reason: { name: 'AbortError', message: String(reason) } };
  const name = reason instanceof RuntimePerfError ? 'TimeoutError' : reason.name;
  return { kind: 'stop', reason: { name, message: reason.message } };
}

/** The error as the handler threw it: name, message, stack and properties such as `code`; the class stays behind. */
function reviveThrown(thrown: ThrownValue): unknown {
  if (thrown.type === 'value') return thrown.value;
  const { name, message, stack, properties } = thrown;
  const error = Object.assign(new Error(message), properties);
  Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
  if (stack !== undefined) error.stack = stack;
  return error;
}

function makeRefusal(module: string, refusal: WorkerRefusal): RuntimePerfError {
  switch (refusal.reason) {
    case 'module':
      return workerModuleInvalid(module, refusal.detail);
    case 'input':
      return workerInputInvalid(refusal.issues);
    case 'result':
      return workerResultInvalid(refusal.detail);
    case 'unsupported':
      return workerUnsupported(refusal.feature);
  }
}
