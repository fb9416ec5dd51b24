/** How well the cache served, of one step, of one tier, or in total. */
export interface CacheCounts {
  readonly hits: number;
  readonly misses: number;
  /** Hits per look-up, 0 to 1; 0 when there was none. */
  readonly hitRate: number;
  /**
   * Bytes kept now. Of a step, with every file counted; in total, files that entries share are counted once. Of a tier
   * elsewhere, whose size is not known here: bytes that were brought from it.
   */
  readonly totalSize: number;
  /** Milliseconds that the steps would have taken. */
  readonly timeSaved: number;
}

export interface CacheScope {
  readonly total: CacheCounts;
  /** By step name; look-ups that named no step are in `total` alone. */
  readonly steps: Readonly<Record<string, CacheCounts>>;
  /**
   * By tier: `local`, or where a remote one lies. A look-up is a hit of the tier that had the entry and a miss of each that
   * was asked before, so that misses of the near ones may be hits of those behind them.
   */
  readonly tiers: Readonly<Record<string, CacheCounts>>;
}

export interface CacheStatistics {
  readonly run: CacheScope;
  /** The run of any process that ended last; absent before the first, and where it asked for nothing. */
  readonly last?: CacheScope;
  readonly all: CacheScope;
}

/** The name of the tier in the project itself. */
export const LOCAL_TIER = 'local';

/** hits, misses, milliseconds saved, bytes brought */
export type Tally = readonly [number, number, number, number];

/** What a run counts, or many did. */
export interface Tallies {
  /** By step name; `''` for look-ups that named none. */
  readonly steps: ReadonlyMap<string, Tally>;
  readonly tiers: ReadonlyMap<string, Tally>;
}

/** Tallies that still grow. */
export interface RunTallies extends Tallies {
  readonly steps: Map<string, Tally>;
  readonly tiers: Map<string, Tally>;
}

export function createTallies(): RunTallies {
  return { steps: new Map(), tiers: new Map() };
}

export function addTally(tallies: Map<string, Tally>, name: string, [hits, misses, saved, brought]: Tally): void {
  const [h, m, s, b] = tallies.get(name) ?? [0, 0, 0, 0];
  tallies.set(name, [h + hits, m + misses, s + saved, b + brought]);
}

export function mergeTallies(all: readonly Tallies[]): RunTallies {
  const merged = createTallies();
  for (const { steps, tiers } of all) {
    for (const [step, tally] of steps) addTally(merged.steps, step, tally);
    for (const [tier, tally] of tiers) addTally(merged.tiers, tier, tally);
  }
  return merged;
}

/** Joins counts with sizes. `sizes` is by step; `totalSize` is what the store takes. */
export function cacheScope(
  { steps, tiers }: Tallies,
  sizes: ReadonlyMap<string, number>,
  totalSize: number,
): CacheScope {
  const total = [...steps.values()].reduce<Tally>(
    ([hits, misses, saved], [h, m, s]) => [hits + h, misses + m, saved + s, 0],
    NOTHING,
  );
  const names = new Set([...steps.keys(), ...sizes.keys()]);
  names.delete('');
  return {
    total: counts(total, totalSize),
    steps: byName([...names], (step) => counts(steps.get(step) ?? NOTHING, sizes.get(step) ?? 0)),
    tiers: byName([...tiers.keys()], (tier) => {
      const tally = tiers.get(tier) ?? NOTHING;
      return counts(tally, tier === LOCAL_TIER ? totalSize : tally[3]);
    }),
  };
}

const NOTHING: Tally = [0, 0, 0, 0];

function byName(names: string[], of: (name: string) => CacheCounts): Record<string, CacheCounts> {
  return Object.fromEntries(names.sort((a, b) => (a < b ? -1 : 1)).map((name) => [name, of(name)]));
}

function counts([hits, misses, timeSaved]: Tally, totalSize: number): CacheCounts {
  const lookups = hits + misses;
  return { hits, misses, hitRate: lookups === 0 ? 0 : hits / lookups, totalSize, timeSaved };
}

export function encodeTallies({ steps, tiers }: Tallies): string {
  return JSON.stringify({ format: 1, steps: [...steps], tiers: [...tiers] });
}

/** Nothing, when the text is not one of ours: statistics are worth no failure. */
export function parseTallies(text: string | undefined): Tallies {
  const tallies = createTallies();
  if (text === undefined) return tallies;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return tallies;
    if ('steps' in value) addRows(tallies.steps, value.steps);
    if ('tiers' in value) addRows(tallies.tiers, value.tiers);
  } catch {
    return tallies;
  }
  return tallies;
}

/** Rows of versions that did not count bytes have three numbers. */
function addRows(tallies: Map<string, Tally>, rows: unknown): void {
  if (!Array.isArray(rows)) return;
  for (const row of rows) {
    if (!Array.isArray(row) || typeof row[0] !== 'string' || !isNumbers(row[1])) continue;
    const [hits = 0, misses = 0, saved = 0, brought = 0] = row[1];
    addTally(tallies, row[0], [hits, misses, saved, brought]);
  }
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((count) => Number.isFinite(count));
}
