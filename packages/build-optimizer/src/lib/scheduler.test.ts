import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomGraph, simulateMakespan } from '../../test/random-graph.ts';
import { createScheduler, remainingPaths, type Scheduler } from './scheduler.ts';
import { createStepGraph, type StepGraph } from './step-graph.ts';

const chain = ['compile', 'test', 'pack'].map((name, at, all) => ({ name, needs: all.slice(Math.max(0, at - 1), at) }));

function schedulerOf(graph: StepGraph, concurrency: number, facts: { weights?: number[]; slots?: number[] } = {}) {
  const ones = graph.order.map(() => 1);
  return createScheduler(graph, { concurrency, weights: facts.weights ?? ones, slots: facts.slots ?? ones });
}

function startAll(scheduler: Scheduler): number[] {
  for (let step = scheduler.arrive(); step !== undefined; step = scheduler.arrive()) scheduler.wait(step);
  const started: number[] = [];
  for (let step = scheduler.start(); step !== undefined; step = scheduler.start()) started.push(step);
  return started;
}

function independent(count: number): StepGraph {
  return createStepGraph(Array.from({ length: count }, (_, at) => ({ name: `${at}`, needs: [] })));
}

describe('createScheduler', () => {
  it('starts a step when its needs have finished', () => {
    const scheduler = schedulerOf(createStepGraph(chain), 4);
    expect(startAll(scheduler)).toEqual([0]);
    scheduler.finish(0);
    expect(startAll(scheduler)).toEqual([1]);
    scheduler.finish(1);
    expect(startAll(scheduler)).toEqual([2]);
    scheduler.finish(2);
    expect(scheduler.done()).toBe(true);
  });

  it('lets a fresh step finish without ever waiting', () => {
    const scheduler = schedulerOf(createStepGraph(chain), 1);
    expect(scheduler.arrive()).toBe(0);
    scheduler.finish(0);
    expect(startAll(scheduler)).toEqual([1]);
  });

  it('starts the longest remaining path first, then in the order of the list', () => {
    const nodes = [...['a', 'b', 'c', 'd'].map((name) => ({ name, needs: [] })), { name: 'after c', needs: ['c'] }];
    const scheduler = schedulerOf(createStepGraph(nodes), 3, { weights: [1, 3, 1, 3, 9] });
    expect(startAll(scheduler)).toEqual([2, 1, 3]);
  });

  it('does not let smaller steps overtake one that waits for several slots', () => {
    const scheduler = schedulerOf(independent(4), 3, { weights: [4, 3, 2, 1], slots: [1, 3, 1, 1] });
    expect(startAll(scheduler)).toEqual([0]);
    scheduler.finish(0);
    expect(startAll(scheduler)).toEqual([1]);
    scheduler.finish(1);
    expect(startAll(scheduler)).toEqual([2, 3]);
  });

  it('starts steps of no slots at once, however many run', () => {
    const scheduler = schedulerOf(independent(4), 1, { slots: [1, 0, 0, 1] });
    expect(startAll(scheduler)).toEqual([1, 2, 0]);
    scheduler.finish(1);
    expect(startAll(scheduler)).toEqual([]);
    scheduler.finish(0);
    expect(startAll(scheduler)).toEqual([3]);
  });

  it('counts a step that wants more slots than there are as one that wants all', () => {
    const scheduler = schedulerOf(independent(2), 2, { slots: [8, 1] });
    expect(startAll(scheduler)).toEqual([0]);
    scheduler.finish(0);
    expect(startAll(scheduler)).toEqual([1]);
  });

  it.each([0, -1, Number.NaN])('refuses a concurrency of %s', (concurrency) => {
    expect(() => schedulerOf(independent(1), concurrency)).toThrow(RangeError);
  });

  it('runs every step once, after its needs, never over its slots, whatever order steps finish in', () => {
    const cases = fc.record({
      seed: fc.integer(),
      size: fc.integer({ min: 0, max: 60 }),
      picks: fc.infiniteStream(fc.nat()),
    });
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 5 }), ({ seed, size, picks }, concurrency) => {
        const graph = createStepGraph(randomGraph(seed, { size, needs: 3, spread: 4 }).nodes);
        const slots = graph.order.map((step) => (step * 7) % 4);
        const scheduler = schedulerOf(graph, concurrency, { slots });
        const running = new Set<number>();
        const finished = new Set<number>();
        while (!scheduler.done()) {
          for (const step of startAll(scheduler)) {
            expect(graph.needs[step]?.every((need) => finished.has(need))).toBe(true);
            expect(running.has(step) || finished.has(step)).toBe(false);
            running.add(step);
          }
          const held = [...running].reduce((sum, step) => sum + Math.min(slots[step] ?? 1, concurrency), 0);
          expect(held).toBeLessThanOrEqual(concurrency);
          const next = [...running][(picks.next().value ?? 0) % running.size] ?? -1;
          running.delete(next);
          finished.add(next);
          scheduler.finish(next);
        }
        expect(finished.size).toBe(size);
      }),
    );
  });
});

describe('createScheduler on random graphs', () => {
  const seeds = Array.from({ length: 30 }, (_, seed) => seed + 1);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

  /** Makespans over the lower bound: the larger of the critical path and the work divided by the workers. */
  function overLowerBound(seed: number, workers: number, size: number) {
    const { nodes, durations } = randomGraph(seed, { size, needs: 2, spread: 7 });
    const graph = createStepGraph(nodes);
    const work = durations.reduce((sum, duration) => sum + duration, 0);
    const bound = Math.max(work / workers, ...remainingPaths(graph, durations));
    const ratio = (weights: readonly number[]) => simulateMakespan(graph, { durations, weights, workers }) / bound;
    return {
      critical: ratio(durations),
      fifo: ratio(durations.map(() => 0)),
      roughly: ratio(durations.map(remembered)),
    };
  }

  /** What an earlier build on a busy machine remembers: up to twice or half of the truth. */
  function remembered(duration: number, step: number): number {
    return duration * 2 ** Math.sin(step);
  }

  describe.each([
    { workers: 4, size: 48 },
    { workers: 8, size: 128 },
    { workers: 16, size: 256 },
  ])('$workers workers, $size steps', ({ workers, size }) => {
    const ratios = seeds.map((seed) => overLowerBound(seed, workers, size));

    it('is within 5 percent of the lower bound where first come, first served loses 15 on average', () => {
      expect(mean(ratios.map(({ fifo }) => fifo))).toBeGreaterThanOrEqual(1.15);
      expect(Math.max(...ratios.map(({ critical }) => critical))).toBeLessThanOrEqual(1.05);
    });

    it('is near it on average when durations are known only to a factor of two', () => {
      expect(mean(ratios.map(({ roughly }) => roughly))).toBeLessThanOrEqual(1.03);
    });
  });
});

describe('remainingPaths', () => {
  it('adds to each step the heaviest chain behind it', () => {
    const graph = createStepGraph([
      { name: 'a', needs: [] },
      { name: 'b', needs: ['a'] },
      { name: 'c', needs: ['a'] },
      { name: 'd', needs: ['b', 'c'] },
    ]);
    expect([...remainingPaths(graph, [1, 10, 2, 5])]).toEqual([16, 15, 7, 5]);
  });
});
