export interface WithinTimeOptions<T> {
  /** Milliseconds; `Infinity` for no limit. */
  readonly timeout: number;
  readonly timedOut: (milliseconds: number) => Error;
  readonly delay: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Ends the wait as well. */
  readonly signal: AbortSignal;
  /** Takes what comes when nobody waits for it any more. */
  readonly onLate?: (value: T) => void;
}

/** Waits so long and no longer for something that takes a signal, which aborts when the wait ends without it. */
export function withinTime<T>(
  run: (signal: AbortSignal) => T | Promise<T>,
  { timeout, timedOut, delay, signal, onLate }: WithinTimeOptions<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = new AbortController();
    const timer = new AbortController();
    let isOver = false;
    const leave = (): boolean => {
      if (isOver) return false;
      isOver = true;
      timer.abort();
      signal.removeEventListener('abort', onAbort);
      return true;
    };
    const fail = (error: unknown) => {
      if (!leave()) return;
      reject(error);
      stop.abort(error);
    };
    const onAbort = () => fail(signal.reason);
    const start = async () => run(stop.signal);
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener('abort', onAbort);
    start().then((value) => (leave() ? resolve(value) : onLate?.(value)), fail);
    if (timeout !== Number.POSITIVE_INFINITY) {
      delay(timeout, timer.signal).then(
        () => fail(timedOut(timeout)),
        () => {},
      );
    }
  });
}
