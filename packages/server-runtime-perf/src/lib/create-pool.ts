import { ResourcePool } from './resource-pool.ts';
import { unrefDelay } from './unref-delay.ts';

export interface PoolOptions<T> {
  /**
   * Opens a resource. Its signal aborts when it takes longer than `openTimeout` or the pool closes; what comes after
   * that is closed again. `lost` may be called at any later time, when the resource itself tells that it is broken: an
   * idle one is replaced at once, a borrowed one when it comes back.
   */
  readonly open: (options: {
    readonly signal: AbortSignal;
    readonly lost: (error?: unknown) => void;
  }) => T | Promise<T>;
  readonly close?: (resource: T) => void | Promise<void>;
  /** Tells whether a resource still works: `false` or a failure mean that it does not. */
  readonly check?: (resource: T, options: { readonly signal: AbortSignal }) => unknown;
  /** Kept open, once the pool is in use. Nothing is opened before the first call. Default: 0. */
  readonly min?: number;
  /** Open and opening, those that are being closed not counted. Default: 10. */
  readonly max?: number;
  /** Milliseconds after which a resource above `min` that nobody used is closed. Default: 30,000. */
  readonly idleTimeout?: number;
  /** Milliseconds that a caller waits at most, `Infinity` for no limit. Default: 5,000. */
  readonly acquireTimeout?: number;
  /** Milliseconds that opening may take. Default: 10,000. */
  readonly openTimeout?: number;
  /** Milliseconds that a check may take. Default: 1,000. */
  readonly checkTimeout?: number;
  /**
   * Milliseconds after which a resource is replaced when it is not in use, `Infinity` for never. Each lives up to a
   * tenth less, at random, so that what was opened together does not end together. Default: 1,800,000.
   */
  readonly maxLifetime?: number;
  /** Milliseconds without use after which a resource is checked before it is handed out. Default: 1,000. */
  readonly checkAfterIdle?: number;
  /** Callers that may wait for one that is in use; one more is refused with `QUEUE_FULL`. Default: 100. */
  readonly queue?: number;
  /** Milliseconds between attempts to open after failures: doubled from the first to the most. Default: 100 to 2,000. */
  readonly retryDelay?: { readonly first: number; readonly most: number };
  /** A monotonic clock in milliseconds. Default: `performance.now`. */
  readonly now?: () => number;
  /** Settles after so many milliseconds by the clock of `now`. Default: a timer that does not keep the process alive. */
  readonly delay?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** From 0 up to 1. Default: `Math.random`. */
  readonly random?: () => number;
  readonly onEvent?: (event: PoolEvent) => void;
}

export type PoolEvent =
  | { readonly type: 'opened'; readonly milliseconds: number }
  /** `retryIn`: milliseconds before the pool tries again. */
  | { readonly type: 'open-failed'; readonly error: unknown; readonly retryIn: number }
  | { readonly type: 'closed'; readonly reason: 'idle' | 'lifetime' | 'broken' | 'shutdown' }
  /** A resource was lost, did not pass its check, or was discarded: `closed` follows. */
  | { readonly type: 'broken'; readonly error: unknown }
  | { readonly type: 'close-failed'; readonly error: unknown }
  | { readonly type: 'acquire-timed-out' | 'queue-full' };

export interface PoolStats {
  /** Open and opening. */
  readonly size: number;
  readonly idle: number;
  /** Borrowed, or being checked for a caller. */
  readonly busy: number;
  readonly opening: number;
  /** Callers without a resource. */
  readonly waiting: number;
}

/** A borrowed resource. It goes back once: further calls do nothing. */
export interface Lease<T> extends Disposable {
  readonly resource: T;
  /** Gives it back. */
  release(): void;
  /** Gives it back broken: it is closed, and replaced where somebody waits for it. */
  discard(error?: unknown): void;
}

/** Resources that are costly to open, lent to one caller at a time. */
export interface Pool<T> extends AsyncDisposable {
  /**
   * Borrows a resource: `using lease = await pool.acquire()`.
   *
   * @throws {RuntimePerfError} QUEUE_FULL, ACQUIRE_TIMEOUT, POOL_OPEN_FAILED, POOL_CLOSED; or the signal's reason.
   */
  acquire(options?: { readonly signal?: AbortSignal | undefined }): Promise<Lease<T>>;
  /**
   * Borrows a resource for one function. Where that fails, the resource is checked before it is used again, or without
   * a `check` replaced: who knows that it is sound borrows by `acquire`.
   */
  use<R>(
    run: (resource: T) => R | Promise<R>,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<Awaited<R>>;
  stats(): PoolStats;
  /**
   * Refuses new and waiting callers, closes what is idle, and waits for what is borrowed: `timeout` milliseconds
   * (default: 5,000), then closes that too.
   */
  close(options?: { readonly timeout?: number }): Promise<void>;
}

export type PoolSettings<T> = Required<Omit<PoolOptions<T>, 'check'>> & Pick<PoolOptions<T>, 'check'>;

/** Makes a pool. It opens nothing before the first call. */
export function createPool<T>(options: PoolOptions<T>): Pool<T> {
  const settings: PoolSettings<T> = {
    close: () => {},
    min: 0,
    max: 10,
    idleTimeout: 30_000,
    acquireTimeout: 5000,
    openTimeout: 10_000,
    checkTimeout: 1000,
    maxLifetime: 1_800_000,
    checkAfterIdle: 1000,
    queue: 100,
    retryDelay: { first: 100, most: 2000 },
    now: () => performance.now(),
    delay: unrefDelay,
    random: Math.random,
    onEvent: () => {},
    ...options,
  };
  checkSettings(settings);
  return new ResourcePool(settings);
}

function checkSettings<T>(settings: PoolSettings<T>): void {
  const { min, max, queue } = settings;
  if (!(Number.isInteger(max) && max >= 1)) throw new RangeError(`Cannot make a pool: "max" is ${max}`);
  if (!(Number.isInteger(min) && min >= 0 && min <= max)) {
    throw new RangeError(`Cannot make a pool: "min" is ${min} and "max" is ${max}`);
  }
  if (!(queue >= 0)) throw new RangeError(`Cannot make a pool: "queue" is ${queue}`);
  for (const name of ['acquireTimeout', 'openTimeout', 'checkTimeout', 'maxLifetime', 'idleTimeout'] as const) {
    if (!(settings[name] > 0)) throw new RangeError(`Cannot make a pool: "${name}" is ${settings[name]}`);
  }
  if (!(settings.checkAfterIdle >= 0)) {
    throw new RangeError(`Cannot make a pool: "checkAfterIdle" is ${settings.checkAfterIdle}`);
  }
}
