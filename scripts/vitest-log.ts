/** What vitest says of tests that failed, cut out of all that it printed, or nothing. */
export function readFailures(log: string): readonly string[] {
  const lines = log.split('\n');
  const start = lines.findIndex((line) => /Failed (Tests|Suites) \d+/.test(line));
  if (start < 0) return [];
  const length = lines.slice(start).findIndex((line) => /^\s*Test Files\s/.test(line));
  return lines.slice(start, length < 0 ? undefined : start + length).filter((line) => line.trim() !== '');
}

/** The tests that passed only when they were run again, as the reporter in vitest.config.ts names them. */
export function readRetried(log: string): readonly string[] {
  return log.split('\n').flatMap((line) => /passed when run again: (.*)$/.exec(line)?.[1] ?? []);
}
