import type { BuildCache } from '@mcpgen/build-cache';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkshop, type Workshop } from '../../test/workshop.ts';

let shop: Workshop;

beforeEach(async () => {
  shop = await openWorkshop();
});
afterEach(() => shop[Symbol.asyncDispose]());

describe('runPlan, by the clock', () => {
  it('reports when each step began, how long it took and waited, and what was saved', async () => {
    let time = 1000;
    const now = () => time;
    const take = (milliseconds: number) => ({
      work: async () => {
        time += milliseconds;
      },
    });
    const steps = [shop.step('a', take(30)), shop.step('b', { needs: ['a'], ...take(10) }), shop.step('c', take(5))];
    const { reports, duration } = await shop.build(steps, { now, concurrency: 1 });
    expect(reports).toMatchObject([
      { name: 'a', start: 0, duration: 30, queued: 0, saved: 0, needs: [] },
      { name: 'b', start: 30, duration: 10, queued: 0, saved: 0, needs: ['a'] },
      { name: 'c', start: 40, duration: 5, queued: 40, saved: 0, needs: [] },
    ]);
    expect(duration).toBe(45);
    expect((await shop.build(steps, { now })).reports.map(({ saved }) => saved)).toEqual([30, 10, 5]);
  });

  it('begins with the steps that took longest, by what it remembers of them', async () => {
    let time = 0;
    const steps = [1, 9, 5].map((milliseconds) =>
      shop.step(`s${milliseconds}`, {
        cache: 'off',
        work: async () => {
          time += milliseconds;
        },
      }),
    );
    await shop.build(steps, { now: () => time, concurrency: 1 });
    expect(shop.takeRan()).toEqual(['s1', 's9', 's5']);
    await shop.build(steps, { now: () => time, concurrency: 1 });
    expect(shop.takeRan()).toEqual(['s9', 's5', 's1']);
  });

  it('restores no more at a time than there are slots, also for steps that take none', async () => {
    const steps = Array.from({ length: 20 }, (_, at) => shop.step(`s${at}`, { slots: 0 }));
    await shop.build(steps);
    shop.state = new Map();
    let inside = 0;
    let most = 0;
    const cache: BuildCache = {
      ...shop.cache,
      lookup: async (key) => {
        inside += 1;
        most = Math.max(most, inside);
        await new Promise(setImmediate);
        const hit = await shop.cache.lookup(key);
        const restore = async (directory: string) => {
          const whole = await hit?.restore(directory);
          inside -= 1;
          return whole ?? false;
        };
        return hit && { ...hit, restore };
      },
    };
    const { reports } = await shop.build(steps, { cache, concurrency: 3 });
    expect(reports.every(({ outcome }) => outcome === 'restored')).toBe(true);
    expect(most).toBe(3);
  });

  it('tells the cache what will be looked up, before anything is', async () => {
    const steps = [shop.step('a'), shop.step('b'), shop.step('c', { cache: 'off' }), shop.step('d', { needs: ['a'] })];
    const told: string[] = [];
    const cache: BuildCache = {
      ...shop.cache,
      expect: () => void told.push('expect'),
      lookup: async (_key, step = '') => void told.push(step),
    };
    await shop.build(steps, { cache, concurrency: 1 });
    expect(told).toEqual(['expect', 'expect', 'a', 'expect', 'b', 'd']);
    told.length = 0;
    await shop.build(steps, { cache });
    expect(told).toEqual([]);
  });

  it('names in a report all that the step waited for', async () => {
    const steps = [shop.step('a'), shop.step('b'), shop.step('c', { needs: ['a'], after: ['b'] })];
    expect((await shop.build(steps)).reports[2]?.needs).toEqual(['a', 'b']);
  });
});
