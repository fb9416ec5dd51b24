export type { BuildCache, CachedFile, CacheEntry, CacheEvent, CacheHit, Digest, NewEntry } from './lib/cache.ts';
