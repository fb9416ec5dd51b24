export interface CircuitOptions {
  /** Milliseconds that one question may take. */
  readonly timeout: number;
  /** Milliseconds without a question after a failure; doubled by each further one, up to `longestPause`. */
  readonly pause: number;
  readonly longestPause: number;
  /** A monotonic clock in milliseconds. */
  readonly now: () => number;
  /** Once when it stops answering, and once when it answers again. */
  readonly onDown: (error: unknown) => void;
  readonly onUp: () => void;
}

/** Asks something that may be away, without ever waiting for long. */
export interface Circuit {
  /** `undefined` where it did not answer in time, failed, or has failed a moment ago. After a pause one call tries. */
  ask<T extends object>(question: () => Promise<T>): Promise<T | undefined>;
  readonly isUp: boolean;
}

export function createCircuit({ timeout, pause, longestPause, now, onDown, onUp }: CircuitOptions): Circuit {
  let isUp = true;
  let nextPause = pause;
  let askAgainAt = 0;
  let probing = false;

  function fail(error: unknown, asProbe: boolean): void {
    if (!isUp && !asProbe) return; // one of many that were on their way
    askAgainAt = now() + nextPause;
    nextPause = Math.min(nextPause * 2, longestPause);
    if (isUp) onDown(error);
    isUp = false;
  }

  function recover(): void {
    nextPause = pause;
    isUp = true;
    onUp();
  }

  return {
    get isUp() {
      return isUp;
    },
    ask: async (question) => {
      const asProbe = !isUp;
      if (asProbe && (probing || now() < askAgainAt)) return undefined;
      probing = asProbe;
      try {
        const answer = await within(timeout, question);
        if (asProbe) recover();
        return answer;
      } catch (error) {
        fail(error, asProbe);
        return undefined;
      } finally {
        if (asProbe) probing = false;
      }
    },
  };
}

/** Rejects what takes longer than `milliseconds`. What this process itself was too busy to read counts as in time. */
export function within<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new Error(`no answer within ${milliseconds} ms`));
    const timer = setTimeout(() => setImmediate(giveUp), milliseconds);
    work()
      .finally(() => clearTimeout(timer))
      .then(resolve, reject);
  });
}
