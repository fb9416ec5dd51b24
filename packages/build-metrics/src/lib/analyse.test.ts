import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordOf } from '../../test/record-of.ts';
import { analyse } from './analyse.ts';

const record = recordOf(
  [
    { name: 'scan', start: 0, end: 10, kind: 'scan' },
    { name: 'bundle:a', start: 10, end: 40, kind: 'bundle', needs: ['scan'], queued: 0, reason: 'a.ts changed' },
    { name: 'transform a', start: 12, end: 30, kind: 'transform', parent: 1 },
    {
      name: 'bundle:b',
      start: 10,
      end: 11,
      kind: 'bundle',
      needs: ['scan'],
      outcome: 'restored',
      saved: 25,
      queued: 3,
    },
    { name: 'types', start: 0, end: 0, kind: 'types', outcome: 'fresh', saved: 500 },
    { name: 'image', start: 40, end: 50, kind: 'image', needs: ['bundle:a', 'bundle:b'], outcome: 'failed' },
  ],
  { duration: 60 },
);

describe('analyse', () => {
  it('says what the build came to', () => {
    expect(analyse(record)).toMatchObject({
      duration: 60,
      work: 51,
      lowerBound: 50,
      queued: 3,
      saved: 525,
      outcomes: { ran: 2, restored: 1, fresh: 1, failed: 1, cancelled: 0 },
    });
  });

  it('finds the critical path and the share of the workers that was used', () => {
    const { criticalPath, efficiency } = analyse(record);
    expect(criticalPath.steps.map(({ name }) => name)).toEqual(['scan', 'bundle:a', 'image']);
    expect(criticalPath.duration).toBe(50);
    expect(efficiency).toBeCloseTo(51 / 120);
  });

  it('is bounded by the work where there are few workers', () => {
    const steps = ['a', 'b', 'c', 'd'].map((name) => ({ name, start: 0, end: 10 }));
    expect(analyse(recordOf(steps, { concurrency: 2 })).lowerBound).toBe(20);
  });

  it('adds up by kind, the most expensive first', () => {
    expect(analyse(record).kinds).toEqual([
      { kind: 'bundle', steps: 2, work: 31, saved: 25 },
      { kind: 'image', steps: 1, work: 10, saved: 0 },
      { kind: 'scan', steps: 1, work: 10, saved: 0 },
      { kind: 'types', steps: 1, work: 0, saved: 500 },
    ]);
  });

  it('lists the slowest steps, without their parts', () => {
    expect(analyse(record, { slowest: 2 }).slowest.map(({ name }) => name)).toEqual(['bundle:a', 'image']);
  });

  it('ranks what would save most if it took no time, and says what more workers would save', () => {
    const steps = [
      { name: 'a', start: 0, end: 4000 },
      { name: 'b', start: 0, end: 3000 },
      { name: 'c', start: 4000, end: 7000 },
      { name: 'end', start: 7000, end: 7100, needs: ['a', 'b', 'c'] },
    ];
    const { bottlenecks, planned, slack } = analyse(recordOf(steps, { concurrency: 1 }));
    expect(bottlenecks.map(({ step, saves }) => [step.name, saves])).toEqual([
      ['a', 4000],
      ['b', 3000],
      ['c', 3000],
      ['end', 100],
    ]);
    expect(planned).toEqual([
      { workers: 1, duration: 10_100 },
      { workers: 2, duration: 6100 },
      { workers: 4, duration: 4100 },
    ]);
    expect(slack.get('b')).toBe(1000);
  });

  it('advises where it would matter, and only there', () => {
    const long = (scale: number) =>
      recordOf([
        { name: 'types', start: 0, end: 9 * scale },
        { name: 'bundle', start: 0, end: scale },
      ]);
    expect(analyse(long(1000)).advice).toEqual([
      { kind: 'step', saves: 8000, message: '"types" holds up the build: without it 8.0 s less' },
    ]);
    expect(analyse(long(100)).advice).toEqual([]);
    const wide = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => ({ name, start: 0, end: 1000 }));
    expect(analyse(recordOf(wide, { duration: 4000 })).advice).toMatchObject([{ kind: 'workers', saves: 2000 }]);
    const machine = { class: 'x', cores: 2, others: 1.6, pressure: 0.9 };
    expect(analyse(recordOf(wide, { duration: 40_000, machine })).advice).toMatchObject([{ kind: 'machine' }]);
  });

  it('takes an empty build for what it is', () => {
    expect(analyse(recordOf([]))).toMatchObject({ work: 0, lowerBound: 0, efficiency: 0, kinds: [], slowest: [] });
  });

  it('never finds a critical path longer than the work, nor a bound above both', () => {
    const steps = fc.array(fc.tuple(fc.nat(100), fc.nat(100)), { maxLength: 20 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 8 }), (times, concurrency) => {
        const facts = times.map(([start, time], at) => ({
          name: `${at}`,
          start,
          end: start + time,
          needs: at % 3 === 0 ? [] : [`${at - 1}`],
        }));
        const { criticalPath, work, lowerBound } = analyse(recordOf(facts, { concurrency }));
        expect(criticalPath.duration).toBeLessThanOrEqual(work);
        expect(lowerBound).toBe(Math.max(criticalPath.duration, work / concurrency));
      }),
    );
  });
});
