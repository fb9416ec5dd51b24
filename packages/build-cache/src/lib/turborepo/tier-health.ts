import type { CacheEvent } from '../cache.ts';
import { codeOf, hintOf, messageOf } from '../errors.ts';

/** Whether one direction of a tier is still used in this run. */
export interface TierHealth {
  readonly usable: boolean;
  /** Tells of trouble: the first time there is an event, and after too much of it the tier is left alone. */
  failed(error: unknown): void;
  /** From now on nothing is told: what the end of a run cuts off is no trouble. */
  end(): void;
}

/** Trouble that may pass, or of one entry: so often until a tier is left alone. All other trouble is once too often. */
const MAX_TROUBLE = 3;
const PASSING = new Set(['REMOTE_UNAVAILABLE', 'REMOTE_DAMAGED', 'REMOTE_UNTRUSTED']);

export function tierHealth(operation: string, onEvent: (event: CacheEvent) => void): TierHealth {
  let trouble = 0;
  let ended = false;
  return {
    get usable() {
      return trouble < MAX_TROUBLE;
    },
    failed(error) {
      const first = trouble === 0 && !ended;
      trouble += PASSING.has(codeOf(error) ?? '') ? 1 : MAX_TROUBLE;
      if (!first) return;
      const hint = hintOf(error);
      const event = { type: 'failed', operation, message: messageOf(error) } as const;
      onEvent(hint === undefined ? event : { ...event, hint });
    },
    end: () => {
      ended = true;
    },
  };
}
