import { LRUCache } from 'lru-cache';

/**
 * Where results are kept, as text. A store may be slow or away: a `get` that fails is a miss and a `set` that fails is
 * forgotten; neither reaches the caller.
 */
export interface ResultStore {
  get(key: string): string | undefined | Promise<string | undefined>;
  /** `ttl` in milliseconds, always positive. */
  set(key: string, text: string, options: { readonly ttl: number }): void | Promise<void>;
  delete(key: string): void | Promise<void>;
  clear(): void | Promise<void>;
}

export interface MemoryStoreOptions {
  /** Bytes of all keys and texts together; a result above a quarter of it is not kept. Default: 32 MiB. */
  readonly maxBytes?: number;
  /** Default: 10,000. */
  readonly maxEntries?: number;
  /** A monotonic clock in milliseconds, never the wall clock. Default: `performance.now`. */
  readonly now?: () => number;
}

export interface MemoryStore extends ResultStore {
  get(key: string): string | undefined;
  set(key: string, text: string, options: { readonly ttl: number }): void;
  delete(key: string): void;
  clear(): void;
  readonly bytes: number;
  readonly entries: number;
}

/** Keeps results in this process, the least recently used going first. */
export function createMemoryStore({
  maxBytes = 32 * 1024 * 1024,
  maxEntries = 10_000,
  now = () => performance.now(),
}: MemoryStoreOptions = {}): MemoryStore {
  const cache = new LRUCache<string, string>({
    max: maxEntries,
    maxSize: maxBytes,
    maxEntrySize: Math.floor(maxBytes / 4),
    sizeCalculation: (text, key) => sizeOf(key) + sizeOf(text),
    perf: { now: () => now() + 1 }, // it takes a start at 0 for none
    ttl: 1, // a default is needed for `ttl` to be tracked; every entry brings its own
    ttlResolution: 0, // ask `now` each time: no timer of the cache's own
  });

  return {
    get: (key) => cache.get(key),
    set: (key, text, { ttl }) => {
      cache.set(key, text, { ttl });
    },
    delete: (key) => {
      cache.delete(key);
    },
    clear: () => cache.clear(),
    get bytes() {
      return cache.calculatedSize;
    },
    get entries() {
      return cache.size;
    },
  };
}

/** What a string takes in V8 at most, and 1 at least as lru-cache asks: two bytes for each code unit. */
function sizeOf(text: string): number {
  return text.length * 2 + 1;
}
