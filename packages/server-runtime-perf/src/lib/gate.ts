import { queueFull } from './errors.ts';

export interface GateOptions {
  /** How many may be inside at once. */
  readonly concurrency: number;
  /** How many may wait; one more is refused with `QUEUE_FULL`. */
  readonly queue: number;
}

/** Lets a bounded number in and a bounded number wait, first come first served. */
export interface Gate {
  /** Enters if there is room at once. Whoever gets `true` must `leave`. */
  tryEnter(): boolean;
  /** Waits for room. Rejects with the signal's reason, and takes no place, when the signal aborts first. */
  enter(signal: AbortSignal): Promise<void>;
  leave(): void;
  /** Turns away all who wait. */
  refuseWaiting(reason: unknown): void;
  readonly running: number;
  readonly waiting: number;
}

interface Waiter {
  readonly admit: () => void;
  readonly refuse: (reason: unknown) => void;
}

export function createGate({ concurrency, queue }: GateOptions): Gate {
  if (!(concurrency >= 1)) throw new RangeError(`Cannot limit calls: "concurrency" is ${concurrency}`);
  if (!(queue >= 0)) throw new RangeError(`Cannot limit calls: "queue" is ${queue}`);
  const waiters = new Set<Waiter>(); // in order of arrival; a waiter that gives up is removed without a search
  let running = 0;

  function tryEnter(): boolean {
    if (running >= concurrency) return false;
    running += 1;
    return true;
  }

  function wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => waiter.refuse(signal.reason);
      const waiter: Waiter = {
        admit: () => {
          signal.removeEventListener('abort', onAbort);
          waiters.delete(waiter);
          resolve();
        },
        refuse: (reason) => {
          signal.removeEventListener('abort', onAbort);
          waiters.delete(waiter);
          reject(reason);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      waiters.add(waiter);
    });
  }

  return {
    tryEnter,
    enter: async (signal) => {
      signal.throwIfAborted();
      if (tryEnter()) return;
      if (waiters.size >= queue) throw queueFull({ concurrency, queue });
      await wait(signal);
    },
    leave: () => {
      const [next] = waiters;
      if (next === undefined) running -= 1;
      else next.admit(); // the place passes on: nobody who comes later overtakes
    },
    refuseWaiting: (reason) => {
      for (const waiter of waiters) waiter.refuse(reason);
    },
    get running() {
      return running;
    },
    get waiting() {
      return waiters.size;
    },
  };
}
