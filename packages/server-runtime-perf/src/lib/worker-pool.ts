import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import {
  deadlineExceeded,
  poolClosed,
  workerDied,
  workerModuleInvalid,
  workerNotStarted,
  workerOutOfMemory,
} from './errors.ts';
import { createGate } from './gate.ts';
import {
  type NamedCall,
  openWorkerCall,
  type WorkerCall,
  type WorkerCallState,
  type WorkerRunOptions,
} from './worker-call.ts';

export interface WorkerPoolOptions {
  /** The module of calls that name none. */
  readonly module?: string | URL;
  /** Default: one less than the machine runs at once, so that the main thread keeps a core; at least 1. */
  readonly maxThreads?: number;
  /** Calls that may wait for a thread; one more is refused with `OVERLOADED`. Default: 64. */
  readonly queue?: number;
  /** Milliseconds after which a thread without work ends. Default: 30,000. */
  readonly idleTimeout?: number;
  /** Milliseconds a call may take, unless it says so itself. Default: 30,000. */
  readonly deadline?: number;
  /** Milliseconds that a stopped handler has to return before its thread is ended. Default: 100. */
  readonly grace?: number;
  /** Of V8's heap, per thread; a call that needs more fails and its thread is replaced. Default: 512. */
  readonly maxHeapMegabytes?: number;
  /** Where `tool-worker.js` lies. Default: beside this module; a bundler that moves it must say where to. */
  readonly workerUrl?: string | URL;
  readonly onEvent?: (event: WorkerPoolEvent) => void;
}

export type WorkerPoolEvent =
  | { readonly type: 'worker-started' | 'worker-ended' }
  /** A thread failed while it had no call, or before it could take one. */
  | { readonly type: 'worker-failed'; readonly error: unknown };

/** Threads that run handlers away from the event loop. Started on demand, replaced when they fail. */
export interface WorkerPool extends AsyncDisposable {
  /** Settles as the handler does; rejects with a `RuntimePerfError` where the pool stopped the call. */
  run(call: WorkerCall, options?: WorkerRunOptions): Promise<unknown>;
  /** Refuses new and waiting calls, lets running ones end, then ends the threads. */
  close(): Promise<void>;
  /** Ends the threads now: running calls fail with `POOL_CLOSED`. */
  terminate(): Promise<void>;
  readonly threads: number;
  readonly running: number;
  readonly waiting: number;
}

const neverAborted = new AbortController().signal;

/**
 * Opens a pool of worker threads. Nothing is started before the first call.
 *
 * Piscina runs the threads. The queue is in front of it, for its own loses calls: with no minimum of threads, what waits
 * when a thread is ended is not given to another. So it only ever gets as many calls as it may have threads.
 */
export function createWorkerPool({
  module: defaultModule,
  maxThreads = Math.max(1, availableParallelism() - 1),
  queue = 64,
  idleTimeout = 30_000,
  deadline: defaultDeadline = 30_000,
  grace = 100,
  maxHeapMegabytes = 512,
  workerUrl = new URL('./tool-worker.js', import.meta.url),
  onEvent,
}: WorkerPoolOptions = {}): WorkerPool {
  const gate = createGate({ concurrency: maxThreads, queue });
  const inThreads = new Map<WorkerCallState, Force>();
  const piscina = new Piscina({
    filename: String(workerUrl),
    minThreads: 0,
    maxThreads,
    idleTimeout,
    atomics: 'disabled', // else a thread's event loop, and so its connections, stands still between calls
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMegabytes },
  });
  let closing = false;

  piscina.on('workerCreate', () => onEvent?.({ type: 'worker-started' }));
  piscina.on('workerDestroy', () => onEvent?.({ type: 'worker-ended' }));
  piscina.on('error', (error: unknown) => {
    onEvent?.({ type: 'worker-failed', error });
    if (piscina.threads.length > 0) return; // another thread will take what waits
    for (const [call, force] of inThreads) {
      call.fail(workerNotStarted(error));
      force.end();
    }
  });

  async function run(call: WorkerCall, options: WorkerRunOptions = {}): Promise<unknown> {
    const { module = defaultModule, deadline = defaultDeadline } = call;
    if (closing) throw poolClosed();
    if (module === undefined) throw workerModuleInvalid('', 'neither the call nor the pool names a module');
    const stop = createStop(options.signal ?? neverAborted, deadline);
    try {
      await gate.enter(stop.signal);
      return await runInThread({ ...call, module: String(module) }, options, stop.signal);
    } finally {
      stop.release();
    }
  }

  /** Ends when the caller has its answer; the place in the gate is given back when the thread is free or gone. */
  function runInThread(call: NamedCall, options: WorkerRunOptions, stop: AbortSignal): Promise<unknown> {
    const state = openWorkerCall(call, options);
    const force = forceAfterGrace(state, stop, grace);
    inThreads.set(state, force);
    piscina
      .run(state.task, { signal: force.signal, transferList: state.transfer })
      .catch((error: unknown) => state.fail(closing ? poolClosed() : explainDeath(error, maxHeapMegabytes)))
      .finally(() => {
        force.release();
        inThreads.delete(state);
        gate.leave();
      });
    return state.outcome.finally(state.close);
  }

  async function terminate(): Promise<void> {
    closing = true;
    gate.refuseWaiting(poolClosed());
    for (const call of inThreads.keys()) call.fail(poolClosed());
    await piscina.destroy();
  }

  async function close(): Promise<void> {
    closing = true;
    gate.refuseWaiting(poolClosed());
    await Promise.allSettled([...inThreads.keys()].map((call) => call.outcome));
    await terminate();
  }

  return {
    run,
    close,
    terminate,
    [Symbol.asyncDispose]: close,
    get threads() {
      return piscina.threads.length;
    },
    get running() {
      return gate.running;
    },
    get waiting() {
      return gate.waiting;
    },
  };
}

/**
 * Stops a call in two steps: its handler is asked, and after the grace the thread is ended. What no thread has taken yet
 * needs no asking.
 */
function forceAfterGrace(call: WorkerCallState, stop: AbortSignal, grace: number): Force {
  const force = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onStop = () => {
    call.fail(stop.reason);
    if (!call.isStarted()) return force.abort();
    call.requestStop(stop.reason);
    timer = setTimeout(() => force.abort(), grace);
  };
  if (stop.aborted) onStop();
  else stop.addEventListener('abort', onStop, { once: true });
  return {
    signal: force.signal,
    end: () => force.abort(),
    release: () => {
      clearTimeout(timer);
      stop.removeEventListener('abort', onStop);
    },
  };
}

interface StopSignal {
  readonly signal: AbortSignal;
  /** Drops the timer and the listener behind it. */
  readonly release: () => void;
}

interface Force extends StopSignal {
  /** Ends the call's thread, or takes the call out of the queue for one. */
  readonly end: () => void;
}

/** One signal for both ways a call is stopped: its caller leaves, or its time is up. */
function createStop(outer: AbortSignal, deadline: number): StopSignal {
  const controller = new AbortController();
  const follow = () => controller.abort(outer.reason);
  const timer = setTimeout(() => controller.abort(deadlineExceeded(deadline)), deadline);
  if (outer.aborted) follow();
  else outer.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    release: () => {
      clearTimeout(timer);
      outer.removeEventListener('abort', follow);
    },
  };
}

function explainDeath(error: unknown, megabytes: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ERR_WORKER_OUT_OF_MEMORY' ? workerOutOfMemory(megabytes, error) : workerDied(error);
}
