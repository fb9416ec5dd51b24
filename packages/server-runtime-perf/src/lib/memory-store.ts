import { LRUCache } from 'lru-cache';
import type { ResultStore, SetOptions, StoredResult } from './result-store.ts';

export interface MemoryStoreOptions {
  /** Bytes of all keys and texts together; a result above a quarter of it is not kept. Default: 32 MiB. */
  readonly maxBytes?: number;
  /** Default: 10,000. */
  readonly maxEntries?: number;
  /** A monotonic clock in milliseconds, never the wall clock. Default: `performance.now`. */
  readonly now?: () => number;
}

export interface MemoryStore extends ResultStore {
  peek(key: string): StoredResult | undefined;
  get(key: string): StoredResult | undefined;
  set(key: string, text: string, options: SetOptions): void;
  delete(key: string): void;
  clear(tag?: string): void;
  epoch(tag?: string): string;
  readonly bytes: number;
  readonly entries: number;
}

interface Entry {
  readonly text: string;
  readonly tag: string | undefined;
  /** By `now`: stale from here on, and gone. */
  readonly staleAt: number;
  readonly endsAt: number;
}

/** Keeps results in this process, the least recently used going first. */
export function createMemoryStore({
  maxBytes = 32 * 1024 * 1024,
  maxEntries = 10_000,
  now = () => performance.now(),
}: MemoryStoreOptions = {}): MemoryStore {
  const cache = new LRUCache<string, Entry>({
    max: maxEntries,
    maxSize: maxBytes,
    maxEntrySize: Math.floor(maxBytes / 4),
    sizeCalculation: ({ text }, key) => sizeOf(key) + sizeOf(text),
  });
  const epochs = createEpochs();

  const get = (key: string): StoredResult | undefined => {
    const entry = cache.get(key);
    if (entry === undefined) return undefined;
    const at = now();
    if (at <= entry.endsAt) return { text: entry.text, fresh: entry.staleAt - at, source: 'near' };
    cache.delete(key);
    return undefined;
  };

  return {
    peek: get,
    get,
    set: (key, text, { ttl, stale = 0, tag, epoch }) => {
      if (epoch !== undefined && epoch !== epochs.current(tag)) return;
      const staleAt = now() + ttl;
      cache.set(key, { text, tag, staleAt, endsAt: staleAt + stale });
    },
    delete: (key) => {
      cache.delete(key);
    },
    clear: (tag) => {
      epochs.next(tag);
      if (tag === undefined) return cache.clear();
      for (const [key, entry] of cache.entries()) if (entry.tag === tag) cache.delete(key);
    },
    epoch: epochs.current,
    get bytes() {
      return cache.calculatedSize;
    },
    get entries() {
      return cache.size;
    },
  };
}

/** Counts the clears of each tag. */
function createEpochs(): { current(tag?: string): string; next(tag?: string): void } {
  const tags = new Map<string, number>();
  let all = 0;
  return {
    current: (tag) => `${all}.${tag === undefined ? 0 : (tags.get(tag) ?? 0)}`,
    next: (tag) => {
      if (tag !== undefined) return void tags.set(tag, (tags.get(tag) ?? 0) + 1);
      all += 1;
      tags.clear();
    },
  };
}

/** What a string takes in V8 at most, and 1 at least as lru-cache asks: two bytes for each code unit. */
function sizeOf(text: string): number {
  return text.length * 2 + 1;
}
