/** Decimal, as container tools count. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['B', 1],
  ['KB', 1000],
  ['MB', 1000 ** 2],
  ['GB', 1000 ** 3],
  ['TB', 1000 ** 4],
]);

/** Bytes of a number of bytes or of a text such as `80MB`. */
export function byteSize(size: number | string): number {
  const problem = sizeProblem(size);
  if (problem !== undefined) throw new RangeError(`Cannot read the size "${size}": ${problem}`);
  return Math.round(amountOf(size));
}

/** What is wrong with a size, or undefined. */
export function sizeProblem(size: unknown): string | undefined {
  const amount = amountOf(size);
  return amount >= 0 && amount <= Number.MAX_SAFE_INTEGER ? undefined : 'expected a size such as "80MB", or bytes';
}

/** NaN for what is no size. */
function amountOf(size: unknown): number {
  if (typeof size === 'number') return size;
  if (typeof size !== 'string') return Number.NaN;
  const match = /^(?<amount>\d{1,12}(?:\.\d{1,6})?) ?(?<unit>[A-Za-z]*)$/.exec(size);
  return Number(match?.groups?.amount) * (UNITS.get(match?.groups?.unit?.toUpperCase() ?? '-') ?? Number.NaN);
}
