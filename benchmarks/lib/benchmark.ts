/** One thing measured for several variants, in rounds that take turns, so that a busy moment hits them alike. */
export interface Measurement {
  readonly name: string;
  readonly unit: 'us' | 'ms' | 'KB' | 'MB' | '/s';
  /** The variant that the others are compared with: the first. */
  readonly variants: readonly string[];
  readonly rounds: number;
  /** Variants that take so long that they are measured in the first of these rounds alone; never the first variant. */
  readonly fewer?: { readonly rounds: number; readonly variants: readonly string[] };
  readonly measure: (variant: string, round: number) => Promise<number>;
  readonly targets?: readonly Target[];
}

/** What an issue says must hold. */
export interface Target {
  readonly variant: string;
  /** Compared with another variant, or by itself. */
  readonly kind: 'ratio' | 'difference' | 'value';
  /** The other variant; default: the first of the measurement. */
  readonly to?: string;
  readonly atMost: number;
}

export interface Row {
  readonly measurement: string;
  readonly unit: Measurement['unit'];
  readonly variant: string;
  readonly median: number;
  readonly best: number;
  readonly samples: readonly number[];
  /** What it is compared with. */
  readonly to: string;
  /** Median of the rounds' own ratios and differences. */
  readonly ratio: number;
  readonly difference: number;
  /** Of the best samples: what else runs on a machine makes times longer, never shorter. */
  readonly bestRatio: number;
  readonly bestDifference: number;
  readonly target?: Target;
  readonly holds?: boolean;
}

/** Measures every variant once per round, the order turning from round to round. A row for each variant and target. */
export async function runMeasurement(measurement: Measurement): Promise<readonly Row[]> {
  const { variants, rounds, fewer, measure } = measurement;
  const samples = new Map(variants.map((variant): [string, number[]] => [variant, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const variant of rotate(variants, round)) {
      if (fewer !== undefined && round >= fewer.rounds && fewer.variants.includes(variant)) continue;
      samples.get(variant)?.push(await measure(variant, round));
    }
  }
  const [baseline = ''] = variants;
  return variants.flatMap((variant) => {
    const targets = (measurement.targets ?? []).filter((one) => one.variant === variant);
    const each = targets.length === 0 ? [undefined] : targets;
    return each.map((target) => summarize(measurement, variant, { samples, to: target?.to ?? baseline, target }));
  });
}

interface Comparison {
  readonly samples: ReadonlyMap<string, readonly number[]>;
  readonly to: string;
  readonly target: Target | undefined;
}

function summarize({ name, unit }: Measurement, variant: string, { samples, to, target }: Comparison): Row {
  const own = samples.get(variant) ?? [];
  const others = samples.get(to) ?? [];
  const best = (values: readonly number[]) => (unit === '/s' ? Math.max(...values) : Math.min(...values));
  const row = {
    to,
    measurement: name,
    unit,
    variant,
    samples: own,
    median: median(own),
    best: best(own),
    bestRatio: best(own) / best(others),
    bestDifference: best(own) - best(others),
    ratio: median(own.map((value, round) => value / (others[round] ?? Number.NaN))),
    difference: median(own.map((value, round) => value - (others[round] ?? Number.NaN))),
  };
  if (target === undefined) return row;
  return { ...row, target, holds: valueFor(target, row) <= target.atMost };
}

/** What a target is held against: times by their best, which nothing disturbed; memory by its median. */
export function valueFor({ kind }: Target, row: Omit<Row, 'target' | 'holds'>): number {
  const { unit, ratio, difference, median: middle, best, bestRatio, bestDifference } = row;
  if (unit === 'MB') return kind === 'ratio' ? ratio : kind === 'difference' ? difference : middle;
  return kind === 'ratio' ? bestRatio : kind === 'difference' ? bestDifference : best;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

function rotate<T>(values: readonly T[], by: number): readonly T[] {
  const start = by % values.length;
  return [...values.slice(start), ...values.slice(0, start)];
}
