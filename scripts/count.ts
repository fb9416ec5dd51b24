/** How many checks passed and failed. */
export interface Count {
  readonly passed: number;
  readonly failed: number;
}

/** Reads vitest's `Tests  1 failed | 5 passed (6)` or a script's `5 passed, 1 failed`, whichever comes last. */
export function readCount(output: string): Count {
  const line = output
    .split('\n')
    .filter((text) => /^\s*Tests\s+\d+ /.test(text) || /^\d+ passed, \d+ failed$/.test(text.trim()))
    .at(-1);
  const numberBefore = (word: string) => Number(new RegExp(`(\\d+) ${word}`).exec(line ?? '')?.[1] ?? 0);
  return { passed: numberBefore('passed'), failed: numberBefore('failed') };
}

/** The sum of several counts. */
export function sumCounts(counts: readonly Count[]): Count {
  return counts.reduce((sum, count) => ({ passed: sum.passed + count.passed, failed: sum.failed + count.failed }), {
    passed: 0,
    failed: 0,
  });
}

/** Where a command failed without a failed check, its failure is one. */
export function countOf(exitCode: number, count: Count): Count {
  return exitCode !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count;
}

/** `12 passed, 0 failed`: the last line of every script here that checks something. */
export function formatCount({ passed, failed }: Count): string {
  return `${passed} passed, ${failed} failed`;
}
