/** A content digest as OCI writes it. A template literal, so that two copies of this package agree on it. */
export type Digest = `sha256:${string}`;

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
}

export interface CachedFile {
  /** Relative, `/`, no `..`. */
  readonly path: string;
  readonly digest: Digest;
  readonly size: number;
  readonly mode: 0o644 | 0o755;
}

/**
 * The one interface of a build cache: local, remote, chained or empty. Lookup returns a hit; only its `restore` touches
 * the project. A cache never throws for its own trouble: it reports an event and misses.
 */
export interface BuildCache {
  lookup(key: Digest): Promise<CacheHit | undefined>;
  /** Stores what lies in `directory` under `paths`; first writer wins. Resolves to the entry, whether it was kept or not. */
  store(entry: NewEntry): Promise<CacheEntry>;
  close(): Promise<void>;
}

export interface CacheHit {
  readonly entry: CacheEntry;
  readonly tier: string;
  /** Writes the files below `directory`, each verified, atomically per file. Resolves false, and drops the entry, when it is damaged. */
  restore(directory: string): Promise<boolean>;
}

export interface NewEntry {
  readonly key: Digest;
  readonly step: string;
  /** Absolute; where the files lie. */
  readonly directory: string;
  readonly paths: readonly string[];
  readonly value: unknown;
  readonly duration: number;
}

export type CacheEvent =
  | { readonly type: 'hit'; readonly key: Digest; readonly step: string; readonly tier: string; readonly saved: number }
  | { readonly type: 'miss'; readonly key: Digest; readonly tier: string }
  | { readonly type: 'stored'; readonly key: Digest; readonly step: string; readonly bytes: number }
  | { readonly type: 'damaged'; readonly key: Digest; readonly reason: string }
  | { readonly type: 'evicted'; readonly key: Digest; readonly bytes: number }
  | { readonly type: 'failed'; readonly operation: string; readonly message: string };
