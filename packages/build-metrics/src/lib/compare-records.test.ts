import { describe, expect, it } from 'vitest';
import { recordOf, type StepFacts } from '../../test/record-of.ts';
import { compareRecords } from './compare-records.ts';

const took = (name: string, duration: number, facts: Partial<StepFacts> = {}) => ({
  name,
  start: 0,
  end: duration,
  ...facts,
});

const before = recordOf([
  took('bundle', 100),
  took('describe', 40, { outcome: 'fresh', end: 1 }),
  took('types', 300, { queued: 5 }),
  took('old', 20),
  took('same', 7),
]);
const after = recordOf([
  took('bundle', 130),
  took('describe', 40),
  took('types', 2, { outcome: 'restored', queued: 25 }),
  took('new', 10),
  took('same', 7),
]);

describe('compareRecords', () => {
  it('tells apart what work, cache, graph and waiting contributed', () => {
    expect(compareRecords(before, after)).toMatchObject({
      duration: -170,
      work: 30,
      machine: 0,
      cache: 39 - 298,
      graph: 10 - 20,
      queued: 20,
    });
  });

  it('lists each step once, the largest difference first', () => {
    expect(compareRecords(before, after).steps).toEqual([
      { name: 'types', change: 'cache', before: 300, after: 2, difference: -298, machine: 0 },
      { name: 'describe', change: 'cache', before: 1, after: 40, difference: 39, machine: 0 },
      { name: 'bundle', change: 'work', before: 100, after: 130, difference: 30, machine: 0 },
      { name: 'old', change: 'removed', before: 20, after: 0, difference: -20, machine: 0 },
      { name: 'new', change: 'added', before: 0, after: 10, difference: 10, machine: 0 },
      { name: 'same', change: 'work', before: 7, after: 7, difference: 0, machine: 0 },
    ]);
  });

  it('tells what the machine did from what the step did, where CPU times are known', () => {
    const quiet = recordOf([took('bundle', 100, { cpu: 90 }), took('types', 300, { cpu: 280 })]);
    const busy = recordOf([took('bundle', 250, { cpu: 95 }), took('types', 300, { cpu: 290 })]);
    expect(compareRecords(quiet, busy)).toMatchObject({ work: 15, machine: 135, cache: 0, queued: 0 });
  });

  const quiet = recordOf([took('bundle', 100, { cpu: 90 }), took('types', 300, { cpu: 280, queued: 0 })]);
  const none = { work: 0, machine: 0, cache: 0, graph: 0, queued: 0 };

  it.each([
    ['a step that became slower', [took('bundle', 150, { cpu: 140 }), took('types', 300, { cpu: 280 })], { work: 50 }],
    ['a busier machine', [took('bundle', 200, { cpu: 90 }), took('types', 600, { cpu: 280 })], { machine: 400 }],
    [
      'a cache that had it',
      [took('bundle', 100, { cpu: 90 }), took('types', 5, { outcome: 'restored', cpu: 4 })],
      { cache: -295 },
    ],
    ['fewer slots', [took('bundle', 100, { cpu: 90 }), took('types', 300, { cpu: 280, queued: 70 })], { queued: 70 }],
    ['a new step', [took('bundle', 100, { cpu: 90 }), took('types', 300, { cpu: 280 }), took('new', 9)], { graph: 9 }],
  ])('names %s, and nothing else', (_, steps, named) => {
    expect(compareRecords(quiet, recordOf(steps))).toMatchObject({ ...none, ...named });
  });

  it('takes it for the cache where a step came from elsewhere', () => {
    const fresh = recordOf([took('bundle', 1, { outcome: 'fresh' })]);
    const far = recordOf([took('bundle', 80, { outcome: 'restored', cpu: 3 })]);
    expect(compareRecords(fresh, far)).toMatchObject({ ...none, cache: 79 });
  });

  it('finds no difference between a build and itself', () => {
    const same = compareRecords(before, before);
    expect(same).toMatchObject({ duration: 0, work: 0, cache: 0, graph: 0, queued: 0 });
    expect(same.steps.every(({ difference }) => difference === 0)).toBe(true);
  });
});
