import { type Covariate, type Regression, regress } from './regress.ts';
import { mean, median, persistence } from './statistics.ts';

/** What a step cost in each run, and what may explain its differences. */
export interface CostHistory {
  /** Milliseconds. */
  readonly costs: readonly number[];
  /** How busy the machine was, from 0 to 1. */
  readonly load: readonly number[];
  /** What may explain the differences. */
  readonly covariates: readonly Covariate[];
}

export interface DetectOptions {
  /** Questions that are asked of a build: with more of them each must differ more, since one of many differs by chance. */
  readonly tests: number;
  /** Milliseconds that do not matter. */
  readonly atLeast: number;
}

/** Whether the latest runs cost more, or less, than those before. */
export interface Shift {
  /** `unknown`: too few runs to say. */
  readonly verdict: 'slower' | 'faster' | 'steady' | 'unknown';
  /** Median cost of the runs before and of the latest ones, milliseconds. */
  readonly before: number;
  readonly after: number;
  /** By what factor it changed, what the machine explains taken out. */
  readonly change: number;
  /** The factor that would have been noticed, at this noise. */
  readonly detectable: number;
  /** Position of the first run that differs. */
  readonly from?: number;
}

/** Fewer runs before say nothing of the usual spread. */
const BEFORE = 10;
/** The latest runs: a change is looked for at each of their beginnings. */
export const LATEST = 5;
/** What chance may do to one build, all its steps together: set on one half of the recorded noise, held over the other. */
const STRICT = 0.0001;
/** Nothing is known better than this: clocks, memory layout, turbo frequencies. */
const FLOOR = 0.008;
/** A change of less than this factor's logarithm is not worth a word. */
const SMALL = 0.04;
/** The most that one run may contribute to a change: of the latest, three must agree, however wild one or two are. */
const SHARE = 0.45;

/**
 * Looks for a change within the latest runs. What the machine and the other steps explain is taken out first, by a
 * regression through the runs before; what is left must be more than its spread, its persistence and what the regression
 * does not know make by chance.
 */
export function detectShift({ costs, load, covariates }: CostHistory, { tests, atLeast }: DetectOptions): Shift {
  const before = costs.length - LATEST;
  const usual = median(costs.slice(0, Math.max(1, before)));
  const none = { before: usual, after: median(costs.slice(-LATEST)), change: 1, detectable: Infinity } as const;
  if (before < BEFORE) return { ...none, verdict: 'unknown' };
  const regression = regress(costs.map(Math.log), covariates, { of: before, floor: FLOOR });
  const kept = persistence(regression.left.slice(0, before));
  const probability = STRICT / tests / WINDOWS.length;
  const windows = WINDOWS.map((size) => {
    return windowOf(regression, { size, before, kept, probability, strain: strainOf(load, { size, before }) });
  });
  const [whole] = windows;
  if (whole === undefined) return { ...none, verdict: 'unknown' };
  const changed = windows.filter(({ shift, score }) => {
    return Math.abs(score) > 1 && Math.abs(shift) > SMALL && Math.abs(Math.expm1(shift)) * usual >= atLeast;
  });
  const found = changed.toSorted((a, b) => b.strength - a.strength)[0];
  const told = found ?? whole;
  return {
    before: usual,
    after: median(costs.slice(-told.size)),
    change: Math.exp(told.shift),
    detectable: Math.exp(whole.threshold),
    verdict: found === undefined ? 'steady' : found.shift > 0 ? 'slower' : 'faster',
    ...(found !== undefined && { from: costs.length - found.size }),
  };
}

/** So many of the latest runs are looked at together. */
const WINDOWS = [LATEST, 4, 3];

/**
 * How much less is known of runs on a machine that was hardly ever as busy before, in spreads: times then vary more, and not
 * as the quieter ones would have it.
 */
function strainOf(
  load: readonly number[],
  { size, before }: { readonly size: number; readonly before: number },
): number {
  const usual = load.slice(0, before).toSorted((a, b) => a - b);
  const high = usual[Math.floor(0.8 * usual.length)] ?? 0;
  return STRAIN * Math.max(0, mean(load.slice(-size)) - high);
}

/** A machine that no one else used, and is busy all the time now, makes a spread three times as large. */
const STRAIN = 3;

interface Window {
  readonly size: number;
  readonly shift: number;
  readonly threshold: number;
  /** How far it is off, wild runs counted less, by threshold. */
  readonly score: number;
  /** How far it is off, by threshold: most where the window begins with the change. */
  readonly strength: number;
}

function windowOf(
  { left, spread, freedom, uncertainty }: Regression,
  {
    size,
    before,
    kept,
    probability,
    strain,
  }: Pick<Window, 'size'> & Readonly<Record<'before' | 'kept' | 'probability' | 'strain', number>>,
): Window {
  const latest = left.slice(-size);
  const worth = size / (1 + (2 * kept * (size - 1)) / size);
  const worthBefore = Math.max(1, (before * (1 - kept)) / (1 + kept));
  const runs = latest.map((_, at) => left.length - size + at);
  const error = Math.sqrt(spread ** 2 * (1 / worth + 1 / worthBefore + strain ** 2) + uncertainty(runs));
  const threshold = error * quantile(probability / 2, freedom);
  const most = SHARE * size * threshold;
  const tamed = mean(latest.map((value) => Math.min(most, Math.max(-most, value))));
  return {
    size,
    shift: median(latest),
    threshold,
    score: tamed / threshold,
    strength: Math.abs(mean(latest)) / threshold,
  };
}

/**
 * How many standard errors chance passes with this probability: Student's t from the normal quantile.
 * Abramowitz and Stegun 26.2.23 and 26.7.5
 */
function quantile(probability: number, freedom: number): number {
  const t = Math.sqrt(-2 * Math.log(probability));
  const z =
    t - (2.515517 + 0.802853 * t + 0.010328 * t ** 2) / (1 + 1.432788 * t + 0.189269 * t ** 2 + 0.001308 * t ** 3);
  const n = Math.max(3, freedom);
  return (
    z +
    (z ** 3 + z) / (4 * n) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * n ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * n ** 3)
  );
}
