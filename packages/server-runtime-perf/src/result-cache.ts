export { canonicalJson } from './lib/canonical-json.ts';
export { type ResultKeyCaller, type ResultKeyParts, resultKey } from './lib/result-key.ts';
export { createMemoryStore, type MemoryStore, type MemoryStoreOptions, type ResultStore } from './lib/result-store.ts';
export { type ResultCacheEvent, type ResultCacheOptions, withResultCache } from './lib/with-result-cache.ts';
