import type { MeasuredEntry } from './indexed-entry.ts';
import { storedBytes } from './list-entries.ts';
import { type CacheStatistics, cacheScope, type Tallies } from './statistics.ts';

export interface CountedTallies {
  readonly run: Tallies;
  readonly last: Tallies | undefined;
  readonly all: Tallies;
}

/** Joins what was counted with what the store holds now. */
export function joinStatistics(entries: readonly MeasuredEntry[], { run, last, all }: CountedTallies): CacheStatistics {
  const sizes = new Map<string, number>();
  for (const { step, size } of entries) sizes.set(step, (sizes.get(step) ?? 0) + size);
  const total = storedBytes(entries);
  const scope = (tallies: Tallies) => cacheScope(tallies, sizes, total);
  return { run: scope(run), ...(last !== undefined && { last: scope(last) }), all: scope(all) };
}
