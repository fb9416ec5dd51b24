import type { CacheEvent } from '../cache.ts';
import { codeOf, messageOf } from '../errors.ts';

/** Whether one direction of a tier is still used in this run. */
export interface TierHealth {
  readonly usable: boolean;
  /** Tells of trouble: the first time there is an event, and after too much of it the tier is left alone. */
  failed(error: unknown): void;
}

/** Trouble that may pass, or of one entry: so often until a tier is left alone. All other trouble is once too often. */
const MAX_TROUBLE = 3;
const PASSING = new Set(['REMOTE_UNAVAILABLE', 'REMOTE_DAMAGED', 'REMOTE_UNTRUSTED']);

export function tierHealth(operation: string, onEvent: (event: CacheEvent) => void): TierHealth {
  let trouble = 0;
  return {
    get usable() {
      return trouble < MAX_TROUBLE;
    },
    failed(error) {
      if (trouble === 0) onEvent({ type: 'failed', operation, message: messageOf(error) });
      trouble += PASSING.has(codeOf(error) ?? '') ? 1 : MAX_TROUBLE;
    },
  };
}
