import { definitionInvalid } from '../errors.ts';

const UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** Longest time that a timer of Node can wait, 24.8 days: it takes a longer one for 1 ms. */
const LIMIT = 2_147_483_647;

/**
 * Milliseconds of `1500`, `30s`, `5m`, `1h` or `1d`.
 * @throws ServerError DEFINITION_INVALID
 */
export function parseDuration(value: number | string, what: string): number {
  const [, count = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/.exec(String(value)) ?? [];
  const milliseconds = typeof value === 'number' ? value : Number(count) * (UNITS.get(unit) ?? Number.NaN);
  if (milliseconds > LIMIT && Number.isFinite(milliseconds)) {
    throw definitionInvalid(what, `"${value}" is longer than 24.8 days`, 'No timer waits longer than 2147483647 ms.');
  }
  if (Number.isFinite(milliseconds) && milliseconds > 0) return milliseconds;
  throw definitionInvalid(what, `"${value}" is no duration`, 'Write milliseconds, or a text such as "30s" or "5m".');
}
