import { type Advice, adviseOn } from './advise-on.ts';
import type { BuildRecord, SpanOutcome, SpanRecord } from './build-record.ts';
import { type CriticalPath, criticalPathOf, slackOf } from './find-critical-path.ts';
import { graphOf, spanTime, timesOf } from './step-graph.ts';
import { makespan } from './what-if.ts';

/** Where the time of one build went. All times in milliseconds. */
export interface BuildAnalysis {
  /** From the start of the build to its end. */
  readonly duration: number;
  /** The time of all steps together. */
  readonly work: number;
  readonly criticalPath: CriticalPath;
  /** How much later each step could have ended without the critical path getting longer; 0 on critical paths. */
  readonly slack: ReadonlyMap<string, number>;
  /** What no order of the same steps on as many workers can beat: the larger of critical path and work per worker. */
  readonly lowerBound: number;
  /** How long the steps would take by list scheduling, on as many workers and on ever more. */
  readonly planned: readonly Planned[];
  /** How busy the workers were, from 0 to 1. */
  readonly efficiency: number;
  /** Time that steps waited for a slot, added up. */
  readonly queued: number;
  /** Time that fresh and restored steps would have taken besides, added up. */
  readonly saved: number;
  readonly outcomes: Readonly<Record<SpanOutcome, number>>;
  /** The most expensive kind first. */
  readonly kinds: readonly KindTotal[];
  /** What each tier of the cache had and saved, the one that saved most first. */
  readonly tiers: readonly TierTotal[];
  /** The slowest steps, slowest first. */
  readonly slowest: readonly SpanRecord[];
  /** What would save most if it took no time, most first. */
  readonly bottlenecks: readonly Bottleneck[];
  /** What to do, where it would matter; mostly nothing. */
  readonly advice: readonly Advice[];
}

export interface KindTotal {
  readonly kind: string;
  readonly steps: number;
  readonly work: number;
  readonly saved: number;
}

export interface TierTotal {
  readonly tier: string;
  readonly steps: number;
  readonly saved: number;
}

export interface Planned {
  readonly workers: number;
  readonly duration: number;
}

export interface Bottleneck {
  readonly step: SpanRecord;
  /** How much sooner the build would be done without it. */
  readonly saves: number;
}

export interface AnalyseOptions {
  /** How many steps `slowest` and `bottlenecks` list; 10 by default. */
  readonly slowest?: number;
}

/** Says where a build's time went, from its record alone. Counts steps: spans without a parent. */
export function analyse(record: BuildRecord, { slowest: most = 10 }: AnalyseOptions = {}): BuildAnalysis {
  const graph = graphOf(record);
  const { steps } = graph;
  const times = timesOf(graph);
  const work = sum(steps, spanTime);
  const criticalPath = criticalPathOf(graph, times);
  const slack = slackOf(graph, times);
  const held = sum(steps, (step) => spanTime(step) * slotsOf(step));
  const slots = record.duration * record.concurrency;
  const slowest = steps.toSorted((a, b) => spanTime(b) - spanTime(a) || (a.name < b.name ? -1 : 1)).slice(0, most);
  const planned = [1, 2, 4]
    .map((by) => record.concurrency * by)
    .map((workers) => ({ workers, duration: makespan(graph, times, workers) }));
  const facts = {
    duration: record.duration,
    work,
    criticalPath,
    slack: new Map(steps.map(({ name }, at) => [name, slack[at] ?? 0])),
    lowerBound: Math.max(criticalPath.duration, held / record.concurrency),
    planned,
    efficiency: slots > 0 ? held / slots : 0,
    queued: sum(steps, ({ queued = 0 }) => queued),
    saved: sum(steps, ({ saved = 0 }) => saved),
    outcomes: countOutcomes(steps),
    kinds: totalKinds(steps),
    tiers: totalTiers(steps),
    slowest,
    bottlenecks: findBottlenecks(),
  };
  return { ...facts, advice: adviseOn(record, facts) };

  /** What is neither on the critical path nor slow saves little: only such steps are tried. */
  function findBottlenecks(): readonly Bottleneck[] {
    const now = planned[0]?.duration ?? 0;
    const onPath = criticalPath.steps.toSorted((a, b) => spanTime(b) - spanTime(a)).slice(0, most);
    return [...new Set([...onPath, ...slowest])]
      .map((step) => {
        const without = times.slice();
        without[steps.indexOf(step)] = 0;
        return { step, saves: Math.max(0, now - makespan(graph, without, record.concurrency)) };
      })
      .filter(({ saves }) => saves > 0)
      .sort((a, b) => b.saves - a.saves || (a.step.name < b.step.name ? -1 : 1))
      .slice(0, most);
  }
}

function slotsOf({ slots = 1 }: SpanRecord): number {
  return slots;
}

function sum(steps: readonly SpanRecord[], of: (step: SpanRecord) => number): number {
  return steps.reduce((total, step) => total + of(step), 0);
}

function countOutcomes(steps: readonly SpanRecord[]): Record<SpanOutcome, number> {
  const counts = { ran: 0, restored: 0, fresh: 0, failed: 0, cancelled: 0 };
  for (const { outcome } of steps) counts[outcome] += 1;
  return counts;
}

function totalKinds(steps: readonly SpanRecord[]): readonly KindTotal[] {
  return [...Map.groupBy(steps, ({ kind }) => kind)]
    .map(([kind, group]) => ({
      kind,
      steps: group.length,
      work: sum(group, spanTime),
      saved: sum(group, ({ saved = 0 }) => saved),
    }))
    .sort((a, b) => b.work - a.work || (a.kind < b.kind ? -1 : 1));
}

function totalTiers(steps: readonly SpanRecord[]): readonly TierTotal[] {
  const groups = Map.groupBy(steps, ({ tier }) => tier);
  return [...groups]
    .flatMap(([tier, group]) => {
      return tier === undefined ? [] : [{ tier, steps: group.length, saved: sum(group, ({ saved = 0 }) => saved) }];
    })
    .sort((a, b) => b.saved - a.saved || (a.tier < b.tier ? -1 : 1));
}
