import type { Digest } from './digest.ts';
import { type IndexTable, readIndexTable, writeIndexTable } from './index-table.ts';
import {
  type IndexedEntry,
  type ListedEntry,
  type ManifestFacts,
  type MeasuredEntry,
  withoutManyBodies,
} from './indexed-entry.ts';
import { appendJournal, dropJournal, readJournal } from './sealed-journal.ts';
import type { StoreLayout } from './store-layout.ts';

/** What the store held when its index was last told: a hint, and a hundred times faster than asking the manifests. */
export interface CacheIndex {
  readonly size: number;
  /** `undefined` where the index has none; the store may have one nevertheless, or no more what the index has. */
  find(key: Digest): ListedEntry | undefined;
}

/** The same for the store's own housekeeping. */
export interface OpenIndex extends CacheIndex {
  /** False where there is none, or it is damaged: it is then as if the store were empty. */
  readonly whole: boolean;
  /** What the index has of an entry, if its manifest is the one that the index was told of. */
  recall(key: Digest, facts: ManifestFacts): IndexedEntry | undefined;
}

/** The index, and over it entries that it was not told of. */
export function openEntryIndex(layout: StoreLayout, added: readonly IndexedEntry[] = []): OpenIndex {
  return joinIndex(readIndexTable(layout.index), [...readLater(layout), ...added]);
}

/** Replaces the index. Throws what the file system throws. */
export function writeEntryIndex(layout: StoreLayout, entries: readonly MeasuredEntry[]): void {
  writeIndexTable(layout.index, entries.map(withoutManyBodies));
  dropJournal(layout.index);
}

/**
 * Tells the index of entries that are new, at the cost of one write. False where that could not be, or so many were added
 * that it is better written anew.
 */
export function appendEntryIndex(layout: StoreLayout, entries: readonly MeasuredEntry[]): boolean {
  return appendJournal(layout.index, JSON.stringify(entries.map(withoutManyBodies)));
}

function joinIndex(table: IndexTable | undefined, added: readonly IndexedEntry[]): OpenIndex {
  const later = new Map(added.map((entry) => [entry.key, entry]));
  const rowOf = (key: Digest): number => table?.rowOf(key) ?? -1;
  const replaced = [...later.keys()].filter((key) => rowOf(key) !== -1).length;
  return {
    whole: table !== undefined,
    size: (table?.size ?? 0) + later.size - replaced,
    find(key) {
      const own = later.size === 0 ? undefined : later.get(key);
      if (own !== undefined) return toListed(own);
      const row = rowOf(key);
      return row === -1 ? undefined : table?.listed(key, row);
    },
    recall(key, facts) {
      const own = later.get(key);
      if (own !== undefined && sameManifest(own, facts)) return own;
      const row = rowOf(key);
      return table !== undefined && row !== -1 && sameManifest(table.facts(row), facts)
        ? table.entry(key, row)
        : undefined;
    },
  };
}

/** Without what only housekeeping needs. */
export function toListed({ key, step, files, size, created, used, duration }: ListedEntry): ListedEntry {
  return { key, step, files, size, created, used, duration };
}

function sameManifest(a: ManifestFacts, b: ManifestFacts): boolean {
  return a.manifestSize === b.manifestSize && a.ino === b.ino && a.born === b.born;
}

/** What was added since the table was written. The journal's seals prove that `appendEntryIndex` wrote it. */
function readLater(layout: StoreLayout): readonly IndexedEntry[] {
  return readJournal(layout.index).texts.flatMap((text) => JSON.parse(text) as readonly IndexedEntry[]);
}
