import { definitionInvalid } from './errors.ts';

const UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/**
 * Milliseconds of `1500`, `30s`, `5m`, `1h` or `1d`.
 * @throws ServerError DEFINITION_INVALID
 */
export function parseDuration(value: number | string, what: string): number {
  const [, count = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/.exec(String(value)) ?? [];
  const milliseconds = typeof value === 'number' ? value : Number(count) * (UNITS.get(unit) ?? Number.NaN);
  if (Number.isFinite(milliseconds) && milliseconds > 0) return milliseconds;
  throw definitionInvalid(what, `"${value}" is no duration`, 'Write milliseconds, or a text such as "30s" or "5m".');
}
