import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import { poolClosed, workerDied, workerModuleInvalid, workerNotStarted, workerOutOfMemory } from './errors.ts';
import { createGate, type Gate } from './gate.ts';
import { createDeadlineStop, createForcedStop, type ForcedStop } from './stop-signal.ts';
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
  /** Calls that may wait for a thread; one more is refused with `QUEUE_FULL`. Default: 64. */
  readonly queue?: number;
  /** Milliseconds after which a thread without work ends. Default: 30,000. */
  readonly idleTimeout?: number;
  /** Milliseconds a call may take, unless it says so itself; `Infinity` for no deadline. Default: 30,000. */
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

/** Opens a pool of worker threads. No thread is started before the first call. */
export function createWorkerPool({
  module = '',
  maxThreads = Math.max(1, availableParallelism() - 1),
  queue = 64,
  idleTimeout = 30_000,
  deadline = 30_000,
  grace = 100,
  maxHeapMegabytes = 512,
  workerUrl = new URL('./tool-worker.js', import.meta.url),
  onEvent = () => {},
}: WorkerPoolOptions = {}): WorkerPool {
  const gate = createGate({ concurrency: maxThreads, queue });
  const piscina = new Piscina({
    filename: String(workerUrl),
    minThreads: 0,
    maxThreads,
    idleTimeout,
    atomics: 'disabled', // else a thread's event loop, and so its connections, stands still between calls
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMegabytes },
  });
  return new PiscinaWorkerPool(gate, piscina, { module: String(module), deadline, grace, maxHeapMegabytes, onEvent });
}

interface CallLimits {
  readonly module: string;
  readonly deadline: number;
  readonly grace: number;
  readonly maxHeapMegabytes: number;
  readonly onEvent: (event: WorkerPoolEvent) => void;
}

const neverAborted = new AbortController().signal;

/**
 * Piscina runs the threads. The queue is in front of it, for its own loses calls: with no minimum of threads, what waits
 * while a thread is ended is not given to another. So it only ever gets as many calls as it may have threads.
 */
class PiscinaWorkerPool implements WorkerPool {
  readonly #gate: Gate;
  readonly #piscina: Piscina;
  readonly #limits: CallLimits;
  readonly #calls = new Map<WorkerCallState, ForcedStop>();
  #isClosing = false;

  constructor(gate: Gate, piscina: Piscina, limits: CallLimits) {
    this.#gate = gate;
    this.#piscina = piscina;
    this.#limits = limits;
    piscina.on('workerCreate', () => limits.onEvent({ type: 'worker-started' }));
    piscina.on('workerDestroy', () => limits.onEvent({ type: 'worker-ended' }));
    piscina.on('error', (error: unknown) => this.#onIdleFailure(error));
  }

  async run(call: WorkerCall, options: WorkerRunOptions = {}): Promise<unknown> {
    const module = String(call.module ?? this.#limits.module);
    if (module === '') throw workerModuleInvalid(module, 'neither the call nor the pool names a module');
    if (this.#isClosing) throw poolClosed();
    const stop = createDeadlineStop(options.signal ?? neverAborted, call.deadline ?? this.#limits.deadline);
    try {
      stop.signal.throwIfAborted();
      if (!this.#gate.tryEnter()) await this.#gate.enter(stop.signal);
      return await this.#runInThread({ ...call, module }, options, stop.signal);
    } finally {
      stop.release();
    }
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#gate.refuseWaiting(poolClosed());
    await Promise.allSettled([...this.#calls.keys()].map((call) => call.outcome));
    await this.terminate();
  }

  async terminate(): Promise<void> {
    this.#isClosing = true;
    this.#gate.refuseWaiting(poolClosed());
    for (const call of this.#calls.keys()) call.fail(poolClosed());
    await this.#piscina.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get threads(): number {
    return this.#piscina.threads.length;
  }

  get running(): number {
    return this.#gate.running;
  }

  get waiting(): number {
    return this.#gate.waiting;
  }

  /**
   * The place in the gate is given back when the thread is free or gone. An answer waits for that moment, so that a caller
   * who calls again finds the place free; a caller whose call was stopped does not wait.
   */
  #runInThread(call: NamedCall, options: WorkerRunOptions, stop: AbortSignal): Promise<unknown> {
    if (this.#isClosing) {
      this.#gate.leave();
      throw poolClosed();
    }
    const state = openWorkerCall(call, options);
    const forced = createForcedStop(state, { stop, grace: this.#limits.grace });
    this.#calls.set(state, forced);
    const free = this.#piscina
      .run(state.task, { signal: forced.signal, transferList: state.transfer })
      .catch((error: unknown) => state.fail(this.#explainEnd(error)))
      .finally(() => {
        forced.release();
        this.#calls.delete(state);
        this.#gate.leave();
      });
    return state.outcome.finally(() => {
      state.close();
      return state.stage() === 'answered' ? free : undefined;
    });
  }

  /** Calls that no thread has taken wait for the next one; when none is left, none will come. */
  #onIdleFailure(error: unknown): void {
    this.#limits.onEvent({ type: 'worker-failed', error });
    if (this.#piscina.threads.length > 0) return;
    for (const [call, forced] of this.#calls) {
      call.fail(workerNotStarted(error));
      forced.end();
    }
  }

  #explainEnd(error: unknown): unknown {
    if (this.#isClosing) return poolClosed();
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ERR_WORKER_OUT_OF_MEMORY') return workerDied(error);
    return workerOutOfMemory(this.#limits.maxHeapMegabytes, error);
  }
}
