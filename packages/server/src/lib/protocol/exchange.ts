import type { Caller } from '../authoring/define.ts';
import type { ClientFeature } from '../catalogue/manifest.ts';
import type { JsonObject } from './json.ts';
import type { Lifetime } from './lifetime.ts';

/**
 * One request on its way through the server, as its transport sees it: who sent it, how to send something ahead of the
 * answer, and how to stop the work.
 */
export interface Exchange {
  readonly caller: Caller | undefined;
  /** Of the transport: an open stream ends with it. */
  readonly lifetime: Lifetime;
  /** Set by the dispatcher while a handler runs; called by the transport when the client cancels or leaves. */
  cancel: (() => void) | undefined;
  /** The client cancelled or left: what has not begun need not begin. */
  cancelled: boolean;
  /** It can carry an answer that is made while it is sent. */
  readonly streams?: true;
  /** Sends a notification that belongs to this request. */
  notify(json: string): void;
  /** Sends a request of the 2025 era to the client; absent where there is no session to carry it. */
  ask?: ((request: ClientRequest) => Promise<unknown>) | undefined;
}

/** Tells a request that nobody waits for it, whether its handler runs already or its code is still being loaded. */
export function cancelExchange(exchange: Exchange): void {
  exchange.cancelled = true;
  exchange.cancel?.();
}

/** What a handler wants from the client. */
export interface ClientRequest {
  readonly feature: ClientFeature;
  readonly method: 'elicitation/create' | 'sampling/createMessage' | 'roots/list';
  readonly params: JsonObject | undefined;
  /** Names the request within the call, in the stateless era. Default: the feature and its number, `elicitation-1`. */
  readonly key: string | undefined;
}
