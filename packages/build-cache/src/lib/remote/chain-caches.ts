import type { BuildCache } from '../cache.ts';
import type { Digest } from '../digest.ts';
import type { LocalCache } from '../local-cache.ts';
import type { RemoteTier } from './open-remote-tier.ts';

export interface ChainOptions {
  /** Asked in this order for what is not here. */
  readonly read: readonly RemoteTier[];
  /** Gets what this run made, and what it used that no other remote has. */
  readonly write?: RemoteTier;
}

/**
 * A local cache with others behind it: near over far. What is brought from afar lies in the local store from then on, verified
 * on the way; what a step made is sent in the background, and `close` waits for it.
 */
export function chainCaches(near: LocalCache, { read, write }: ChainOptions): BuildCache {
  const underway = new Map<Digest, Promise<RemoteTier | undefined>>();

  /** Resolves to the tier that had it. */
  async function bring(key: Digest): Promise<RemoteTier | undefined> {
    for (const tier of read) {
      if (await tier.fetch(key)) return tier;
      near.exchange.countMiss(tier.location);
    }
    return undefined;
  }

  function bringOnce(key: Digest): Promise<RemoteTier | undefined> {
    const started = underway.get(key) ?? bring(key);
    underway.set(key, started);
    return started;
  }

  return {
    expect(key) {
      if (!near.exchange.hasEntry(key)) void bringOnce(key);
    },
    async lookup(key, step) {
      const far = await (underway.get(key) ?? (near.exchange.hasEntry(key) ? undefined : bringOnce(key)));
      const hit = await near.lookup(key, step);
      // What another remote has stays there. What came from this one it knows, unless it is begun anew.
      if (hit !== undefined && (far === undefined || far === write)) write?.send(key);
      return hit;
    },
    async store(entry) {
      const stored = await near.store(entry);
      write?.send(stored.key);
      return stored;
    },
    async close() {
      const tiers = new Set(write === undefined ? read : [...read, write]);
      await Promise.all(Array.from(tiers, (tier) => tier.close()));
      await near.close();
    },
  };
}
