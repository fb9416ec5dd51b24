import { utimesSync } from 'node:fs';
import type { Store } from './store.ts';

/** Milliseconds. What was used within this time is not evicted: another process may be about to restore it. */
export const GRACE = 10 * 60_000;

/**
 * Marks a file of the store as used now, for eviction in order of use; `used` is what its times say. At most once in half
 * the grace time, so that look-ups cost no write. Its failure costs nothing but that order.
 */
export function markUsed(store: Store, file: string, used: number): void {
  const now = store.now();
  if (now - used <= GRACE / 2) return;
  try {
    utimesSync(file, now / 1000, now / 1000);
  } catch {
    // A read-only store: nothing is evicted from it either.
  }
}
