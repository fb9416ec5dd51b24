import type { Handler, HandlerContext } from './handler.ts';
import type { MemoryStoreOptions } from './memory-store.ts';
import type { ResultCacheEvent } from './result-cache-events.ts';
import type { ResultStore } from './result-store.ts';

export interface ResultCacheOptions<Input, Output, Context extends HandlerContext> extends MemoryStoreOptions {
  /** Milliseconds a result may be reused; a function is asked for each result, and 0 or less means not at all. */
  readonly ttl: number | ((output: Output, context: Context) => number);
  /**
   * Must hold all that a result depends on, the caller's identity above all: see `resultKey`. `undefined`, or a throw,
   * lets the call pass by the cache.
   */
  readonly key: (input: Input, context: Context) => string | undefined;
  /**
   * Milliseconds after `ttl` (RFC 5861) in which a call is answered at once by the stale result, while one run in the
   * background renews it. Default: 0.
   */
  readonly staleWhileRevalidate?: number;
  /** Milliseconds after `ttl` (RFC 5861) in which a stale result answers for a run that fails. Default: 0. */
  readonly staleIfError?: number;
  /** Which results say that they failed. Such a one is kept for `negativeTtl`, and never takes the place of a good one. */
  readonly isError?: (output: Output, context: Context) => boolean;
  /** Milliseconds for what `isError` says; what is thrown is never kept. Default: 0. */
  readonly negativeTtl?: number;
  /** Renews a stale result, with a signal of its own. Default: the handler, with the context of the call that was stale. */
  readonly refresh?: Handler<Input, Output, Context>;
  /** Milliseconds that a renewal may take. Default: 30,000. */
  readonly refreshDeadline?: number;
  /** Default: a memory store of its own, to which `maxBytes`, `maxEntries` and `now` go. */
  readonly store?: ResultStore;
  /** What `store.clear(tag)` knows these results by. */
  readonly tag?: string;
  /** How results become text. Default: JSON, so that a `Date` arrives as its text. */
  readonly codec?: ResultCodec<Output>;
  /** From 0 up to 1: by how much a lifetime is shortened, so that entries made together do not end together. */
  readonly random?: () => number;
  readonly onEvent?: (event: ResultCacheEvent) => void;
}

export interface ResultCodec<Output> {
  /** `undefined`, or a throw, for what cannot be kept. */
  readonly write: (output: Output) => string | undefined;
  /**
   * Called for each caller. What is `far` was written outside this process and may be anything: a throw makes it a miss
   * and removes it.
   */
  readonly read: (text: string, source: 'near' | 'far') => Output;
}

/** The text was made from an `Output` by this module, under a key that names the code that made it. */
export function jsonCodec<Output>(): ResultCodec<Output> {
  return { write: (output) => JSON.stringify(output), read: (text) => JSON.parse(text) as Output };
}
