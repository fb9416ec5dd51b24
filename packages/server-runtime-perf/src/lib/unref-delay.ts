import { setTimeout as sleep } from 'node:timers/promises';

/** What a timer can count, 24 days; it takes anything above for 1. */
const longestTimer = 2 ** 31 - 1;

/** Waits without keeping the process alive, 24 days at most. Rejects when the signal aborts. */
export function unrefDelay(milliseconds: number, signal: AbortSignal): Promise<void> {
  return sleep(Math.min(milliseconds, longestTimer), undefined, { ref: false, signal });
}
