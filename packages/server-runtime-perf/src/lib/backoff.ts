export interface BackoffOptions {
  /** Milliseconds after the first failure; doubled with each further one in a row. */
  readonly first: number;
  /** Milliseconds that no wait exceeds. */
  readonly most: number;
  readonly now: () => number;
  /** From 0 up to 1: a wait is shortened by up to half, so that many clients do not come back together. */
  readonly random: () => number;
}

/** Keeps attempts at something that fails apart. */
export interface Backoff {
  fail(error: unknown): void;
  succeed(): void;
  /** Milliseconds until the next attempt is due: 0 when it is. */
  remaining(): number;
  /** Of the latest failure. */
  readonly error: unknown;
  /** The latest attempt failed. */
  readonly isFailing: boolean;
}

export function createBackoff({ first, most, now, random }: BackoffOptions): Backoff {
  let failures = 0;
  let dueAt = 0;
  let latest: unknown;
  return {
    fail: (error) => {
      latest = error;
      if (dueAt > now()) return; // one of several attempts that were made together
      const wait = Math.min(most, first * 2 ** failures) * (1 - random() / 2);
      failures += 1;
      dueAt = now() + wait;
    },
    succeed: () => {
      failures = 0;
      dueAt = 0;
    },
    remaining: () => (failures === 0 ? 0 : Math.max(0, dueAt - now())),
    get error() {
      return latest;
    },
    get isFailing() {
      return failures > 0;
    },
  };
}
