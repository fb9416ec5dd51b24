import type { BuildRecord, SpanRecord } from './build-record.ts';
import { stepsOf } from './steps-of.ts';

/** Steps and their needs by position, for the walks of the analysis. */
export interface StepGraph {
  readonly steps: readonly SpanRecord[];
  /** Who waits for a step. */
  readonly dependents: readonly (readonly number[])[];
  /** How many a step waits for. */
  readonly needs: Int32Array;
  /** Each after all it needs. Steps that need each other in a circle, which no real build leaves behind, are left out. */
  readonly order: readonly number[];
}

const known = new WeakMap<BuildRecord, StepGraph>();

/** The graph of a record's steps; made once, since records do not change and several questions are asked of one. */
export function graphOf(record: BuildRecord): StepGraph {
  const found = known.get(record);
  if (found !== undefined) return found;
  const graph = stepGraph(stepsOf(record));
  known.set(record, graph);
  return graph;
}

/** Needs that are not in the list are ignored. */
export function stepGraph(steps: readonly SpanRecord[]): StepGraph {
  const positions = new Map(steps.map((step, position) => [step.name, position]));
  const dependents: number[][] = steps.map(() => []);
  const needs = new Int32Array(steps.length);
  steps.forEach((step, position) => {
    if (step.needs === undefined) return;
    for (const need of step.needs) {
      const found = positions.get(need);
      if (found === undefined) continue;
      dependents[found]?.push(position);
      needs[position] = (needs[position] ?? 0) + 1;
    }
  });
  return { steps, dependents, needs, order: orderOf(dependents, needs) };
}

function orderOf(dependents: readonly (readonly number[])[], needs: Int32Array): readonly number[] {
  const missing = needs.slice();
  const order: number[] = [];
  for (let step = 0; step < missing.length; step += 1) if (missing[step] === 0) order.push(step);
  // Grows while it is walked.
  for (const step of order) {
    for (const dependent of dependents[step] ?? []) {
      const left = (missing[dependent] ?? 0) - 1;
      missing[dependent] = left;
      if (left === 0) order.push(dependent);
    }
  }
  return order;
}

/** Milliseconds a span took, without waiting. */
export function spanTime({ start, end }: SpanRecord): number {
  return end - start;
}

/** The times of all steps, by position. */
export function timesOf({ steps }: StepGraph): Float64Array {
  return Float64Array.from(steps, spanTime);
}
