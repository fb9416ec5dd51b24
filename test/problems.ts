/** Fails the test with one sentence a line, where there is anything to say. */
export function expectNone(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(problems.join('\n'));
}
