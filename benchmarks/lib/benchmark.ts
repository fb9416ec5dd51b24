/** One thing measured for several variants, in rounds that take turns, so that a busy moment hits them alike. */
export interface Measurement {
  readonly name: string;
  readonly unit: 'us' | 'ms' | 'MB' | '/s';
  /** The variant that the others are compared with: the first. */
  readonly variants: readonly string[];
  readonly rounds: number;
  readonly measure: (variant: string, round: number) => Promise<number>;
  readonly targets?: readonly Target[];
}

/** What an issue says must hold. */
export interface Target {
  readonly variant: string;
  /** Compared with the first variant of the measurement, or by itself. */
  readonly kind: 'ratio' | 'difference' | 'value';
  readonly atMost: number;
}

export interface Row {
  readonly measurement: string;
  readonly unit: Measurement['unit'];
  readonly variant: string;
  readonly median: number;
  readonly best: number;
  readonly samples: readonly number[];
  /** Median of the rounds' own ratios and differences to the baseline. */
  readonly ratio: number;
  readonly difference: number;
  readonly target?: Target;
  readonly holds?: boolean;
}

/** Measures every variant once per round, the order turning from round to round. */
export async function runMeasurement(measurement: Measurement): Promise<readonly Row[]> {
  const { variants, rounds, measure } = measurement;
  const samples = new Map(variants.map((variant): [string, number[]] => [variant, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const variant of rotate(variants, round)) samples.get(variant)?.push(await measure(variant, round));
  }
  const [baseline = ''] = variants;
  return variants.map((variant) => summarize(measurement, variant, { samples, baseline }));
}

function summarize(
  { name, unit, targets = [] }: Measurement,
  variant: string,
  { samples, baseline }: { readonly samples: ReadonlyMap<string, readonly number[]>; readonly baseline: string },
): Row {
  const own = samples.get(variant) ?? [];
  const others = samples.get(baseline) ?? [];
  const row = {
    measurement: name,
    unit,
    variant,
    samples: own,
    median: median(own),
    best: unit === '/s' ? Math.max(...own) : Math.min(...own),
    ratio: median(own.map((value, round) => value / (others[round] ?? Number.NaN))),
    difference: median(own.map((value, round) => value - (others[round] ?? Number.NaN))),
  };
  const target = targets.find((one) => one.variant === variant);
  if (target === undefined) return row;
  return { ...row, target, holds: valueFor(target, row) <= target.atMost };
}

export function valueFor({ kind }: Target, row: Pick<Row, 'ratio' | 'difference' | 'median'>): number {
  return kind === 'ratio' ? row.ratio : kind === 'difference' ? row.difference : row.median;
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
