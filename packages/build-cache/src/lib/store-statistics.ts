import { measureEntries } from './list-entries.ts';
import { type CacheStatistics, cacheScope, type Tallies } from './statistics.ts';
import type { StoreLayout } from './store-layout.ts';
import { walkStore } from './walk-store.ts';

/** Joins what was counted with what the store holds now. */
export function measureStatistics(layout: StoreLayout, run: Tallies, all: Tallies): CacheStatistics {
  const sizes = new Map<string, number>();
  let total = 0;
  for (const { step, size, manifestSize } of measureEntries(layout)) {
    sizes.set(step, (sizes.get(step) ?? 0) + size);
    total += manifestSize;
  }
  for (const shard of walkStore(layout.bodies)) for (const { size } of shard) total += size;
  return { run: cacheScope(run, sizes, total), all: cacheScope(all, sizes, total) };
}
