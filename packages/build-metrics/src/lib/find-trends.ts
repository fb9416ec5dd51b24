import type { BuildRecord, SpanRecord } from './build-record.ts';
import { detectShift, type Shift } from './detect-shift.ts';
import { median } from './statistics.ts';
import { spanTime } from './step-graph.ts';
import { stepsOf } from './steps-of.ts';

export interface TrendOptions {
  /** Labels that must be equal for two builds to be compared; `profile` alone by default. */
  readonly match?: readonly string[];
  /** Builds that are looked back; 60 by default. */
  readonly runs?: number;
  /** Steps whose change is less than this, in milliseconds, do not matter; 20 by default. */
  readonly atLeast?: number;
}

/** How the latest builds compare with those before. */
export interface Trends {
  /** The builds that are alike the latest one, oldest first, the latest among them. */
  readonly runs: readonly BuildRecord[];
  /** Of the steps that ran in the latest build, those that changed most first. */
  readonly steps: readonly StepTrend[];
}

export interface StepTrend extends Shift {
  readonly name: string;
  /** What was compared: CPU time where all of the builds know it, else the time that passed. */
  readonly measure: 'cpu' | 'time';
  /** Builds in which the step ran. */
  readonly runs: number;
  /** When the first build of those that differ began, milliseconds since the epoch. */
  readonly since?: number;
}

/**
 * Says which steps of the latest build became slower or faster, over the builds that are alike: same name, machine and
 * labels. On a machine that others use it sees less, rather than crying wolf: `detectable` says how much.
 */
export function findTrends(history: readonly BuildRecord[], options: TrendOptions = {}): Trends {
  const { match = ['profile'], runs: most = 60, atLeast = 20 } = options;
  const latest = history.at(-1);
  if (latest === undefined) return { runs: [], steps: [] };
  const runs = history.filter((record) => isAlike(record, latest, match)).slice(-most);
  const rows = stepRows(runs);
  const setting = { runs, tests: Math.max(1, rows.filter(({ most }) => most >= atLeast * 5).length), atLeast };
  const machine = ratiosOf(rows, runs.length);
  const steps = rows.map((row) => trendOf(row, commonOf(machine, row), setting)).sort(byImportance);
  return { runs, steps };
}

interface Row {
  readonly name: string;
  readonly measure: 'cpu' | 'time';
  /** A cost for each run in which the step ran. */
  readonly cells: readonly (number | undefined)[];
  readonly most: number;
}

interface Setting {
  readonly runs: readonly BuildRecord[];
  readonly tests: number;
  readonly atLeast: number;
}

function trendOf({ name, measure, cells, most }: Row, common: readonly number[], setting: Setting): StepTrend {
  const { runs, tests, atLeast } = setting;
  const points = cells.flatMap((cost, run) => {
    const { machine } = runs[run] ?? {};
    const load = machine?.pressure ?? machine?.others ?? 0;
    return cost === undefined ? [] : [{ run, cost, load, common: common[run] ?? 0 }];
  });
  if (most < atLeast) return { name, measure, runs: points.length, ...tooSmall(points.map(({ cost }) => cost)) };
  const shift = detectShift(points, { tests, atLeast });
  const first = shift.from === undefined ? undefined : points[shift.from];
  const since = first === undefined ? undefined : runs[first.run]?.started;
  return { name, measure, runs: points.length, ...shift, ...(since !== undefined && { since }) };
}

function tooSmall(costs: readonly number[]): Shift {
  const usual = median(costs);
  return { verdict: 'steady', before: usual, after: costs.at(-1) ?? usual, change: 1, detectable: Infinity };
}

/** By how much, as a logarithm, the slowest steps were slower than they usually are; a row for each, a column for each run. */
interface Ratios {
  readonly rows: readonly { readonly of: Row; readonly ratios: readonly (number | undefined)[] }[];
  readonly runs: number;
}

/** Steps that say what the machine did: a score of them says it as well as all. */
const WITNESSES = 20;

function ratiosOf(rows: readonly Row[], runs: number): Ratios {
  const frequent = rows.filter(({ cells }) => cells.filter((cell) => cell !== undefined).length >= runs * 0.8);
  const witnesses = frequent.toSorted((a, b) => b.most - a.most).slice(0, WITNESSES);
  return {
    runs,
    rows: witnesses.map((of) => {
      const usual = median(of.cells.filter((cell) => cell !== undefined));
      return { of, ratios: of.cells.map((cell) => (cell === undefined ? undefined : Math.log(cell / usual))) };
    }),
  };
}

/** What the other steps of each run had in common: the machine's part. The median: one of them may be what changed. */
function commonOf({ rows, runs }: Ratios, row: Row): readonly number[] {
  const others = rows.filter(({ of }) => of !== row);
  return Array.from({ length: runs }, (_, run) => {
    const ratios = others.map((other) => other.ratios[run]).filter((ratio) => ratio !== undefined);
    return ratios.length < 3 ? 0 : median(ratios);
  });
}

function byImportance(a: StepTrend, b: StepTrend): number {
  const [first, second] = [a, b].map(({ verdict }) => (verdict === 'slower' ? 0 : verdict === 'faster' ? 1 : 2));
  const bySize = Math.abs(b.after - b.before) - Math.abs(a.after - a.before);
  return (first ?? 0) - (second ?? 0) || bySize || (a.name < b.name ? -1 : 1);
}

/** Of the steps that ran in the latest run. */
function stepRows(runs: readonly BuildRecord[]): readonly Row[] {
  const steps = runs.map((record) => new Map(stepsOf(record).map((step) => [step.name, step])));
  const latest = [...(steps.at(-1)?.values() ?? [])].filter(isMeasured);
  return latest.map(({ name }) =>
    rowOf(
      name,
      steps.map((step) => step.get(name)),
    ),
  );
}

function rowOf(name: string, steps: readonly (SpanRecord | undefined)[]): Row {
  const ran = steps.map((step) => (step !== undefined && isMeasured(step) ? step : undefined));
  const isKnown = ran.every((step) => step === undefined || (step.cpu ?? 0) > 0);
  const cells = ran.map((step) => (step === undefined ? undefined : isKnown ? step.cpu : spanTime(step)));
  const most = cells.reduce<number>((largest, cell = 0) => Math.max(largest, cell), 0);
  return { name, measure: isKnown ? 'cpu' : 'time', cells, most };
}

function isMeasured(step: SpanRecord): boolean {
  return step.outcome === 'ran' && spanTime(step) > 0;
}

function isAlike(record: BuildRecord, latest: BuildRecord, match: readonly string[]): boolean {
  return (
    record.outcome === 'succeeded' &&
    record.name === latest.name &&
    record.concurrency === latest.concurrency &&
    record.machine?.class === latest.machine?.class &&
    match.every((label) => record.labels[label] === latest.labels[label])
  );
}
