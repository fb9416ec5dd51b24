import { mean, median, persistence, residuals, spread } from './statistics.ts';

/** What a step cost in one run, and how it was on the machine then. */
export interface CostPoint {
  /** Milliseconds. */
  readonly cost: number;
  /** How busy others kept the machine, on any scale. */
  readonly load: number;
  /** By how much the other steps of the run were slower than usual, as a logarithm. */
  readonly common: number;
}

export interface DetectOptions {
  /** Steps that are looked at besides: with more of them each must differ more, since one of many differs by chance. */
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
  /** By what factor it changed, the load taken out. */
  readonly change: number;
  /** The factor that would have been noticed, at this noise. */
  readonly detectable: number;
  /** Position of the first point that differs. */
  readonly from?: number;
}

/** Fewer runs before say nothing of the usual spread. */
const BEFORE = 10;
/** The latest runs: a change is looked for at each of their beginnings. */
const LATEST = 5;
/** What chance may do to one step in one of so many builds: held over recorded noise by `find-trends.test.ts`. */
const STRICT = 0.0001;
/** Nothing is known better than this: clocks, memory layout, turbo frequencies. */
const FLOOR = 0.012;
/** A change of less than this factor's logarithm is not worth a word. */
const SMALL = 0.05;

/**
 * Looks for a change within the latest runs. What the machine's load and the other steps explain is taken out first, by a
 * plane laid through the runs before; what is left must be more than its spread and its persistence make by chance.
 */
export function detectShift(points: readonly CostPoint[], { tests, atLeast }: DetectOptions): Shift {
  const before = points.slice(0, -LATEST);
  const costs = points.map(({ cost }) => cost);
  const usual = median(costs.slice(0, Math.max(1, points.length - LATEST)));
  const none = { before: usual, after: median(costs.slice(-LATEST)), change: 1, detectable: Infinity } as const;
  if (before.length < BEFORE) return { ...none, verdict: 'unknown' };
  const left = residuals(
    costs.map(Math.log),
    points.map(({ load, common }) => [load, common]),
    before.length,
  );
  const noise = noiseOf(left.slice(0, before.length));
  const windows = [3, 4, LATEST].map((size) => windowOf(left, { size, noise, tests }));
  const found = windows.toSorted((a, b) => Math.abs(b.score) - Math.abs(a.score))[0];
  const whole = windows.at(-1);
  if (found === undefined || whole === undefined) return { ...none, verdict: 'unknown' };
  const matters = Math.abs(Math.expm1(found.shift)) * usual >= atLeast;
  const isShift = matters && Math.abs(found.shift) > SMALL && Math.abs(found.score) > 1;
  const told = isShift ? found : whole;
  return {
    before: usual,
    after: median(costs.slice(-told.size)),
    change: Math.exp(told.shift),
    detectable: Math.exp(whole.threshold),
    verdict: !isShift ? 'steady' : found.shift > 0 ? 'slower' : 'faster',
    ...(isShift && { from: points.length - found.size }),
  };
}

interface Noise {
  readonly spread: number;
  /** Runs before, as many as they are worth. */
  readonly runs: number;
  readonly persistence: number;
}

function noiseOf(left: readonly number[]): Noise {
  const kept = persistence(left);
  // The standard deviation where wild runs are many, the median's where they are few.
  const deviation = Math.sqrt(mean(left.map((value) => value ** 2)) * (left.length / Math.max(1, left.length - 3)));
  return {
    spread: Math.max(FLOOR, spread(left), deviation),
    runs: (left.length * (1 - kept)) / (1 + kept),
    persistence: kept,
  };
}

interface Window {
  readonly size: number;
  readonly shift: number;
  readonly threshold: number;
  /** Shift by threshold. */
  readonly score: number;
}

function windowOf(
  left: readonly number[],
  { size, noise, tests }: { readonly size: number; readonly noise: Noise; readonly tests: number },
): Window {
  const shift = commonShift(left.slice(-size));
  const worth = size / (1 + (2 * noise.persistence * (size - 1)) / size);
  const error = noise.spread * Math.sqrt(1 / worth + 1 / Math.max(1, noise.runs));
  const threshold = error * quantile(STRICT / tests / 2, left.length - LATEST - 3);
  return { size, shift, threshold, score: shift / threshold };
}

/** What the runs have in common: their mean without the one that differs most, so that a single wild run is no change. */
function commonShift(left: readonly number[]): number {
  const sorted = left.toSorted((a, b) => a - b);
  const [low, high] = [mean(sorted.slice(0, -1)), mean(sorted.slice(1))];
  return low > 0 ? low : Math.min(0, high);
}

/**
 * How many standard errors chance passes with this probability: Student's t from the normal quantile.
 * Abramowitz and Stegun 26.2.23 and 26.7.5
 */
function quantile(probability: number, freedom: number): number {
  const t = Math.sqrt(-2 * Math.log(probability));
  const z =
    t - (2.515517 + 0.802853 * t + 0.010328 * t ** 2) / (1 + 1.432788 * t + 0.189269 * t ** 2 + 0.001308 * t ** 3);
  const n = Math.max(1, freedom);
  return (
    z +
    (z ** 3 + z) / (4 * n) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * n ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * n ** 3)
  );
}
