export type {
  BuildCache,
  CachedFile,
  CacheEntry,
  CacheEvent,
  CacheHit,
  FileMode,
  NewEntry,
  Producer,
} from './lib/cache.ts';
export type { EvictionOrder } from './lib/choose-evictions.ts';
export { type Digest, digestOf, isDigest } from './lib/digest.ts';
export { emptyCache } from './lib/empty-cache.ts';
export type { EntryExchange, ExportedBody, ExportedEntry } from './lib/entry-exchange.ts';
export type { CacheIndex } from './lib/entry-index.ts';
export { CacheError, type CacheErrorCode } from './lib/errors.ts';
export { type FileClock, openFileClock } from './lib/file-clock.ts';
export { type FileFacts, factsOf, readFileFacts, sameFacts } from './lib/file-facts.ts';
export type { ListedEntry } from './lib/indexed-entry.ts';
export { jsonText } from './lib/json-text.ts';
export { type LocalCache, type LocalCacheOptions, openLocalCache } from './lib/local-cache.ts';
export { outputDigest } from './lib/output-digest.ts';
export type { PruneOptions, PruneReport } from './lib/prune-store.ts';
export { type Column, readSealedColumns, type SealedColumns, writeSealedColumns } from './lib/sealed-columns.ts';
export { readSealedFile, writeSealedFile } from './lib/sealed-file.ts';
export { appendJournal, dropJournal, type Journal, journalVersion, readJournal } from './lib/sealed-journal.ts';
export type { CacheCounts, CacheScope, CacheStatistics } from './lib/statistics.ts';
export type { DamagedFile, VerifyReport } from './lib/verify-store.ts';
