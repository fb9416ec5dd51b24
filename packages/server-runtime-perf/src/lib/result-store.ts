/**
 * Where results are kept, as text. A store may be slow or away: a `get` that fails is a miss and a `set` that fails is
 * forgotten; neither reaches the caller.
 */
export interface ResultStore {
  /** What lies in this process' memory, without waiting. A store that is all memory answers as `get` does. */
  peek?(key: string): StoredResult | undefined;
  /** @param tag as it was given to `set`. */
  get(key: string, tag?: string): StoredResult | undefined | Promise<StoredResult | undefined>;
  set(key: string, text: string, options: SetOptions): void | Promise<void>;
  delete(key: string): void | Promise<void>;
  /** Forgets all results, or those that have this tag. */
  clear(tag?: string): void | Promise<void>;
  /**
   * Names the time between two calls of `clear` for a tag. A run takes it before it begins and hands it to `set`, which
   * then drops what a `clear` has overtaken.
   */
  epoch?(tag?: string): string | undefined;
}

export interface StoredResult {
  readonly text: string;
  /** Milliseconds for which it is as good as new; below 0 it is stale, for so long. */
  readonly fresh: number;
  /** `far` where it came from outside this process, so that it may be anything. */
  readonly source: 'near' | 'far';
}

export interface SetOptions {
  /** Milliseconds for which the result is as good as new, always positive. */
  readonly ttl: number;
  /** Milliseconds after these for which it is kept all the same. Default: 0. */
  readonly stale?: number;
  /** What it can be cleared by, together with others. */
  readonly tag?: string;
  readonly epoch?: string | undefined;
}
