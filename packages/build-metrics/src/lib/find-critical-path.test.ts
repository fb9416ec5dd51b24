import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordOf } from '../../test/record-of.ts';
import { findCriticalPath } from './find-critical-path.ts';
import { spanTime } from './step-graph.ts';

const step = (name: string, duration: number, ...needs: string[]) => ({ name, start: 0, end: duration, needs });
const pathOf = (...steps: ReturnType<typeof step>[]) => {
  const { steps: path, duration } = findCriticalPath(recordOf(steps));
  return { names: path.map(({ name }) => name), duration };
};

const graphs = fc.array(fc.tuple(fc.nat(100), fc.array(fc.nat(30), { maxLength: 3 })), { maxLength: 30 }).map((rows) =>
  rows.map(([duration, needs], at) => {
    const names = [...new Set(needs.filter((need) => need < at))].map((need) => `s${need}`);
    return step(`s${at}`, duration, ...names);
  }),
);

/** Every chain of needs, tried out: what the linear walk must agree with. */
function longestByRecursion(steps: readonly ReturnType<typeof step>[]): number {
  const byName = new Map(steps.map((each) => [each.name, each]));
  const known = new Map<string, number>();
  const longest = (name: string): number => {
    const found = byName.get(name);
    if (found === undefined) return 0;
    const length = known.get(name) ?? found.end + Math.max(0, ...found.needs.map(longest));
    known.set(name, length);
    return length;
  };
  return Math.max(0, ...steps.map(({ name }) => longest(name)));
}

describe('findCriticalPath', () => {
  it('finds the chain that takes longest, not the one of most steps', () => {
    const steps = [step('a', 1), step('b', 1, 'a'), step('c', 1, 'b'), step('slow', 9), step('end', 1, 'c', 'slow')];
    expect(pathOf(...steps)).toEqual({ names: ['slow', 'end'], duration: 10 });
  });

  it('is empty for a build without steps, and one step where none needs another', () => {
    expect(pathOf()).toEqual({ names: [], duration: 0 });
    expect(pathOf(step('a', 2), step('b', 3))).toEqual({ names: ['b'], duration: 3 });
  });

  it('reads needs in whatever order the steps are', () => {
    expect(pathOf(step('end', 1, 'start'), step('start', 5)).names).toEqual(['start', 'end']);
  });

  it('ignores needs that were not recorded', () => {
    expect(pathOf(step('a', 2, 'lost'), step('b', 1, 'a')).names).toEqual(['a', 'b']);
  });

  it('ends when steps need each other in a circle', () => {
    expect(pathOf(step('a', 2, 'b'), step('b', 2, 'a'), step('c', 1)).names).toEqual(['c']);
  });

  it('is a chain of needs, as long as the longest that there is', () => {
    fc.assert(
      fc.property(graphs, (steps) => {
        const { steps: path, duration } = findCriticalPath(recordOf(steps));
        expect(duration).toBeCloseTo(longestByRecursion(steps), 6);
        expect(path.reduce((sum, each) => sum + spanTime(each), 0)).toBeCloseTo(duration, 6);
        path.slice(1).forEach(({ needs }, at) => {
          expect(needs).toContain(path[at]?.name);
        });
      }),
    );
  });

  it('goes through ten thousand steps in a row', () => {
    const steps = Array.from({ length: 10_000 }, (_, at) =>
      step(`s${at}`, (at * 7919) % 13, ...(at > 0 ? [`s${at - 1}`, `s${at >> 1}`] : [])),
    );
    const { names, duration } = pathOf(...steps);
    expect(names).toHaveLength(10_000);
    expect(duration).toBe(steps.reduce((sum, { end }) => sum + end, 0));
  });
});
