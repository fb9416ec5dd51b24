import { setTimeout } from 'node:timers/promises';
import { OciError } from '../errors.ts';

/** When and how often to try again. */
export interface RetryPolicy {
  /** Tries in all. @default 4 */
  readonly attempts?: number;
  /** Milliseconds before the second try; doubled for each further one. @default 250 */
  readonly minDelay?: number;
  /** Milliseconds; what the registry asks for by `Retry-After` is cut to this too. @default 30_000 */
  readonly maxDelay?: number;
  /** Waits. Tests pass a clock of their own. */
  readonly delay?: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** From 0 to 1: spreads the tries of many machines. @default Math.random */
  readonly random?: () => number;
}

/** Tells of a try that failed and will be repeated. */
export interface RetryEvent {
  readonly type: 'registry-retry';
  /** Of the try that failed, from 1. */
  readonly attempt: number;
  /** Milliseconds until the next one. */
  readonly delay: number;
  readonly reason: string;
}

/** What a retried action sees of the world. */
export interface RetryContext {
  readonly policy: RetryPolicy;
  readonly signal: AbortSignal | undefined;
  readonly onEvent: ((event: RetryEvent) => void) | undefined;
}

/** Runs an action again while it fails with `REGISTRY_UNAVAILABLE`. */
export async function retrying<T>(action: () => Promise<T>, { policy, signal, onEvent }: RetryContext): Promise<T> {
  const { attempts = 4, minDelay = 250, maxDelay = 30_000, delay = wait, random = Math.random } = policy;
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await action();
    } catch (error) {
      if (attempt >= attempts || !(error instanceof OciError) || error.code !== 'REGISTRY_UNAVAILABLE') throw error;
      const asked = error.facts.retryAfter === undefined ? 0 : error.facts.retryAfter * 1000;
      const backoff = minDelay * 2 ** (attempt - 1) * (0.5 + random() / 2);
      const milliseconds = Math.round(Math.min(maxDelay, Math.max(asked, backoff)));
      onEvent?.({ type: 'registry-retry', attempt, delay: milliseconds, reason: error.message });
      await delay(milliseconds, signal);
    }
  }
}

async function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await setTimeout(milliseconds, undefined, signal && { signal });
}
