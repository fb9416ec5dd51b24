/**
 * Whether the tests of damage, crashes and many processes try everything (`pnpm soak`, half an hour) or a part that every
 * change can afford.
 */
export const thorough = process.env.MCPGEN_TEST_SOAK === '1';

/** One of two numbers. */
export function effort(bounded: number, full: number): number {
  return thorough ? full : bounded;
}

/** Milliseconds that such a test may take. */
export const deadline = thorough ? 3 * 3600_000 : 240_000;
