/** How long a run may be kept waiting. */
export interface Patience {
  /** Waits for something; rejects with the abort reason when patience is over. */
  wait<T>(promise: Promise<T>): Promise<T>;
  /** Tells of progress: bytes that came or went. */
  progress(bytes: number): void;
  /** Of which it was told so far. */
  bytes(): number;
  /** Aborted when patience is over, with the error that `onOver` made. */
  readonly signal: AbortSignal;
  /** Ends all that is still going on. */
  end(): void;
}

export interface PatienceOptions {
  /** Milliseconds in all that the run may wait without anything moving. */
  readonly limit: number;
  /** Bytes per second that a remote must bring for the wait to go on longer. */
  readonly rate: number;
  readonly onOver: (waited: number) => Error;
}

/** Milliseconds between two looks at the clock. */
const TICK = 100;

/**
 * Bounds what a remote costs a run: the time in which the run waits for it, however many waits there are and however they
 * overlap, is at most `limit` and the time that its bytes take at `rate`. A remote that hangs, trickles or is retried for
 * ever costs `limit`, once. Where the run's own work keeps it from looking at the clock, that is not the remote's fault: of
 * such a time two ticks count.
 */
export function createPatience({ limit, rate, onOver }: PatienceOptions): Patience {
  const controller = new AbortController();
  const { signal } = controller;
  const tick = Math.min(TICK, Math.max(1, limit / 4));
  let waiting = 0;
  let waited = 0;
  let since = 0;
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;
  const count = (): void => {
    const now = performance.now();
    waited += Math.min(now - since, 2 * tick);
    since = now;
  };
  const look = (): void => {
    count();
    if (waited >= limit + (bytes / rate) * 1000) controller.abort(onOver(waited));
  };
  const check = (): void => {
    look();
    if (!signal.aborted) timer = setTimeout(check, tick);
  };
  return {
    signal,
    progress: (more) => {
      bytes += more;
    },
    bytes: () => bytes,
    end: () => controller.abort(new Error('The run is over')),
    async wait(promise) {
      if (waiting++ === 0) {
        since = performance.now();
        timer = setTimeout(check, tick);
      }
      try {
        return await raceAbort(promise, signal);
      } finally {
        if (--waiting === 0) {
          clearTimeout(timer);
          // Waits that end before the first tick count as well.
          look();
        }
      }
    },
  };
}

async function raceAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
