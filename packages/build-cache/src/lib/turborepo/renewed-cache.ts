import type { LocalCache } from '../local-cache.ts';

/**
 * A local store for a process that does not end. A store counts, and spares from eviction, what it was asked for in one
 * run: here a run is ended after so many uses or bytes, another is begun, and the store brought below its limit.
 */
export interface RenewedCache {
  use<T>(action: (cache: LocalCache) => Promise<T>): Promise<T>;
  /** Tells of bytes that were stored. */
  grew(bytes: number): void;
  /** Ends the run with the uses that are under way: a store that could not be written is tried again in the next. */
  renew(): void;
  /** Waits for the uses that are under way. */
  close(): Promise<void>;
}

interface Run {
  readonly cache: LocalCache;
  uses: number;
  bytes: number;
  readonly underway: Set<Promise<unknown>>;
}

const MAX_USES = 1000;
const MAX_BYTES = 256 * 1024 * 1024;

export function renewCache(open: () => LocalCache): RenewedCache {
  const ending = new Set<Promise<void>>();
  let run = begin(open);

  function renew(): void {
    const before = run;
    const next = begin(open);
    run = next;
    const ended = end(before)
      .then(() => next.cache.prune())
      .then(noop, noop)
      .finally(() => ending.delete(ended));
    ending.add(ended);
  }

  return {
    renew,
    async use(action) {
      if (run.uses++ >= MAX_USES || run.bytes >= MAX_BYTES) renew();
      const { cache, underway } = run;
      const acting = action(cache);
      underway.add(acting);
      try {
        return await acting;
      } finally {
        underway.delete(acting);
      }
    },
    grew: (bytes) => {
      run.bytes += bytes;
    },
    async close() {
      await Promise.all(ending);
      await end(run);
    },
  };
}

function begin(open: () => LocalCache): Run {
  return { cache: open(), uses: 0, bytes: 0, underway: new Set() };
}

/** A store that cannot be tidied now is tidied the next time. */
function noop(): void {}

async function end({ cache, underway }: Run): Promise<void> {
  await Promise.allSettled(underway);
  await cache.close();
}
