import { putBigFile, putBytes } from './body-store.ts';
import type { BuildCache, CacheEntry, CacheHit, NewEntry } from './cache.ts';
import type { Digest } from './digest.ts';
import { describeEntry } from './empty-cache.ts';
import { dropEntry, readEntry, writeEntry } from './entry-store.ts';
import { INLINE_LIMIT, type StoredEntry } from './manifest.ts';
import { type BodySink, readOutputs } from './read-outputs.ts';
import { restoreEntry } from './restore-entry.ts';
import { addTally, LOCAL_TIER, type RunTallies } from './statistics.ts';
import { reportFailure, type Store } from './store.ts';

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
    store: async (entry) => storeEntry(store, entry),
  };
}

function openHit(store: Store, stored: StoredEntry, tier: string, onLost: () => void): CacheHit {
  return {
    entry: stored.entry,
    tier,
    restore: async (directory) => {
      try {
        const damaged = restoreEntry(store, stored, directory);
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

function storeEntry(store: Store, entry: NewEntry): CacheEntry {
  const before = store.grown;
  const inline = new Map<Digest, Buffer>();
  const sink = store.writable ? storeSink(store, inline) : undefined;
  const described = describeEntry(entry, readOutputs(entry, sink?.sink), store.now());
  if (sink === undefined || sink.failed()) return described;
  try {
    store.pinned.add(entry.key);
    if (writeEntry(store, { entry: described, inline })) {
      store.emit({ type: 'stored', key: entry.key, step: entry.step, bytes: store.grown - before });
    }
  } catch (error) {
    reportFailure(store, 'store', error);
  }
  return described;
}

/** Puts bodies into the store until one cannot be put: the entry is then not written, and the rest is only hashed. */
function storeSink(store: Store, inline: Map<Digest, Buffer>): { sink: BodySink; failed: () => boolean } {
  let failed = false;
  function attempt<T>(put: () => T): T | undefined {
    if (failed) return undefined;
    try {
      return put();
    } catch (error) {
      failed = true;
      reportFailure(store, 'store', error);
      return undefined;
    }
  }
  const sink: BodySink = {
    bytes: (digest, bytes) => {
      if (bytes.length <= INLINE_LIMIT) inline.set(digest, Buffer.from(bytes));
      else attempt(() => putBytes(store, digest, bytes));
    },
    bigFile: (file) => attempt(() => putBigFile(store, file)),
  };
  return { sink, failed: () => failed };
}
