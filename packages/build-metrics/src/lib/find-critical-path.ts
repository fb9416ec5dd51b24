import type { BuildRecord, SpanRecord } from './build-record.ts';
import { graphOf, type StepGraph, timesOf } from './step-graph.ts';

/** The chain of steps that no number of workers makes shorter. */
export interface CriticalPath {
  /** In the order in which they had to run. */
  readonly steps: readonly SpanRecord[];
  /** Milliseconds; the sum of the steps' own times. */
  readonly duration: number;
}

/** The longest chain of needs by the time of its steps, in time linear in steps and needs. */
export function findCriticalPath(record: BuildRecord): CriticalPath {
  return criticalPathOf(graphOf(record));
}

export function criticalPathOf(graph: StepGraph, times: Float64Array = timesOf(graph)): CriticalPath {
  const { longest, last } = pathsTo(graph, times);
  const before = new Int32Array(times.length).fill(-1);
  for (const step of graph.order) {
    const path = longest[step] ?? 0;
    for (const dependent of graph.dependents[step] ?? []) {
      const known = before[dependent] ?? -1;
      if (known === -1 || path > (longest[known] ?? 0)) before[dependent] = step;
    }
  }
  const path: SpanRecord[] = [];
  for (let at = last; at >= 0; at = before[at] ?? -1) {
    const step = graph.steps[at];
    if (step !== undefined) path.push(step);
  }
  return { steps: path.reverse(), duration: longest[last] ?? 0 };
}

/**
 * How much later each step could have ended without the critical path getting longer, by position; 0 exactly on critical
 * paths. Steps in a circle have none to lose: 0.
 */
export function slackOf(graph: StepGraph, times: Float64Array = timesOf(graph)): Float64Array {
  const { longest, last } = pathsTo(graph, times);
  const whole = longest[last] ?? 0;
  const after = pathsFrom(graph, times);
  const slack = new Float64Array(times.length);
  for (const step of graph.order) {
    const through = (longest[step] ?? 0) + (after[step] ?? 0) - (times[step] ?? 0);
    const left = whole - through;
    // The same path added up in another order differs in its last digits.
    slack[step] = left <= whole * 1e-12 ? 0 : left;
  }
  return slack;
}

/** The longest path that begins with each step, itself included. */
export function pathsFrom({ order, dependents }: StepGraph, times: Float64Array): Float64Array {
  const longest = new Float64Array(times.length);
  for (let at = order.length - 1; at >= 0; at -= 1) {
    const step = order[at] ?? -1;
    let after = 0;
    for (const dependent of dependents[step] ?? []) after = Math.max(after, longest[dependent] ?? 0);
    longest[step] = after + (times[step] ?? 0);
  }
  return longest;
}

/** The longest path that ends with each step, and where the longest of all ends; -1 of none. */
function pathsTo({ order, dependents }: StepGraph, times: Float64Array): { longest: Float64Array; last: number } {
  const longest = new Float64Array(times.length);
  let last = -1;
  for (const step of order) {
    const path = (longest[step] ?? 0) + (times[step] ?? 0);
    longest[step] = path;
    if (last < 0 || path > (longest[last] ?? 0)) last = step;
    for (const dependent of dependents[step] ?? []) {
      if (path > (longest[dependent] ?? 0)) longest[dependent] = path;
    }
  }
  return { longest, last };
}
