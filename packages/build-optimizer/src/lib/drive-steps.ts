import type { Scheduler } from './scheduler.ts';

/** What is done with a step, by its position, when the scheduler says so. */
export interface StepDriver {
  /** Its needs are done: true when nothing is left to do. */
  arrive(step: number): boolean;
  /** It has its slots: resolves when it is done. */
  start(step: number): Promise<void>;
  /** Told of the first failure, at once: ends what is running. */
  fail(step: number, error: unknown): void;
  readonly signal: AbortSignal | undefined;
}

export type DriveEnd =
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly step: number; readonly error: unknown }
  | { readonly type: 'cancelled'; readonly reason: unknown };

/**
 * Steps that arrive between two turns of the event loop while others run: what those wait for (a compiler, a child process)
 * goes on meanwhile.
 */
const ARRIVALS = 256;

/**
 * Drives a scheduler to its end. After the first failure, or when the signal aborts, nothing is started; resolves when all
 * that was running has ended. Never rejects.
 */
export function driveSteps(scheduler: Scheduler, driver: StepDriver): Promise<DriveEnd> {
  return new Promise((resolve) => {
    let running = 0;
    let resting = false;
    let end: DriveEnd | undefined;

    const fail = (step: number, error: unknown) => {
      if (driver.signal?.aborted) end ??= { type: 'cancelled', reason: driver.signal.reason };
      if (end !== undefined) return;
      end = { type: 'failed', step, error };
      driver.fail(step, error);
    };
    const arriveSome = () => {
      for (let count = 0; count < ARRIVALS && end === undefined; count++) {
        const step = scheduler.arrive();
        if (step === undefined) return 'all';
        try {
          if (driver.arrive(step)) scheduler.finish(step);
          else scheduler.wait(step);
        } catch (error) {
          fail(step, error);
        }
      }
      return 'some';
    };
    const startAll = () => {
      for (let step = scheduler.start(); step !== undefined; step = scheduler.start()) {
        const started = step;
        running += 1;
        driver
          .start(started)
          .then(() => scheduler.finish(started))
          .catch((error: unknown) => fail(started, error))
          .finally(() => {
            running -= 1;
            advance();
          });
      }
    };
    const advance = () => {
      if (driver.signal?.aborted && !scheduler.done()) end ??= { type: 'cancelled', reason: driver.signal.reason };
      while (end === undefined) {
        const arrived = arriveSome();
        if (end === undefined) startAll();
        if (arrived === 'all') break;
        if (running > 0) return rest();
      }
      if (running === 0) resolve(end ?? { type: 'done' });
    };
    const rest = () => {
      if (resting) return;
      resting = true;
      setImmediate(() => {
        resting = false;
        advance();
      });
    };
    advance();
  });
}
