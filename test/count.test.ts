import { describe, expect, it } from 'vitest';
import { countOf, formatCount, readCount, sumCounts } from '../scripts/count.ts';

describe('readCount', () => {
  it.each([
    ['a passing run of vitest', ' Test Files  2 passed (2)\n      Tests  12 passed (12)\n', 12, 0],
    ['a failing run of vitest', '      Tests  1 failed | 5 passed | 2 skipped (8)\n', 5, 1],
    ['the last line of a script', 'ok   3 passed, 9 failed, he said\n\n23 passed, 1 failed\n', 23, 1],
    ['the last of several', '4 passed, 1 failed\n5 passed, 0 failed\n', 5, 0],
    ['nothing', 'Error: out of memory\n', 0, 0],
  ])('reads %s', (_, output, passed, failed) => {
    expect(readCount(output)).toEqual({ passed, failed });
  });
});

describe('countOf', () => {
  it('counts a command that fails without a failed check as one failure', () => {
    expect(countOf(1, { passed: 3, failed: 0 })).toEqual({ passed: 3, failed: 1 });
    expect(countOf(1, { passed: 3, failed: 2 })).toEqual({ passed: 3, failed: 2 });
    expect(countOf(0, { passed: 3, failed: 0 })).toEqual({ passed: 3, failed: 0 });
  });
});

describe('formatCount', () => {
  it('is what readCount reads', () => {
    const sum = sumCounts([
      { passed: 3, failed: 1 },
      { passed: 4, failed: 0 },
    ]);
    expect(readCount(formatCount(sum))).toEqual({ passed: 7, failed: 1 });
  });
});
