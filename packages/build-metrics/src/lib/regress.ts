import { mean, spread } from './statistics.ts';

/** One thing that a value may depend on: a number for each run, and how far a slope may plausibly be from 0. */
export interface Covariate {
  readonly values: readonly number[];
  /** Standard deviation of the slope before anything is known. */
  readonly slope: number;
}

/** What is known of values after what the covariates explain was taken out. */
export interface Regression {
  /** What is left of each value, of the runs it was laid through and of those after. */
  readonly left: readonly number[];
  /** Standard deviation of what is left. */
  readonly spread: number;
  /** Runs less what the slopes took. */
  readonly freedom: number;
  /** The variance that the slopes' uncertainty adds to what is left of these runs, on average. */
  uncertainty(runs: readonly number[]): number;
}

/**
 * Bayesian linear regression through the first runs, counting far ones less (Huber). Slopes are held towards 0 by what is
 * plausible, and their uncertainty is told: where later runs lie outside of what the first ones saw, such as a machine
 * that was never that busy, the answer says how little it knows. Gelman et al., Bayesian Data Analysis, chapter 14.
 */
export function regress(
  y: readonly number[],
  given: readonly Covariate[],
  { of, floor }: { readonly of: number; readonly floor: number },
): Regression {
  const before = y.slice(0, of);
  // What was the same in all of these runs explains nothing, nor how it was in others.
  const telling = given.filter(({ values }) => values.some((value) => value !== values[0]));
  const prior = telling.map(({ slope }) => 1 / slope ** 2);
  let weights: readonly number[] = before.map(() => 1);
  let sigma = Math.max(floor, spread(before));
  let fitted = fit(y, telling, { weights, prior, sigma });
  for (let turn = 0; turn < 2; turn += 1) {
    const known = fitted.left.slice(0, of);
    const scale = 1.345 * Math.max(floor, spread(known));
    weights = known.map((value) => Math.min(1, scale / Math.max(1e-12, Math.abs(value))));
    sigma = Math.max(floor, deviation(known, fitted.taken));
    fitted = fit(y, telling, { weights, prior, sigma });
  }
  const known = fitted.left.slice(0, of);
  sigma = Math.max(floor, spread(known), deviation(known, fitted.taken));
  return {
    left: fitted.left,
    spread: sigma,
    freedom: Math.max(1, of - 1 - fitted.taken),
    uncertainty: (runs) => fitted.uncertainty(runs) * sigma ** 2,
  };
}

function deviation(left: readonly number[], taken: number): number {
  return Math.sqrt((mean(left.map((value) => value ** 2)) * left.length) / Math.max(1, left.length - 1 - taken));
}

interface Setting {
  readonly weights: readonly number[];
  readonly prior: readonly number[];
  readonly sigma: number;
}

interface Fit {
  readonly left: readonly number[];
  /** Degrees of freedom that the slopes took. */
  readonly taken: number;
  /** Of the slopes, for these runs; in variances of what is left. */
  uncertainty(runs: readonly number[]): number;
}

/** Weighted normal equations around the middles of all, with the prior on the diagonal. */
function fit(y: readonly number[], covariates: readonly Covariate[], { weights, prior, sigma }: Setting): Fit {
  const values = centred(y, weights);
  const rows = covariates.map((covariate) => centred(covariate.values, weights));
  const weighted = rows.map((row) => row.subarray(0, weights.length).map((value, run) => value * (weights[run] ?? 0)));
  const products = weighted.map((a) => rows.map((b) => dot(a, b)));
  const inverse = invert(
    products.map((row, i) => row.map((value, j) => (i === j ? value + sigma ** 2 * (prior[i] ?? 0) : value))),
  );
  const sides = Float64Array.from(weighted, (row) => dot(row, values));
  const left = values.slice();
  inverse.forEach((row, i) => {
    const slope = dot(row, sides);
    rows[i]?.forEach((value, run) => {
      left[run] = (left[run] ?? 0) - slope * value;
    });
  });
  return {
    left: [...left],
    taken: inverse.reduce(
      (sum, row, i) =>
        sum +
        dot(
          row,
          Float64Array.from(products, (all) => all[i] ?? 0),
        ),
      0,
    ),
    uncertainty: (runs) => {
      const far = Float64Array.from(rows, (row) => mean(runs.map((run) => row[run] ?? 0)));
      return inverse.reduce((sum, row, i) => sum + dot(row, far) * (far[i] ?? 0), 0);
    },
  };
}

/** The values less their weighted mean; those without a weight, too. */
function centred(values: readonly number[], weights: readonly number[]): Float64Array {
  const all = Float64Array.from(values);
  const middle = dot(weights, all) / weights.reduce((sum, weight) => sum + weight, 0);
  return all.map((value) => value - middle);
}

/** Of as many as the first has. A loop: trends of thousands of steps spend most of their time here. */
function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += (a[at] ?? 0) * (b[at] ?? 0);
  return sum;
}

/** By Gauss and Jordan: a handful of unknowns, and the diagonal is never 0. */
function invert(matrix: readonly (readonly number[])[]): readonly Float64Array[] {
  const size = matrix.length;
  const rows = matrix.map((row, i) => Float64Array.from([...row, ...row.map((_, j) => (i === j ? 1 : 0))]));
  rows.forEach((row, pivot) => {
    const by = row[pivot] ?? 1;
    for (let at = 0; at < row.length; at += 1) row[at] = (row[at] ?? 0) / by;
    rows.forEach((other, index) => {
      const times = other[pivot] ?? 0;
      if (index === pivot || times === 0) return;
      for (let at = 0; at < other.length; at += 1) other[at] = (other[at] ?? 0) - times * (row[at] ?? 0);
    });
  });
  return rows.map((row) => row.subarray(size));
}
