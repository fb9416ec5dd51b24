/** A clock that only moves when the test says so: no test sleeps. */
export interface FakeClock {
  /** The present, in milliseconds. Pass it where code takes `now`. */
  readonly now: () => number;
  /**
   * Settles when the clock has been advanced by `milliseconds`; rejects with the signal's reason when aborted.
   * Pass it where code takes a delay.
   */
  readonly delay: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** Moves the present and settles the delays that are due, earliest first; each may start new ones within the time. */
  advance(milliseconds: number): Promise<void>;
  /** Delays that nobody has settled yet, in milliseconds from now, earliest first. */
  pending(): readonly number[];
}

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

/** A clock that starts at `start` (milliseconds) and stands still until `advance`. */
export function fakeClock(start = 0): FakeClock {
  let present = start;
  let sleepers: readonly Sleeper[] = [];

  const delay = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const sleeper: Sleeper = {
        due: present + milliseconds,
        wake: () => {
          signal?.removeEventListener('abort', stop);
          resolve();
        },
      };
      const stop = () => {
        sleepers = sleepers.filter((other) => other !== sleeper);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', stop, { once: true });
      sleepers = [...sleepers, sleeper].sort((a, b) => a.due - b.due);
    });

  return {
    now: () => present,
    delay,
    pending: () => sleepers.map((sleeper) => sleeper.due - present),
    async advance(milliseconds) {
      const end = present + milliseconds;
      for (let next = sleepers[0]; next && next.due <= end; next = sleepers[0]) {
        sleepers = sleepers.slice(1);
        present = next.due;
        next.wake();
        await settled();
      }
      present = end;
      await settled();
    },
  };
}

/** Lets everything that was waiting for a resolved promise run, whatever the depth of the chain. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
