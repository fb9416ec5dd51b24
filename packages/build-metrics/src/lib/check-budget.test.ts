import { describe, expect, it } from 'vitest';
import { recordOf } from '../../test/record-of.ts';
import { checkBudget } from './check-budget.ts';

const record = recordOf(
  [
    { name: 'bundle:a', kind: 'bundle', start: 0, end: 30 },
    { name: 'bundle:b', kind: 'bundle', start: 0, end: 20 },
    { name: 'part', kind: 'bundle', start: 0, end: 20, parent: 0 },
  ],
  {
    duration: 35,
    sizes: [
      {
        name: 'image',
        bytes: 900,
        parts: [
          { name: 'app', bytes: 100 },
          { name: 'constructor', bytes: 800 },
        ],
      },
    ],
  },
);

describe('checkBudget', () => {
  it('tells what took more than it may: build, step, kind and size', () => {
    const budget = { duration: 30, steps: { 'bundle:b': 19, bundle: 49 }, bytes: { image: 899, 'image/app': 99 } };
    expect(checkBudget(record, budget)).toEqual([
      { name: 'duration', unit: 'ms', level: 'fail', limit: 30, found: 35 },
      { name: 'bundle:b', unit: 'ms', level: 'fail', limit: 19, found: 20 },
      { name: 'bundle', unit: 'ms', level: 'fail', limit: 49, found: 50 },
      { name: 'image', unit: 'bytes', level: 'fail', limit: 899, found: 900 },
      { name: 'image/app', unit: 'bytes', level: 'fail', limit: 99, found: 100 },
    ]);
  });

  it('warns where only the lower limit is passed', () => {
    const levels = (limit: { warn?: number; fail?: number }) =>
      checkBudget(record, { duration: limit }).map(({ level, limit: passed }) => [level, passed]);
    expect(levels({ warn: 30, fail: 40 })).toEqual([['warn', 30]]);
    expect(levels({ warn: 30, fail: 34 })).toEqual([['fail', 34]]);
    expect(levels({ warn: 34 })).toEqual([['warn', 34]]);
    expect(levels({ warn: 35, fail: 35 })).toEqual([]);
    expect(levels({})).toEqual([]);
  });

  it('gives each part that has no limit of its own the one of all', () => {
    const passed = checkBudget(record, { bytes: { 'image/*': 99, 'image/app': 100 } });
    expect(passed.map(({ name }) => name)).toEqual(['image/constructor']);
  });

  it('tells nothing of what keeps to it, or is not there', () => {
    expect(
      checkBudget(record, { duration: 35, steps: { bundle: 50, none: 1 }, bytes: { image: 900, app: 1 } }),
    ).toEqual([]);
    expect(checkBudget(record, {})).toEqual([]);
  });
});
