export type {
  BuildCache,
  CachedFile,
  CacheEntry,
  CacheEvent,
  CacheHit,
  FileMode,
  NewEntry,
} from './lib/cache.ts';
export { type Digest, digestOf, isDigest } from './lib/digest.ts';
export { emptyCache } from './lib/empty-cache.ts';
export { CacheError, type CacheErrorCode } from './lib/errors.ts';
export { jsonText } from './lib/json-text.ts';
export { type LocalCacheOptions, openLocalCache } from './lib/local-cache.ts';
export { outputDigest } from './lib/output-digest.ts';
export { readSealedFile, writeSealedFile } from './lib/sealed-file.ts';
