import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordOf } from '../../test/record-of.ts';
import { findCriticalPath, slackOf } from './find-critical-path.ts';
import { spanTime, stepGraph } from './step-graph.ts';
import { whatIf } from './what-if.ts';

const step = (name: string, duration: number, needs: readonly string[] = [], slots = 1) => ({
  name,
  start: 0,
  end: duration,
  needs,
  slots,
});

/** Graphs without circles: a step needs earlier ones. */
const graphs = fc
  .array(fc.tuple(fc.nat(100), fc.array(fc.nat(30), { maxLength: 3 }), fc.nat(3)), { maxLength: 30 })
  .map((rows) =>
    rows.map(([duration, needs, slots], at) =>
      step(
        `s${at}`,
        duration,
        [...new Set(needs.filter((need) => need < at))].map((need) => `s${need}`),
        slots,
      ),
    ),
  );

describe('whatIf', () => {
  const record = recordOf([step('a', 10), step('b', 10), step('c', 10), step('d', 10, ['c'])], { concurrency: 2 });

  it('says how long the steps take on so many workers', () => {
    expect(whatIf(record)).toBe(20);
    expect(whatIf(record, { workers: 1 })).toBe(40);
    expect(whatIf(record, { workers: 9 })).toBe(20);
  });

  it('says what a step that takes no time would save', () => {
    expect(whatIf(record, { free: ['c', 'a'] })).toBe(10);
    expect(whatIf(record, { free: ['nothing'] })).toBe(20);
  });

  it('counts the slots of a step, and none for those that take none', () => {
    const slots = [step('wide', 10, [], 5), step('narrow', 10), step('beside', 25, [], 0)];
    expect(whatIf(recordOf(slots, { concurrency: 2 }))).toBe(25);
    expect(whatIf(recordOf(slots.slice(0, 2), { concurrency: 2 }))).toBe(20);
  });

  it('takes an empty build, and steps in a circle, for what they are', () => {
    expect(whatIf(recordOf([]))).toBe(0);
    expect(whatIf(recordOf([step('a', 1, ['b']), step('b', 1, ['a']), step('c', 3)]))).toBe(3);
  });

  it('lies between the lower bound and one step after the other, and is never worse than list scheduling may be', () => {
    fc.assert(
      fc.property(graphs, fc.integer({ min: 1, max: 6 }), (steps, workers) => {
        const plain = recordOf(steps.map((each) => ({ ...each, slots: 1 })));
        const work = steps.reduce((sum, { end }) => sum + end, 0);
        const path = findCriticalPath(plain).duration;
        const planned = whatIf(plain, { workers });
        expect(planned).toBeGreaterThanOrEqual(Math.max(path, work / workers) - 1e-6);
        // Graham's bound.
        expect(planned).toBeLessThanOrEqual(work / workers + path * (1 - 1 / workers) + 1e-6);
        expect(whatIf(plain, { workers: 1 })).toBeCloseTo(work, 6);
        expect(whatIf(plain, { workers: 1000 })).toBeCloseTo(path, 6);
      }),
    );
  });

  it('ends for steps of any slots, not before the critical path', () => {
    fc.assert(
      fc.property(graphs, fc.integer({ min: 1, max: 4 }), (steps, workers) => {
        const record = recordOf(steps);
        const work = steps.reduce((sum, { end }) => sum + end, 0);
        const planned = whatIf(record, { workers });
        expect(planned).toBeLessThanOrEqual(work);
        expect(planned).toBeGreaterThanOrEqual(findCriticalPath(record).duration - 1e-6);
      }),
    );
  });
});

describe('slackOf', () => {
  it('is what a step may be late without the build being late', () => {
    const graph = stepGraph(
      recordOf([step('a', 10), step('b', 3), step('c', 2, ['b']), step('d', 1, ['a', 'c'])]).spans,
    );
    expect([...slackOf(graph)]).toEqual([0, 5, 5, 0]);
  });

  it('is 0 exactly for steps without which the critical path, or one as long, is no path', () => {
    fc.assert(
      fc.property(graphs, (steps) => {
        const record = recordOf(steps);
        const { spans } = record;
        const graph = stepGraph(spans);
        const slack = slackOf(graph);
        const { steps: path, duration } = findCriticalPath(record);
        for (const on of path) expect(slack[spans.indexOf(on)]).toBe(0);
        spans.forEach((each, at) => {
          const later = (by: number) =>
            findCriticalPath({
              ...record,
              spans: spans.map((other) => (other === each ? { ...other, end: other.end + by } : other)),
            }).duration;
          // Late by its slack the build is as long; late by more it is longer by that.
          expect(later(slack[at] ?? 0)).toBeCloseTo(duration, 6);
          expect(later((slack[at] ?? 0) + 1)).toBeCloseTo(duration + 1, 6);
          expect(spanTime(each)).toBeGreaterThanOrEqual(0);
        });
      }),
    );
  });
});
