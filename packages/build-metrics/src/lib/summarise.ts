import type { Advice } from './advise-on.ts';
import { analyse, type KindTotal, type Planned, type TierTotal } from './analyse.ts';
import type { BuildOutcome, BuildRecord, MachineFacts, SizeRecord, SpanOutcome } from './build-record.ts';
import { findTrends, type StepTrend } from './find-trends.ts';
import { spanTime } from './step-graph.ts';
import { stepsOf } from './steps-of.ts';

/**
 * What there is to say of a build, as JSON for programs. Its schema is published as
 * `@mcpgen/build-metrics/schema/build-summary.v1.json`. Milliseconds and bytes.
 */
export interface BuildSummary {
  /** The version of this format; it changes with whatever a reader could misread. */
  readonly version: 1;
  readonly id: string;
  readonly name: string;
  readonly started: number;
  readonly duration: number;
  readonly outcome: BuildOutcome;
  readonly concurrency: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly machine?: MachineFacts;
  readonly work: number;
  readonly lowerBound: number;
  readonly efficiency: number;
  readonly queued: number;
  readonly saved: number;
  readonly outcomes: Readonly<Record<SpanOutcome, number>>;
  readonly criticalPath: { readonly duration: number; readonly steps: readonly string[] };
  readonly planned: readonly Planned[];
  readonly kinds: readonly KindTotal[];
  readonly tiers: readonly TierTotal[];
  readonly bottlenecks: readonly { readonly name: string; readonly saves: number }[];
  readonly advice: readonly Advice[];
  /** Steps that became slower or faster; the steady ones are left out. */
  readonly changes: readonly StepTrend[];
  /** In the order in which they began. */
  readonly steps: readonly StepSummary[];
  readonly sizes: readonly SizeRecord[];
}

export interface StepSummary {
  readonly name: string;
  readonly kind: string;
  readonly outcome: SpanOutcome;
  readonly start: number;
  readonly duration: number;
  /** How much later it could have ended without holding anything up. */
  readonly slack: number;
  readonly critical: boolean;
  readonly queued?: number;
  readonly saved?: number;
  readonly tier?: string;
  readonly bytes?: number;
  readonly cpu?: number;
  readonly reason?: string;
}

/** Sums up a build; `history`, oldest first, is what its changes are told from. */
export function summarise(record: BuildRecord, history: readonly BuildRecord[] = []): BuildSummary {
  const { version, id, name, started, duration, outcome, concurrency, labels, machine, sizes = [] } = record;
  const analysis = analyse(record);
  const { work, lowerBound, efficiency, queued, saved, outcomes, planned, kinds, tiers, advice, criticalPath } =
    analysis;
  const critical = new Set(criticalPath.steps.map((step) => step.name));
  const { steps: trends } = findTrends([...history.filter((other) => other.id !== id), record]);
  return {
    version,
    id,
    name,
    started,
    duration,
    outcome,
    concurrency,
    labels,
    ...(machine !== undefined && { machine }),
    work,
    lowerBound,
    efficiency,
    queued,
    saved,
    outcomes,
    criticalPath: { duration: criticalPath.duration, steps: criticalPath.steps.map((step) => step.name) },
    planned,
    kinds,
    tiers,
    bottlenecks: analysis.bottlenecks.map(({ step, saves }) => ({ name: step.name, saves })),
    advice,
    changes: trends.filter(({ verdict }) => verdict === 'slower' || verdict === 'faster'),
    steps: stepsOf(record).map(({ start, end, needs, slots, read, parent, ...step }) => ({
      ...step,
      start,
      duration: spanTime({ ...step, start, end }),
      slack: analysis.slack.get(step.name) ?? 0,
      critical: critical.has(step.name),
    })),
    sizes,
  };
}
