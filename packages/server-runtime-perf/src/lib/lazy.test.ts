import { describe, expect, it } from 'vitest';
import { lazy } from './lazy.ts';

describe('lazy', () => {
  it('loads nothing until it is asked', async () => {
    let loads = 0;
    const value = lazy(() => ++loads);
    expect(value.peek()).toBeUndefined();
    expect(loads).toBe(0);
    expect(await value.get()).toBe(1);
    expect(value.peek()).toBe(1);
  });

  it('loads once for a thousand concurrent first calls and for all that follow', async () => {
    let loads = 0;
    const gate = Promise.withResolvers<void>();
    const value = lazy(async () => {
      loads += 1;
      await gate.promise;
      return loads;
    });
    const asked = Promise.all(Array.from({ length: 1000 }, () => value.get()));
    gate.resolve();
    expect(new Set(await asked)).toEqual(new Set([1]));
    expect(await value.get()).toBe(1);
    expect(loads).toBe(1);
  });

  it('reports a failed load to all who wait, and tries again at the next call', async () => {
    const outcomes: Array<() => string> = [
      () => {
        throw new Error('disk');
      },
      () => 'loaded',
    ];
    const value = lazy(async () => outcomes.shift()?.());
    const both = await Promise.allSettled([value.get(), value.get()]);
    expect(both.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected']);
    expect(outcomes).toHaveLength(1);
    expect(value.peek()).toBeUndefined();
    expect(await value.get()).toBe('loaded');
  });

  it('turns a load that throws at once into a rejection', async () => {
    const value = lazy((): number => {
      throw new Error('syntax');
    });
    await expect(value.get()).rejects.toThrow('syntax');
  });
});
