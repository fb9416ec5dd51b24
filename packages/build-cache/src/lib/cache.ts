import type { Digest } from './digest.ts';

/** Which program made an entry, and in which form of its own: what the key stands for too, here to be read. */
export interface Producer {
  /** As much of its version as results depend on: `1.x`. */
  readonly generator: string;
  /** The format of the step's results. */
  readonly format: number;
}

/** What the cache keeps for one key: files, and a small JSON value for results that are not files. */
export interface CacheEntry {
  readonly key: Digest;
  /** Sorted bytewise by path. */
  readonly files: readonly CachedFile[];
  readonly value: unknown;
  /** Digest of files and value: what dependents put into their own keys. */
  readonly output: Digest;
  /** Which step made it, for statistics and explanations. */
  readonly step: string;
  /** Milliseconds it took to make: what a hit saves. */
  readonly duration: number;
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly producer?: Producer;
}

export interface CachedFile {
  /** Relative, `/`, no `..`. */
  readonly path: string;
  readonly digest: Digest;
  readonly size: number;
  /** Only the owner's exec bit is kept, so that no umask shows in a digest. */
  readonly mode: FileMode;
}

export type FileMode = 0o644 | 0o755;

/**
 * The one interface of a build cache: local, remote, chained or empty. Lookup returns a hit; only its `restore` touches
 * the project. A cache never throws for its own trouble: it reports an event and misses.
 */
export interface BuildCache {
  /** Says that this will be looked up soon: what lies far may come meanwhile. */
  expect?(key: Digest): void;
  /** `step` is who asks: misses are counted under it. */
  lookup(key: Digest, step?: string): Promise<CacheHit | undefined>;
  /**
   * Stores what lies in `directory` under `paths`; first writer wins. Resolves to the entry of what lies there now,
   * whether it was kept or not. Throws `CacheError` only for the caller's mistakes: an output that is missing, is no
   * regular file, or has a name that could not be restored; a value that is not JSON.
   */
  store(entry: NewEntry): Promise<CacheEntry>;
  /** Writes what is pending (statistics, eviction). The cache may not be used afterwards. */
  close(): Promise<void>;
}

export interface CacheHit {
  readonly entry: CacheEntry;
  readonly tier: string;
  /**
   * Writes the files below `directory`: all are verified beside it first, then each is renamed into place. Resolves
   * false, with nothing touched, when the entry is damaged (it is then dropped) or the files cannot be written.
   */
  restore(directory: string): Promise<boolean>;
}

export interface NewEntry {
  readonly key: Digest;
  readonly step: string;
  /** Absolute; where the files lie. */
  readonly directory: string;
  readonly paths: readonly string[];
  /** JSON; `undefined` is kept as `null`. */
  readonly value: unknown;
  readonly duration: number;
  readonly producer?: Producer | undefined;
}

export type CacheEvent =
  | { readonly type: 'hit'; readonly key: Digest; readonly step: string; readonly tier: string; readonly saved: number }
  | { readonly type: 'miss'; readonly key: Digest; readonly tier: string; readonly step?: string }
  | { readonly type: 'stored'; readonly key: Digest; readonly step: string; readonly bytes: number }
  /** What was found in the store is not what was put there. It is gone now; the step runs again. */
  | { readonly type: 'damaged'; readonly key: Digest; readonly reason: string }
  | { readonly type: 'evicted'; readonly key: Digest; readonly bytes: number }
  /** The cache could not do its work (disk full, no permission): the build goes on without. */
  | {
      readonly type: 'failed';
      readonly operation: string;
      readonly message: string;
      /** What to do about it, where that is known. */
      readonly hint?: string;
    };
