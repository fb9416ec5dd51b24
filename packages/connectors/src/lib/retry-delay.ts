export interface RetryDelayOptions {
  /** Which attempt has failed, from 1. */
  readonly attempt: number;
  readonly retryDelay: { readonly first: number; readonly most: number };
  readonly random: () => number;
}

/** Full jitter: anything from 0 to a bound that doubles, so that clients that failed together do not come back together. */
export function jitteredDelay({ attempt, retryDelay: { first, most }, random }: RetryDelayOptions): number {
  return Math.floor(Math.min(most, first * 2 ** (attempt - 1)) * random());
}

/** Milliseconds that `retry-after` asks for: seconds or a date (RFC 9110, 10.2.3). `undefined` where it says neither. */
export function readRetryAfter(value: string | undefined, now: () => number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now());
}
