export { canonicalJson } from './lib/canonical-json.ts';
export { createMemoryStore, type MemoryStore, type MemoryStoreOptions } from './lib/memory-store.ts';
export {
  createResultCacheCounter,
  type ResultCacheCounter,
  type ResultCacheCounts,
  type ResultCacheEvent,
} from './lib/result-cache-events.ts';
export type { ResultCacheOptions, ResultCodec } from './lib/result-cache-options.ts';
export {
  createResultKey,
  type ResultKeyBase,
  type ResultKeyCaller,
  type ResultKeyParts,
  resultKey,
} from './lib/result-key.ts';
export type { ResultStore, SetOptions, StoredResult } from './lib/result-store.ts';
export { withResultCache } from './lib/with-result-cache.ts';
