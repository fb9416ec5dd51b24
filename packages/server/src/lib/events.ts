/** What a server tells its operator. Nothing of it reaches clients. */
export type ServerEvent =
  | { readonly type: 'listening'; readonly url: string }
  | { readonly type: 'handler-failed'; readonly what: string; readonly error: unknown }
  | { readonly type: 'late-failure'; readonly what: string; readonly error: unknown }
  | { readonly type: 'stray-error'; readonly error: unknown; readonly count: number }
  | { readonly type: 'connector-closed-badly'; readonly error: unknown }
  /** A tool has a `cache`, and its results are not kept for a reason that it can change. Told once for each. */
  | { readonly type: 'not-cached'; readonly what: string; readonly reason: string }
  | { readonly type: 'replaced' }
  | { readonly type: 'stopped' };

export type OnEvent = (event: ServerEvent) => void;
