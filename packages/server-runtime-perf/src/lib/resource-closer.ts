import type { PoolEvent, PoolSettings } from './create-pool.ts';

export type ClosedReason = Extract<PoolEvent, { readonly type: 'closed' }>['reason'];

/** Closes resources, each once and without ever failing, and knows how many are on their way. */
export interface ResourceCloser<T> {
  end(resource: T, reason: ClosedReason): void;
  readonly ending: number;
}

export function createResourceCloser<T>(
  { close, onEvent }: Pick<PoolSettings<T>, 'close' | 'onEvent'>,
  onClosed: () => void,
): ResourceCloser<T> {
  let ending = 0;

  async function tryClose(resource: T): Promise<void> {
    try {
      await close(resource);
    } catch (error) {
      onEvent({ type: 'close-failed', error });
    }
  }

  return {
    end: (resource, reason) => {
      ending += 1;
      void tryClose(resource).then(() => {
        ending -= 1;
        onEvent({ type: 'closed', reason });
        onClosed();
      });
    },
    get ending() {
      return ending;
    },
  };
}
