import { describe, expect, it } from 'vitest';
import { readFailures, readRetried } from '../scripts/vitest-log.ts';

const log = `
 ❯ src/lib/a.test.ts (2 tests | 1 failed) 10ms
     ✓ passes the second time 7ms (retry x1)
passed when run again: src/lib/a.test.ts > passes the second time
     × never passes 1ms (retry x1)

⎯⎯⎯⎯⎯⎯⎯ Failed Tests 1 ⎯⎯⎯⎯⎯⎯⎯

 FAIL  src/lib/a.test.ts > never passes (initial run, 1st retry)
AssertionError: expected 2 to be 20

 Test Files  1 failed (1)
      Tests  1 failed | 1 passed (2)
`;

describe('readFailures', () => {
  it('gives what vitest says of the failed tests', () => {
    expect(readFailures(log)).toEqual([
      '⎯⎯⎯⎯⎯⎯⎯ Failed Tests 1 ⎯⎯⎯⎯⎯⎯⎯',
      ' FAIL  src/lib/a.test.ts > never passes (initial run, 1st retry)',
      'AssertionError: expected 2 to be 20',
    ]);
  });

  it('gives nothing where all passed', () => {
    expect(readFailures('      Tests  3 passed (3)')).toEqual([]);
  });
});

describe('readRetried', () => {
  it('names the tests that passed when they were run again', () => {
    expect(readRetried(log)).toEqual(['src/lib/a.test.ts > passes the second time']);
  });
});
