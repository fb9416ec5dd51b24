const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30s` → 30,000. Numbers are milliseconds already. */
export function milliseconds(duration: number | string): number {
  if (typeof duration === 'number') return duration;
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(duration);
  const unit = match?.[2] === undefined ? undefined : UNITS[match[2]];
  if (match === null || unit === undefined)
    throw new RangeError(`Cannot read the time "${duration}": expected a text such as "30s" or "5m"`);
  return Number(match[1]) * unit;
}
