import { isDeepStrictEqual } from 'node:util';
import { appendEntryIndex, type OpenIndex, openEntryIndex, writeEntryIndex } from './entry-index.ts';
import { type IndexedEntry, type MeasuredEntry, withoutManyBodies } from './indexed-entry.ts';
import { factsOf, indexedEntry, type MeasuredStore, measureEntries } from './list-entries.ts';
import type { Store } from './store.ts';
import { entryPath } from './store-layout.ts';
import { readStoredFile } from './walk-store.ts';

/** The index as it is now, with what this run added; made from the manifests where there is none. */
export function openStoreIndex(store: Store): OpenIndex {
  const index = openEntryIndex(store.layout, addedEntries(store));
  if (index.whole) return index;
  measureStore(store);
  return openEntryIndex(store.layout, addedEntries(store));
}

/** What lies in the store. The index is mended where it says something else; its failure costs nothing but that. */
export function measureStore(store: Store): MeasuredStore {
  const measured = measureEntries(store.layout, openEntryIndex(store.layout, addedEntries(store)));
  if (!measured.indexed || store.added.size > 0) replaceIndex(store, measured.entries);
  return measured;
}

/** Whether the index says what the manifests do, asked one by one. Where it does not, it is made anew. */
export function verifyIndex(store: Store): boolean {
  const { entries } = measureEntries(store.layout, undefined);
  const index = openEntryIndex(store.layout, addedEntries(store));
  const right =
    index.size === entries.length && entries.every((entry) => isSame(entry, index.recall(entry.key, entry)));
  if (!right) replaceIndex(store, entries);
  return right;
}

/** When an entry was used, its manifest's file says. */
function isSame(entry: MeasuredEntry, indexed: IndexedEntry | undefined): boolean {
  return indexed !== undefined && isDeepStrictEqual({ ...withoutManyBodies(entry), used: 0 }, { ...indexed, used: 0 });
}

/** Never throws: without an index, the manifests are read. */
export function replaceIndex(store: Store, entries: readonly MeasuredEntry[]): void {
  if (!store.writable) return;
  try {
    writeEntryIndex(store.layout, entries);
    store.added.clear();
  } catch {
    // A store that cannot be written.
  }
}

/** Tells the index of what this run added. Where it was not told of others, or of too many, it is made anew. */
export function tellIndex(store: Store): void {
  if (store.added.size === 0) return;
  if (!appendEntryIndex(store.layout, addedEntries(store))) measureStore(store);
  store.added.clear();
}

function addedEntries({ layout, added }: Store): MeasuredEntry[] {
  return [...added.values()].flatMap((entry) => {
    const stored = readStoredFile(entryPath(layout, entry.key), entry.key);
    return stored === undefined ? [] : [indexedEntry(entry, { ...factsOf(stored), used: stored.used })];
  });
}
