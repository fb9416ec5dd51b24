import type { Incoming } from '../protocol/incoming.ts';

/** What came of waiting for something before a handler could run. */
export type Waited<T> =
  | { readonly type: 'ready'; readonly value: T }
  | { readonly type: 'failed'; readonly error: unknown }
  | { readonly type: 'expired' }
  /** Nobody waits for an answer. */
  | { readonly type: 'cancelled' };

export interface Wait {
  /** `tool "echo"`, as messages name it. */
  readonly what: string;
  /** Milliseconds. */
  readonly deadline: number;
}

/**
 * Waits for code, connectors or a parser of the author's, but not for ever: no longer than the deadline, which is anew
 * the handler's when it begins, and no longer than the client.
 */
export function waitFor<T>({ exchange, server }: Incoming, wait: Wait, work: PromiseLike<T>): Promise<Waited<T>> {
  return new Promise((resolve) => {
    let over = false;
    const end = (waited: Waited<T>): void => {
      over = true;
      exchange.cancel = undefined;
      clearTimeout(timer);
      resolve(waited);
    };
    const timer = setTimeout(() => end({ type: 'expired' }), wait.deadline);
    exchange.cancel = () => end({ type: 'cancelled' });
    if (exchange.cancelled) exchange.cancel();
    work.then(
      (value) => over || end({ type: 'ready', value }),
      (error: unknown) => {
        if (over) server.onEvent?.({ type: 'late-failure', what: wait.what, error });
        else end({ type: 'failed', error });
      },
    );
  });
}
