import type { BuildRecord, SpanOutcome, SpanRecord } from './build-record.ts';
import { type CriticalPath, findCriticalPath, spanTime } from './find-critical-path.ts';

/** Where the time of one build went. All times in milliseconds. */
export interface BuildAnalysis {
  /** From the start of the build to its end. */
  readonly duration: number;
  /** The time of all steps together. */
  readonly work: number;
  readonly criticalPath: CriticalPath;
  /** What no order of the same steps on as many workers can beat: the larger of critical path and work per worker. */
  readonly lowerBound: number;
  /** How busy the workers were, from 0 to 1. More than 1 where steps ran that took no slot. */
  readonly efficiency: number;
  /** Time that steps waited for a slot, added up. */
  readonly queued: number;
  /** Time that fresh and restored steps would have taken besides, added up. */
  readonly saved: number;
  readonly outcomes: Readonly<Record<SpanOutcome, number>>;
  /** The most expensive kind first. */
  readonly kinds: readonly KindTotal[];
  /** The slowest steps, slowest first. */
  readonly slowest: readonly SpanRecord[];
}

export interface KindTotal {
  readonly kind: string;
  readonly steps: number;
  readonly work: number;
  readonly saved: number;
}

export interface AnalyseOptions {
  /** How many steps `slowest` lists; 10 by default. */
  readonly slowest?: number;
}

/** Says where a build's time went, from its record alone. Counts steps: spans without a parent. */
export function analyse(record: BuildRecord, { slowest = 10 }: AnalyseOptions = {}): BuildAnalysis {
  const steps = stepsOf(record);
  const work = sum(steps, spanTime);
  const criticalPath = findCriticalPath(steps);
  const slots = record.duration * record.concurrency;
  return {
    duration: record.duration,
    work,
    criticalPath,
    lowerBound: Math.max(criticalPath.duration, work / record.concurrency),
    efficiency: slots > 0 ? work / slots : 0,
    queued: sum(steps, ({ queued = 0 }) => queued),
    saved: sum(steps, ({ saved = 0 }) => saved),
    outcomes: countOutcomes(steps),
    kinds: totalKinds(steps),
    slowest: steps.toSorted((a, b) => spanTime(b) - spanTime(a) || (a.name < b.name ? -1 : 1)).slice(0, slowest),
  };
}

/** The spans that are steps: those that are not a part of another. */
export function stepsOf(record: BuildRecord): readonly SpanRecord[] {
  return record.spans.filter(({ parent }) => parent === undefined);
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
