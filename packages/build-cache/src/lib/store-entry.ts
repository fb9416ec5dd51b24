import type { CacheEntry, NewEntry } from './cache.ts';
import type { Checksum } from './checksum.ts';
import { describeEntry } from './empty-cache.ts';
import { writeEntry } from './entry-store.ts';
import { keepOutputs } from './keep-outputs.ts';
import { encodeListing, joinManifest, listingOf } from './manifest.ts';
import { readOutputs } from './read-outputs.ts';
import { reportFailure, type Store } from './store.ts';
import { recallOutputs, watchOutputs } from './stored-outputs.ts';

/**
 * Keeps what lies in a directory. Of files that have not changed since the same step last stored them from there, neither
 * the content is read nor the body looked for: the entry that holds them vouches for it.
 */
export function storeEntry(store: Store, entry: NewEntry, checksum?: Checksum): CacheEntry {
  if (!store.writable) return describeEntry(entry, readOutputs(entry), store.now());
  const before = store.grown;
  const known = recallOutputs(store, entry);
  const watch = watchOutputs(store, entry);
  const { files, inline, checks, same, failed } = keepOutputs(store, entry, { known, watch, checksum });
  const described = describeEntry(entry, files, store.now(), same ? known : undefined);
  if (failed) return described;
  try {
    store.pinned.add(entry.key);
    const stored = { entry: described, inline, checks };
    const listing = same && known !== undefined ? listingOf(known.manifest) : encodeListing(stored);
    const manifest = joinManifest(described, listing);
    if (writeEntry(store, entry.key, manifest)) {
      store.added.set(entry.key, described);
      store.emit({ type: 'stored', key: entry.key, step: entry.step, bytes: store.grown - before });
      // What is remembered holds as long as the entry that it names is there.
      if (!same) watch.remember(stored, manifest);
    }
  } catch (error) {
    reportFailure(store, 'store', error);
  }
  return described;
}
