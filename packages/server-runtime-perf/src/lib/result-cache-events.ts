/** What became of a call, or of what is kept. */
export type ResultCacheEvent =
  /** `near`: from this process' memory. `far`: from a store outside it. */
  | { readonly type: 'hit'; readonly key: string; readonly source: 'near' | 'far' }
  | { readonly type: 'miss' | 'stored'; readonly key: string }
  /** Answered past its `ttl`, while another run was or is begun to renew it. */
  | { readonly type: 'stale'; readonly key: string; readonly source: 'near' | 'far' }
  /** A run in the background, and how it ended. What failed leaves the stale result where it is. */
  | { readonly type: 'refresh'; readonly key: string }
  | { readonly type: 'refresh-failed'; readonly key: string; readonly error?: unknown }
  /** Answered by a stale result, since the run failed (`staleIfError`). */
  | { readonly type: 'stale-for-error'; readonly key: string; readonly error?: unknown }
  /** No key: the call went to the handler alone. `error` when the key function threw. */
  | { readonly type: 'bypass'; readonly error?: unknown }
  /** The store failed: counts as a miss. */
  | { readonly type: 'store-failed'; readonly key: string; readonly error: unknown }
  /** What the store held does not parse: counts as a miss, and is removed. */
  | { readonly type: 'unreadable'; readonly key: string; readonly error: unknown }
  /** The result cannot be JSON, or the ttl function threw: it was handed on and not kept. */
  | { readonly type: 'not-storable'; readonly key: string; readonly error: unknown };

/** How often each came about since the counter was made. */
export interface ResultCacheCounts {
  /** Answered without a run. */
  readonly hits: number;
  /** Of the hits: those that came from outside this process. */
  readonly farHits: number;
  readonly misses: number;
  /** Answered past the `ttl`, for a renewal under way or a run that failed. */
  readonly stale: number;
  /** Runs in the background. */
  readonly refreshes: number;
  readonly stored: number;
  /** Calls without a key. */
  readonly bypassed: number;
  /** Refreshes that failed, failures of the store, entries that did not parse, results that could not be kept. */
  readonly errors: number;
}

export interface ResultCacheCounter {
  /** For the `onEvent` of one or many caches. */
  readonly count: (event: ResultCacheEvent) => void;
  counts(): ResultCacheCounts;
}

/** Counts what result caches tell of themselves. */
export function createResultCacheCounter(): ResultCacheCounter {
  const counts = { hits: 0, farHits: 0, misses: 0, stale: 0, refreshes: 0, stored: 0, bypassed: 0, errors: 0 };
  return {
    count: (event) => {
      for (const name of COUNTED[event.type]) counts[name] += 1;
      if ('source' in event && event.source === 'far') counts.farHits += 1;
    },
    counts: () => ({ ...counts }),
  };
}

const COUNTED: Readonly<Record<ResultCacheEvent['type'], readonly (keyof ResultCacheCounts)[]>> = {
  hit: ['hits'],
  miss: ['misses'],
  stored: ['stored'],
  stale: ['hits', 'stale'],
  refresh: ['refreshes'],
  'refresh-failed': ['errors'],
  'stale-for-error': ['stale'],
  bypass: ['bypassed'],
  'store-failed': ['errors'],
  unreadable: ['errors'],
  'not-storable': ['errors'],
};
