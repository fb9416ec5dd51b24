import type { BuildCache, CacheHit } from './cache.ts';
import { loadChecksum } from './checksum.ts';
import { dropEntry, readEntry } from './entry-store.ts';
import type { StoredEntry } from './manifest.ts';
import { restoreEntry } from './restore-entry.ts';
import { addTally, LOCAL_TIER, type RunTallies } from './statistics.ts';
import { reportFailure, type Store } from './store.ts';
import { storeEntry } from './store-entry.ts';
import { MANY_FILES } from './stored-outputs.ts';

/** The two halves of a build cache over a local store. What they count goes into `tallies`. */
export function localTier(store: Store, tallies: RunTallies): Pick<BuildCache, 'lookup' | 'store'> {
  return {
    lookup: async (key, step) => {
      const stored = readEntry(store, key);
      if (stored === undefined) {
        addTally(tallies.steps, step ?? '', [0, 1, 0, 0]);
        addTally(tallies.tiers, LOCAL_TIER, [0, 1, 0, 0]);
        store.emit({ type: 'miss', key, tier: LOCAL_TIER, ...(step === undefined ? {} : { step }) });
        return undefined;
      }
      const { entry } = stored;
      store.pinned.add(key);
      const tier = store.origins.get(key) ?? LOCAL_TIER;
      addTally(tallies.steps, entry.step, [1, 0, entry.duration, 0]);
      addTally(tallies.tiers, tier, [1, 0, entry.duration, 0]);
      if (tier !== LOCAL_TIER) addTally(tallies.tiers, LOCAL_TIER, [0, 1, 0, 0]);
      store.emit({ type: 'hit', key, step: entry.step, tier, saved: entry.duration });
      return openHit(store, stored, tier, () => {
        addTally(tallies.steps, entry.step, [-1, 1, -entry.duration, 0]);
        addTally(tallies.tiers, tier, [-1, 1, -entry.duration, 0]);
      });
    },
    store: async (entry) =>
      storeEntry(store, entry, entry.paths.length < MANY_FILES ? undefined : await loadChecksum()),
  };
}

function openHit(store: Store, stored: StoredEntry, tier: string, onLost: () => void): CacheHit {
  return {
    entry: stored.entry,
    tier,
    restore: async (directory) => {
      try {
        const checksum = stored.checks === '' ? undefined : await loadChecksum();
        const damaged = restoreEntry(store, stored, { directory, checksum });
        if (damaged === undefined) return true;
        dropEntry(store, stored.entry.key, `the body of "${damaged.path}" is missing or damaged`);
      } catch (error) {
        reportFailure(store, 'restore', error);
      }
      onLost();
      return false;
    },
  };
}
