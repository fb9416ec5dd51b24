import type { BuildRecord, SpanRecord } from './build-record.ts';
import { spanTime } from './step-graph.ts';
import { stepsOf } from './steps-of.ts';

/** How a build differs from an earlier one. Milliseconds, later less earlier: more than 0 is slower. */
export interface RecordComparison {
  readonly duration: number;
  /** From steps that ran in both: the work itself became more or less. CPU time, where both builds know it. */
  readonly work: number;
  /** From the same steps: time in which they had no CPU, because others did, or a disk or network let them wait. */
  readonly machine: number;
  /** From steps that were fresh or restored in one of the two, or in both: from elsewhere, say, instead of from here. */
  readonly cache: number;
  /** From steps that only one of the two has. */
  readonly graph: number;
  /** From waiting for slots. */
  readonly queued: number;
  /** Each step that either has, by the size of its difference, largest first. */
  readonly steps: readonly StepComparison[];
}

export interface StepComparison {
  readonly name: string;
  readonly change: 'added' | 'removed' | 'work' | 'cache';
  /** Milliseconds; 0 where the step was not there. */
  readonly before: number;
  readonly after: number;
  readonly difference: number;
  /** The part of the difference in which the step had no CPU. */
  readonly machine: number;
}

/**
 * Compares two records step by step, telling apart what the work, the cache, the graph and the waiting contributed. It
 * measures; whether a difference means anything on a noisy machine, two builds alone cannot say.
 */
export function compareRecords(before: BuildRecord, after: BuildRecord): RecordComparison {
  const earlier = new Map(stepsOf(before).map((step) => [step.name, step]));
  const later = new Map(stepsOf(after).map((step) => [step.name, step]));
  const steps = [...new Set([...earlier.keys(), ...later.keys()])]
    .map((name) => compareStep(name, earlier.get(name), later.get(name)))
    .sort((a, b) => Math.abs(b.difference) - Math.abs(a.difference) || (a.name < b.name ? -1 : 1));
  const total = (...changes: readonly StepComparison['change'][]) =>
    steps.reduce((sum, step) => sum + (changes.includes(step.change) ? step.difference : 0), 0);
  const machine = steps.reduce((sum, step) => sum + step.machine, 0);
  return {
    duration: after.duration - before.duration,
    work: total('work') - machine,
    machine,
    cache: total('cache'),
    graph: total('added', 'removed'),
    queued: queuedTime(later) - queuedTime(earlier),
    steps,
  };
}

function compareStep(name: string, before: SpanRecord | undefined, after: SpanRecord | undefined): StepComparison {
  const times = { before: before ? spanTime(before) : 0, after: after ? spanTime(after) : 0 };
  const change = changeOf(before, after);
  const difference = times.after - times.before;
  const [then, now] = [before?.cpu, after?.cpu];
  const isKnown = change === 'work' && then !== undefined && now !== undefined;
  return { name, change, ...times, difference, machine: isKnown ? difference - (now - then) : 0 };
}

function changeOf(before: SpanRecord | undefined, after: SpanRecord | undefined): StepComparison['change'] {
  if (before === undefined) return 'added';
  if (after === undefined) return 'removed';
  return isKept(before) || isKept(after) ? 'cache' : 'work';
}

function isKept({ outcome }: SpanRecord): boolean {
  return outcome === 'fresh' || outcome === 'restored';
}

function queuedTime(steps: ReadonlyMap<string, SpanRecord>): number {
  return [...steps.values()].reduce((sum, { queued = 0 }) => sum + queued, 0);
}
