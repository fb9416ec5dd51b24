import type { CacheEvent } from '../cache.ts';
import type { Digest } from '../digest.ts';
import { codeOf, hintOf, messageOf } from '../errors.ts';

/** Damaged entries until a tier is left alone. */
const MAX_DAMAGED = 3;

/** What is wrong with a remote, and what is still to be had of it. */
export interface TierTrouble {
  /** Whether an entry is worth asking for. */
  usable(key: Digest): boolean;
  /** Keys whose entries turned out to be damaged. */
  readonly lost: ReadonlySet<Digest>;
  onUnreadable(error: unknown, key?: Digest): void;
  onUnwritable(error: unknown): void;
  /** From now on nothing is told. */
  end(): void;
}

/** Tells of the first trouble with reading, and of the first with writing. */
export function watchTrouble(location: string, onEvent: (event: CacheEvent) => void): TierTrouble {
  const told = new Set<string>();
  const lost = new Set<Digest>();
  let usable = true;
  let ended = false;
  const tell = (operation: 'read from' | 'write to', error: unknown): void => {
    if (ended || told.has(operation)) return;
    told.add(operation);
    const hint = hintOf(error);
    const event = { type: 'failed', operation: `${operation} ${location}`, message: messageOf(error) } as const;
    onEvent(hint === undefined ? event : { ...event, hint });
  };
  return {
    usable: (key) => usable && !lost.has(key),
    lost,
    onUnreadable(error, key) {
      tell('read from', error);
      const damaged = codeOf(error) === 'REMOTE_DAMAGED';
      if (damaged && key !== undefined) lost.add(key);
      if (!damaged || lost.size >= MAX_DAMAGED) usable = false;
    },
    onUnwritable: (error) => tell('write to', error),
    end: () => {
      ended = true;
    },
  };
}
