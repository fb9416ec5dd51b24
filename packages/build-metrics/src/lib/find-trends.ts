import type { BuildRecord } from './build-record.ts';
import { covariatesOf, loadOf, type Witness, witnessesOf } from './covariates.ts';
import { detectShift, type Shift } from './detect-shift.ts';
import { median } from './statistics.ts';
import { type Row, type StepRows, stepRows } from './step-rows.ts';

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
  /** What is told of: CPU time, where all of the builds know it and it says as much, or the time that passed. */
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
  const all = rows.flatMap(({ time, cpu }) => (cpu === undefined ? [time] : [time, cpu]));
  const asked = all.filter(({ most }) => most >= atLeast * 5).length;
  const witnesses = Map.groupBy(all, ({ measure }) => measure);
  const setting = {
    runs,
    atLeast,
    tests: Math.max(1, asked),
    witnesses: {
      cpu: witnessesOf(witnesses.get('cpu') ?? [], runs.length),
      time: witnessesOf(witnesses.get('time') ?? [], runs.length),
    },
  };
  return { runs, steps: rows.map((step) => trendOf(step, setting)).sort(byImportance) };
}

interface Setting {
  readonly runs: readonly BuildRecord[];
  readonly witnesses: Readonly<Record<Row['measure'], readonly Witness[]>>;
  readonly tests: number;
  readonly atLeast: number;
}

/** By CPU time and time: what changed, CPU time first, since it says more; else that in which a change would show sooner. */
function trendOf({ cpu, time }: StepRows, setting: Setting): StepTrend {
  const passed = rowTrend(time, setting);
  if (cpu === undefined) return passed;
  const used = rowTrend(cpu, setting);
  if (isChange(used)) return used;
  return isChange(passed) || passed.detectable < used.detectable ? passed : used;
}

function isChange({ verdict }: StepTrend): boolean {
  return verdict === 'slower' || verdict === 'faster';
}

function rowTrend(row: Row, { runs, witnesses, tests, atLeast }: Setting): StepTrend {
  const { name, measure, cells, most } = row;
  const present = cells.flatMap((cost, run) => (cost === undefined ? [] : [run]));
  const costs = cells.filter((cost) => cost !== undefined);
  if (most < atLeast) return { name, measure, runs: costs.length, ...tooSmall(costs) };
  const ran = present.map((run) => runs[run]);
  const covariates = covariatesOf(row, ran, { present, witnesses: witnesses[measure] });
  const shift = detectShift({ costs, load: ran.map(loadOf), covariates }, { tests, atLeast });
  const since = shift.from === undefined ? undefined : ran[shift.from]?.started;
  return { name, measure, runs: costs.length, ...shift, ...(since !== undefined && { since }) };
}

function tooSmall(costs: readonly number[]): Shift {
  const usual = median(costs);
  return { verdict: 'steady', before: usual, after: costs.at(-1) ?? usual, change: 1, detectable: Infinity };
}

function byImportance(a: StepTrend, b: StepTrend): number {
  const [first, second] = [a, b].map(({ verdict }) => (verdict === 'slower' ? 0 : verdict === 'faster' ? 1 : 2));
  const bySize = Math.abs(b.after - b.before) - Math.abs(a.after - a.before);
  return (first ?? 0) - (second ?? 0) || bySize || (a.name < b.name ? -1 : 1);
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
