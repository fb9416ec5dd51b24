import { fakeClock } from '@mcpgen/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from './memory-store.ts';

describe('createMemoryStore', () => {
  it('keeps a text until its time is up, by the clock it was given', async () => {
    const clock = fakeClock(1000);
    const store = createMemoryStore({ now: clock.now });
    store.set('a', 'text', { ttl: 100 });
    await clock.advance(100);
    expect(store.get('a')?.text).toBe('text');
    await clock.advance(1);
    expect(store.get('a')).toBeUndefined();
  });

  it('works with a clock that starts at zero', async () => {
    const clock = fakeClock(0);
    const store = createMemoryStore({ now: clock.now });
    store.set('a', 'text', { ttl: 100 });
    await clock.advance(101);
    expect(store.get('a')).toBeUndefined();
  });

  it('lets the least recently used go when there are too many', () => {
    const store = createMemoryStore({ maxEntries: 2 });
    store.set('a', '1', { ttl: 1000 });
    store.set('b', '2', { ttl: 1000 });
    store.get('a');
    store.set('c', '3', { ttl: 1000 });
    expect(['a', 'b', 'c'].map((key) => store.get(key)?.text)).toEqual(['1', undefined, '3']);
  });

  it('does not keep a text above a quarter of its bytes, and drops what it replaces', () => {
    const store = createMemoryStore({ maxBytes: 1000 });
    store.set('a', 'small', { ttl: 1000 });
    store.set('a', 'x'.repeat(200), { ttl: 1000 });
    expect(store.get('a')).toBeUndefined();
    expect(store.entries).toBe(0);
  });

  it('never holds more than it may, and never anything but what was last set', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd');
    const step = fc.oneof(
      fc.record({ do: fc.constant('set' as const), key, length: fc.integer({ min: 0, max: 120 }) }),
      fc.record({ do: fc.constantFrom('get' as const, 'delete' as const), key }),
      fc.record({ do: fc.constant('clear' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const store = createMemoryStore({ maxBytes: 800, maxEntries: 3, now: () => 5 });
        const oracle = new Map<string, string>();
        for (const [index, one] of steps.entries()) {
          if (one.do === 'set') {
            const text = `${index}${'x'.repeat(one.length)}`;
            store.set(one.key, text, { ttl: 10 });
            oracle.set(one.key, text);
          } else if (one.do === 'get') {
            expect([undefined, oracle.get(one.key)]).toContain(store.get(one.key)?.text);
          } else if (one.do === 'delete') {
            store.delete(one.key);
            oracle.delete(one.key);
            expect(store.get(one.key)).toBeUndefined();
          } else {
            store.clear();
            oracle.clear();
            expect(store.bytes).toBe(0);
          }
          expect(store.bytes).toBeLessThanOrEqual(800);
          expect(store.entries).toBeLessThanOrEqual(3);
        }
      }),
    );
  });
});
