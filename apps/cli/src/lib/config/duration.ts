const UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** Longest time that a timer of Node can wait: one set to more ends at once. */
const LIMIT = 2_147_483_647;

/** Milliseconds of a number of milliseconds or of a text such as `250ms`, `30s`, `1.5h`, as tools may write them, too. */
export function milliseconds(duration: number | string): number {
  const problem = durationProblem(duration);
  if (problem !== undefined) throw new RangeError(`Cannot read the time "${duration}": ${problem}`);
  return Math.round(amountOf(duration));
}

/** What is wrong with a duration, or undefined. */
export function durationProblem(duration: unknown): string | undefined {
  const amount = amountOf(duration);
  if (!(amount > 0)) return 'expected a time such as "30s" or "5m", or milliseconds';
  if (amount > LIMIT) return `${JSON.stringify(duration)} is too long: expected a time of at most 24 days`;
  return undefined;
}

/** NaN for what is no duration. */
function amountOf(duration: unknown): number {
  if (typeof duration === 'number') return duration;
  if (typeof duration !== 'string') return Number.NaN;
  const match = /^(?<amount>\d{1,12}(?:\.\d{1,6})?) ?(?<unit>ms|s|m|h|d)$/.exec(duration);
  return Number(match?.groups?.amount) * (UNITS.get(match?.groups?.unit ?? '') ?? Number.NaN);
}
