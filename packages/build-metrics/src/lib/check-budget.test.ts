import { describe, expect, it } from 'vitest';
import { recordOf } from '../../test/record-of.ts';
import { checkBudget } from './check-budget.ts';

const record = recordOf(
  [
    { name: 'bundle:a', kind: 'bundle', start: 0, end: 30 },
    { name: 'bundle:b', kind: 'bundle', start: 0, end: 20 },
    { name: 'part', kind: 'bundle', start: 0, end: 20, parent: 0 },
  ],
  { duration: 35, sizes: [{ name: 'image', bytes: 900, parts: [{ name: 'app', bytes: 100 }] }] },
);

describe('checkBudget', () => {
  it('tells what took more than it may: build, step, kind and size', () => {
    const budget = { duration: 30, steps: { 'bundle:b': 19, bundle: 49 }, bytes: { image: 899, 'image/app': 99 } };
    expect(checkBudget(record, budget)).toEqual([
      { name: 'duration', unit: 'ms', limit: 30, found: 35 },
      { name: 'bundle:b', unit: 'ms', limit: 19, found: 20 },
      { name: 'bundle', unit: 'ms', limit: 49, found: 50 },
      { name: 'image', unit: 'bytes', limit: 899, found: 900 },
      { name: 'image/app', unit: 'bytes', limit: 99, found: 100 },
    ]);
  });

  it('tells nothing of what keeps to it, or is not there', () => {
    expect(
      checkBudget(record, { duration: 35, steps: { bundle: 50, none: 1 }, bytes: { image: 900, app: 1 } }),
    ).toEqual([]);
    expect(checkBudget(record, {})).toEqual([]);
  });
});
