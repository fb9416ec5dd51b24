/** How well the cache served, of one step or in total. */
export interface CacheCounts {
  readonly hits: number;
  readonly misses: number;
  /** Hits per look-up, 0 to 1; 0 when there was none. */
  readonly hitRate: number;
  /** Bytes kept now. Of a step, with every file counted; in total, files that entries share are counted once. */
  readonly totalSize: number;
  /** Milliseconds that the steps would have taken. */
  readonly timeSaved: number;
}

export interface CacheScope {
  readonly total: CacheCounts;
  /** By step name; look-ups that named no step are in `total` alone. */
  readonly steps: Readonly<Record<string, CacheCounts>>;
}

export interface CacheStatistics {
  readonly run: CacheScope;
  readonly all: CacheScope;
}

/** hits, misses, milliseconds saved */
export type Tally = readonly [number, number, number];

/** Counts by step name; `''` for look-ups that named none. */
export type Tallies = ReadonlyMap<string, Tally>;

export const NO_TALLIES: Tallies = new Map();

export function addTally(tallies: Map<string, Tally>, step: string, [hits, misses, saved]: Tally): void {
  const [h, m, s] = tallies.get(step) ?? [0, 0, 0];
  tallies.set(step, [h + hits, m + misses, s + saved]);
}

export function mergeTallies(all: readonly Tallies[]): Map<string, Tally> {
  const merged = new Map<string, Tally>();
  for (const tallies of all) for (const [step, tally] of tallies) addTally(merged, step, tally);
  return merged;
}

/** Joins counts with sizes. `sizes` is by step; `totalSize` is what the store takes. */
export function cacheScope(tallies: Tallies, sizes: ReadonlyMap<string, number>, totalSize: number): CacheScope {
  const steps: [string, CacheCounts][] = [];
  const total: [number, number, number] = [0, 0, 0];
  for (const step of new Set([...tallies.keys(), ...sizes.keys()])) {
    const tally = tallies.get(step) ?? [0, 0, 0];
    tally.forEach((count, index) => {
      total[index] = (total[index] ?? 0) + count;
    });
    if (step !== '') steps.push([step, counts(tally, sizes.get(step) ?? 0)]);
  }
  steps.sort(([a], [b]) => (a < b ? -1 : 1));
  return { total: counts(total, totalSize), steps: Object.fromEntries(steps) };
}

function counts([hits, misses, timeSaved]: Tally, totalSize: number): CacheCounts {
  const lookups = hits + misses;
  return { hits, misses, hitRate: lookups === 0 ? 0 : hits / lookups, totalSize, timeSaved };
}

export function encodeTallies(tallies: Tallies): string {
  return JSON.stringify({ format: 1, steps: [...tallies] });
}

/** Nothing, when the text is not one of ours: statistics are worth no failure. */
export function parseTallies(text: string | undefined): Tallies {
  const tallies = new Map<string, Tally>();
  if (text === undefined) return tallies;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('steps' in value) || !Array.isArray(value.steps))
      return tallies;
    for (const row of value.steps) if (isRow(row)) addTally(tallies, row[0], row[1]);
  } catch {
    return tallies;
  }
  return tallies;
}

function isRow(row: unknown): row is [string, Tally] {
  if (!Array.isArray(row) || typeof row[0] !== 'string' || !Array.isArray(row[1])) return false;
  return row[1].length === 3 && row[1].every((count) => Number.isFinite(count));
}
