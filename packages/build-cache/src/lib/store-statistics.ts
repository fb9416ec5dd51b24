import { measureEntries } from './list-entries.ts';
import { type CacheStatistics, cacheScope, type Tallies } from './statistics.ts';
import type { StoreLayout } from './store-layout.ts';
import { walkStore } from './walk-store.ts';

export interface CountedTallies {
  readonly run: Tallies;
  readonly last: Tallies | undefined;
  readonly all: Tallies;
}

/** Joins what was counted with what the store holds now. */
export function measureStatistics(layout: StoreLayout, { run, last, all }: CountedTallies): CacheStatistics {
  const sizes = new Map<string, number>();
  let total = 0;
  for (const { step, size, manifestSize } of measureEntries(layout)) {
    sizes.set(step, (sizes.get(step) ?? 0) + size);
    total += manifestSize;
  }
  for (const shard of walkStore(layout.bodies)) for (const { size } of shard) total += size;
  const scope = (tallies: Tallies) => cacheScope(tallies, sizes, total);
  return { run: scope(run), ...(last !== undefined && { last: scope(last) }), all: scope(all) };
}
