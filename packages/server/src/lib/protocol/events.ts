/** What a server tells its operator. Nothing of it reaches clients. */
export type ServerEvent =
  | { readonly type: 'listening'; readonly url: string }
  | { readonly type: 'handler-failed'; readonly what: string; readonly error: unknown }
  /** A tool returned what cannot be sent; its client was told the reason. */
  | { readonly type: 'result-invalid'; readonly what: string; readonly reason: string }
  | { readonly type: 'late-failure'; readonly what: string; readonly error: unknown }
  | { readonly type: 'stray-error'; readonly error: unknown; readonly count: number }
  | { readonly type: 'connector-closed-badly'; readonly error: unknown }
  /** A tool has a `cache`, and its results are not kept for a reason that it can change. Told once for each. */
  | { readonly type: 'not-cached'; readonly what: string; readonly reason: string }
  /** The store that replicas share fails, or answers again; meanwhile calls run as if nothing were kept. */
  | { readonly type: 'result-store-down'; readonly error: unknown }
  | { readonly type: 'result-store-up' }
  /** What lay in the store was no result, and was removed: the call ran. */
  | { readonly type: 'result-refused'; readonly what: string; readonly reason: string }
  /** A run in the background failed: the stale result stays until its time is over. */
  | { readonly type: 'refresh-failed'; readonly what: string; readonly error?: unknown }
  | { readonly type: 'replaced' }
  | { readonly type: 'stopped' };

export type OnEvent = (event: ServerEvent) => void;
