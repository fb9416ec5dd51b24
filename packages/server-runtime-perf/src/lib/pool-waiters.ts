import { acquireTimedOut } from './errors.ts';

/** One caller that waits for a resource. */
export interface PoolWaiter<T> {
  readonly grant: (value: T) => void;
  readonly refuse: (reason: unknown) => void;
  /** Got its resource, or left. */
  readonly isSettled: () => boolean;
}

/** Callers that wait, first come first served. A caller leaves when its signal aborts or its time is up. */
export interface PoolWaiters<T> {
  wait(signal: AbortSignal | undefined): Promise<T>;
  /** The one that has waited longest and is not being served. */
  first(): PoolWaiter<T> | undefined;
  /** A resource is being checked for it: it keeps its place, and gets no other until `endServing`. */
  beginServing(waiter: PoolWaiter<T>): void;
  endServing(waiter: PoolWaiter<T>): void;
  refuseAll(reason: unknown): void;
  readonly size: number;
  /** Those that no resource is being checked for. */
  readonly unserved: number;
}

export interface PoolWaitersOptions {
  /** Milliseconds; `Infinity` for no limit. */
  readonly timeout: number;
  readonly delay: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly onTimeout: () => void;
}

export function createPoolWaiters<T>({ timeout, delay, onTimeout }: PoolWaitersOptions): PoolWaiters<T> {
  const waiters = new Set<PoolWaiter<T>>();
  const served = new Set<PoolWaiter<T>>();

  function wait(signal: AbortSignal | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const stop = new AbortController();
      const leave = () => {
        waiters.delete(waiter);
        served.delete(waiter);
        signal?.removeEventListener('abort', onAbort);
        stop.abort();
      };
      const waiter: PoolWaiter<T> = {
        isSettled: () => stop.signal.aborted,
        grant: (value) => {
          leave();
          resolve(value);
        },
        refuse: (reason) => {
          leave();
          reject(reason);
        },
      };
      const onAbort = () => waiter.refuse(signal?.reason);
      const onLate = () => {
        if (waiter.isSettled()) return;
        onTimeout();
        waiter.refuse(acquireTimedOut(timeout));
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      waiters.add(waiter);
      if (timeout !== Number.POSITIVE_INFINITY) delay(timeout, stop.signal).then(onLate, () => {});
    });
  }

  function first(): PoolWaiter<T> | undefined {
    for (const waiter of waiters) if (!served.has(waiter)) return waiter;
    return undefined;
  }

  return {
    wait,
    first,
    beginServing: (waiter) => void served.add(waiter),
    endServing: (waiter) => void served.delete(waiter),
    refuseAll: (reason) => {
      for (const waiter of waiters) waiter.refuse(reason);
    },
    get size() {
      return waiters.size;
    },
    get unserved() {
      return waiters.size - served.size;
    },
  };
}
