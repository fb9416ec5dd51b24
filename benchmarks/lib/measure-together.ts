import type { Measurement, Target } from './benchmark.ts';

/** Several figures of the same runs. */
export interface JointMeasurement {
  readonly name: string;
  readonly variants: readonly string[];
  readonly rounds: number;
  readonly metrics: readonly Metric[];
  /** Does it once, and returns a number for each metric. */
  readonly measure: (variant: string, round: number) => Promise<readonly number[]>;
}

export interface Metric {
  readonly name: string;
  readonly unit: Measurement['unit'];
  readonly targets?: readonly Target[];
}

/** A measurement for each metric; the first one runs what all read. */
export function measureTogether({
  name,
  variants,
  rounds,
  metrics,
  measure,
}: JointMeasurement): readonly Measurement[] {
  const outcomes = new Map<string, Promise<readonly number[]>>();
  const runOnce = (variant: string, round: number): Promise<readonly number[]> => {
    const key = `${round} ${variant}`;
    const outcome = outcomes.get(key) ?? measure(variant, round);
    outcomes.set(key, outcome);
    return outcome;
  };
  return metrics.map(({ name: metric, unit, targets }, index) => ({
    name: `${name}: ${metric}`,
    unit,
    variants,
    rounds,
    measure: async (variant, round) => (await runOnce(variant, round))[index] ?? Number.NaN,
    ...(targets && { targets }),
  }));
}
