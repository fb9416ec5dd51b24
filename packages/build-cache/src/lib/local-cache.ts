import { randomUUID } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import type { BuildCache, CacheEvent } from './cache.ts';
import type { EvictionOrder } from './choose-evictions.ts';
import { type EntryExchange, entryExchange } from './entry-exchange.ts';
import type { CacheIndex } from './entry-index.ts';
import { codeOf } from './errors.ts';
import { addGrowth, readGrowth, writeGrowth } from './growth.ts';
import type { ListedEntry } from './indexed-entry.ts';
import { listEntries } from './list-entries.ts';
import { localTier } from './local-tier.ts';
import { DEFAULT_RETENTION, defaultMaxBytes, type PruneOptions, type PruneReport, pruneStore } from './prune-store.ts';
import { type CacheStatistics, createTallies, mergeTallies, type Tallies } from './statistics.ts';
import { readLastTallies, readTallies, writeTallies } from './statistics-files.ts';
import { createStore, type Store } from './store.ts';
import { measureStore, openStoreIndex, tellIndex } from './store-index.ts';
import { type StoreLayout, storeLayout } from './store-layout.ts';
import { joinStatistics } from './store-statistics.ts';
import { type VerifyReport, verifyStore } from './verify-store.ts';

export interface LocalCacheOptions {
  /** Absolute. Made when there is something to keep. */
  readonly directory: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onEvent?: (event: CacheEvent) => void;
  /** Bytes that `close` keeps the store below. Default: the smaller of 10 GB and a tenth of the disk. */
  readonly maxBytes?: number;
  /** Which entries `close` evicts first: see `PruneOptions`. Default: `worth`. */
  readonly order?: EvictionOrder;
  /**
   * Restores files as read-only hard links to what the store holds, where they are not executable: no space, and a quarter
   * less CPU than copies of thousands of files. Who writes to such a file in place writes to the store and to every link to
   * it. That is found out before it is restored again, and is then a miss. For outputs that nobody edits and that a step
   * removes before it writes them. Default: false.
   */
  readonly links?: boolean;
  /** Milliseconds after which `close` evicts an entry that nobody used. Default: 30 days. */
  readonly retention?: number;
}

/** A build cache in a directory, and its housekeeping. Unlike the cache itself, these throw what the file system throws. */
export interface LocalCache extends BuildCache {
  /** How well it served: this run, the last one that ended, and all whose statistics were written. */
  stats(): Promise<CacheStatistics>;
  /** What it holds, last used first. */
  list(): Promise<ListedEntry[]>;
  /** What its index says that it holds: for thousands of look-ups that need no manifest. */
  index(): Promise<CacheIndex>;
  /** Reads all of it and puts aside what is damaged. */
  verify(options?: { readonly signal?: AbortSignal }): Promise<VerifyReport>;
  /** Evicts down to the given limits, or its own. Entries that this run stored or found stay. */
  prune(options?: PruneOptions): Promise<PruneReport>;
  /** Entries in and out as they lie here: for remote tiers. */
  readonly exchange: EntryExchange;
  /** Removes everything, statistics too. Running builds of other processes go on without a cache. */
  clear(): Promise<void>;
}

/** Milliseconds between sweeps of a store that is below its limit. */
const SWEEP_EVERY = 24 * 3600_000;

/**
 * A content-addressed store in a directory that many processes share. All of it is verified when it is read. File access
 * is synchronous: see `withFile`.
 */
export function openLocalCache({
  directory,
  now,
  onEvent = () => {},
  links = false,
  ...limits
}: LocalCacheOptions): LocalCache {
  const store = createStore(storeLayout(directory), { now, emit: onEvent, links });
  const tallies = createTallies();
  let written = false;
  return {
    ...localTier(store, tallies),
    exchange: entryExchange(store, tallies),
    stats: async () => {
      const before = readTallies(store.layout);
      const all = written ? before : mergeTallies([before, tallies]);
      const last = readLastTallies(store.layout);
      return joinStatistics(measureStore(store).entries, { run: tallies, last, all });
    },
    list: async () => listEntries(measureStore(store).entries),
    index: async () => openStoreIndex(store),
    verify: async (options) => verifyStore(store, options?.signal),
    prune: async (options) => pruneStore(store, { ...limits, ...options }),
    clear: async () => {
      clearStore(store.layout);
      store.prepared = false;
      store.added.clear();
    },
    close: async () => {
      if (written) return;
      written = true;
      finishRun(store, tallies, limits);
    },
  };
}

/** What a run leaves for the next: its statistics, and a store within its limits. Nothing of it is worth a failure. */
function finishRun(store: Store, tallies: Tallies, limits: PruneOptions): void {
  try {
    if (store.writable) writeTallies(store.layout, tallies);
    if (store.grown > 0) {
      addGrowthOrStart(store);
      if (needsSweep(store, limits)) pruneStore(store, limits);
      tellIndex(store);
    }
    if (store.prepared) rmSync(store.staging, { recursive: true, force: true });
    store.prepared = false;
  } catch {
    // A store that cannot be written: whoever stored something was told already.
  }
}

function addGrowthOrStart(store: Store): void {
  if (readGrowth(store.layout) === undefined) writeGrowth(store.layout, { swept: store.now(), bytes: store.grown });
  else addGrowth(store.layout, store.grown);
}

/** At most one sweep for each tenth of the limit that was stored, or a day: that bounds its cost per build. */
function needsSweep({ layout, now }: Store, limits: PruneOptions): boolean {
  const { maxBytes = defaultMaxBytes(layout), retention = DEFAULT_RETENTION } = limits;
  const growth = readGrowth(layout);
  if (growth === undefined || growth.bytes > maxBytes) return true;
  return Math.abs(now() - growth.swept) > Math.min(SWEEP_EVERY, retention);
}

/** Renamed away first, so that no other process sees half a store. */
function clearStore(layout: StoreLayout): void {
  const trash = `${layout.root}/trash-${randomUUID()}`;
  try {
    renameSync(layout.store, trash);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  rmSync(trash, { recursive: true, force: true });
}
