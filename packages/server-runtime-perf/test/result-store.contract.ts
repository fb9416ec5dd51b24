import type { ResultStore } from '@mcpgen/server-runtime-perf/result-cache';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** A store under test. */
export interface StoreUnderTest {
  readonly store: ResultStore;
  /** Moves its clock, in milliseconds. */
  readonly advance: (milliseconds: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What every store of results does. */
export function describeResultStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(name, () => {
    let under: StoreUnderTest;
    beforeEach(async () => {
      under = await open();
    });
    afterEach(() => under.close());

    const textOf = async (key: string, tag?: string) => (await under.store.get(key, tag))?.text;

    it('has nothing at first', async () => {
      expect(await under.store.get('a')).toBeUndefined();
      expect(under.store.peek?.('a')).toBeUndefined();
    });

    it('gives back what was set, the last time', async () => {
      await under.store.set('a', '"one"', { ttl: 60_000 });
      await under.store.set('a', '"two"', { ttl: 60_000 });
      expect(await textOf('a')).toBe('"two"');
      expect(await textOf('b')).toBeUndefined();
    });

    it('tells how long it is fresh, and then for how long it has been stale', async () => {
      await under.store.set('a', '1', { ttl: 200, stale: 60_000 });
      const fresh = (await under.store.get('a'))?.fresh ?? 0;
      expect(fresh).toBeGreaterThan(0);
      expect(fresh).toBeLessThanOrEqual(200);
      await under.advance(201);
      const stale = (await under.store.get('a'))?.fresh ?? 0;
      expect(stale).toBeLessThan(0);
      expect(stale).toBeGreaterThan(-60_000);
    });

    it('forgets when the stale time is over as well', async () => {
      await under.store.set('a', '1', { ttl: 50 });
      await under.store.set('b', '1', { ttl: 20, stale: 30 });
      await under.advance(60);
      expect([await textOf('a'), await textOf('b')]).toEqual([undefined, undefined]);
    });

    it('forgets what is deleted, and no more', async () => {
      await under.store.set('a', '1', { ttl: 60_000 });
      await under.store.set('b', '2', { ttl: 60_000 });
      await under.store.delete('a');
      expect([await textOf('a'), await textOf('b')]).toEqual([undefined, '2']);
    });

    it('clears by tag, or everything', async () => {
      for (const tag of ['x', 'y']) await under.store.set(tag, `"${tag}"`, { ttl: 60_000, tag });
      await under.store.clear('x');
      expect([await textOf('x', 'x'), await textOf('y', 'y')]).toEqual([undefined, '"y"']);
      await under.store.set('x', '"new"', { ttl: 60_000, tag: 'x' });
      expect(await textOf('x', 'x')).toBe('"new"');
      await under.store.clear();
      expect([await textOf('x', 'x'), await textOf('y', 'y')]).toEqual([undefined, undefined]);
    });

    it.each([[undefined], ['tag']])('drops what a clear has overtaken (%s)', async (cleared) => {
      await under.store.get('a', 'tag');
      const epoch = under.store.epoch?.('tag');
      await under.store.clear(cleared);
      await under.store.set('a', '"old"', { ttl: 60_000, tag: 'tag', epoch });
      expect(await textOf('a', 'tag')).toBeUndefined();
      await under.store.set('a', '"new"', { ttl: 60_000, tag: 'tag', epoch: under.store.epoch?.('tag') });
      expect(await textOf('a', 'tag')).toBe('"new"');
    });

    it('keeps any text under any key, each apart', { timeout: 60_000 }, async () => {
      const text = fc.string({ unit: fc.constantFrom('a', ' ', '\n', '"', '\\', ':', '{', '\0', 'é', '😀', '\ud800') });
      await fc.assert(
        fc.asyncProperty(fc.uniqueArray(text, { minLength: 2, maxLength: 4 }), text, async (keys, value) => {
          const [key = '', ...others] = keys;
          const json = JSON.stringify(value);
          for (const other of others) await under.store.delete(other);
          await under.store.set(key, json, { ttl: 60_000 });
          // Half a surrogate pair has no UTF-8: a store may lose such a key, but never take it for another one.
          expect(key.isWellFormed() ? [json] : [json, undefined]).toContain(await textOf(key));
          for (const other of others) expect(await textOf(other)).toBeUndefined();
        }),
        { numRuns: 60 },
      );
    });
  });
}
