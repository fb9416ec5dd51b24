const UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);
/** Longest time that a timer of Node can wait, 24.8 days. */
const LIMIT = 2_147_483_647;

/** Milliseconds of a number of milliseconds or of a text such as `250ms`, `30s`, `5m`, `1.5h`, `1d`; else undefined. */
export function parseDuration(value: unknown): number | undefined {
  const milliseconds = typeof value === 'string' ? parseText(value) : value;
  if (typeof milliseconds !== 'number' || !(milliseconds > 0) || milliseconds > LIMIT) return undefined;
  return Math.round(milliseconds);
}

function parseText(text: string): number | undefined {
  const match = /^(?<amount>\d{1,12}(?:\.\d{1,6})?) ?(?<unit>ms|s|m|h|d)$/.exec(text);
  const unit = UNITS.get(match?.groups?.unit ?? '');
  return unit === undefined ? undefined : Number(match?.groups?.amount) * unit;
}
