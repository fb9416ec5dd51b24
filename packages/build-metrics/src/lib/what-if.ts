import type { BuildRecord } from './build-record.ts';
import { pathsFrom } from './find-critical-path.ts';
import { graphOf, type StepGraph, timesOf } from './step-graph.ts';

/** What is imagined of a build. */
export interface WhatIf {
  /** Steps at once; as recorded by default. */
  readonly workers?: number;
  /** Names of steps that take no time. */
  readonly free?: readonly string[];
}

/**
 * How long the recorded steps would take on so many workers, with some of them free: list scheduling, the step with the
 * longest path behind it first. Never less than the critical path, nor more than all steps one after the other.
 * Milliseconds. Compare with `whatIf(record)`, not with the build's duration: the real order was another one.
 */
export function whatIf(record: BuildRecord, { workers = record.concurrency, free = [] }: WhatIf = {}): number {
  const graph = graphOf(record);
  const times = timesOf(graph);
  const names = new Set(free);
  if (names.size > 0) {
    graph.steps.forEach(({ name }, at) => {
      if (names.has(name)) times[at] = 0;
    });
  }
  return makespan(graph, times, Math.max(1, Math.floor(workers)));
}

/** When the last step ends. Steps that take no slot run at once. */
export function makespan(graph: StepGraph, times: Float64Array, workers: number): number {
  const { steps, dependents, order } = graph;
  const urgency = pathsFrom(graph, times);
  const missing = graph.needs.slice();
  const ready = heap((a, b) => (urgency[b] ?? 0) - (urgency[a] ?? 0) || a - b);
  const ends = new Float64Array(times.length);
  const running = heap((a, b) => (ends[a] ?? 0) - (ends[b] ?? 0) || a - b);
  const slotsOf = (step: number): number => Math.min(workers, Math.ceil(steps[step]?.slots ?? 1));
  let [time, free] = [0, workers];
  const begin = (step: number): void => {
    free -= slotsOf(step);
    ends[step] = time + (times[step] ?? 0);
    running.push(step);
  };
  const arrive = (step: number): void => {
    if (slotsOf(step) === 0) begin(step);
    else ready.push(step);
  };
  for (const step of order) if (missing[step] === 0) arrive(step);
  for (;;) {
    for (let next = ready.peek(); next >= 0 && slotsOf(next) <= free; next = ready.peek()) begin(ready.pop());
    const done = running.pop();
    if (done < 0) return time;
    time = ends[done] ?? time;
    free += slotsOf(done);
    for (const dependent of dependents[done] ?? []) {
      const left = (missing[dependent] ?? 0) - 1;
      missing[dependent] = left;
      if (left === 0) arrive(dependent);
    }
  }
}

/** A binary heap of positions, the first by `compare` on top; -1 when it is empty. */
function heap(compare: (a: number, b: number) => number) {
  const items: number[] = [];
  const at = (index: number): number => items[index] ?? -1;
  return {
    peek: (): number => items[0] ?? -1,
    push(item: number): void {
      let index = items.push(item) - 1;
      while (index > 0) {
        const above = (index - 1) >> 1;
        if (compare(at(above), item) <= 0) break;
        items[index] = at(above);
        index = above;
      }
      items[index] = item;
    },
    pop(): number {
      const top = at(0);
      const last = items.pop() ?? -1;
      if (items.length === 0) return top;
      let index = 0;
      for (;;) {
        let child = 2 * index + 1;
        if (child >= items.length) break;
        if (child + 1 < items.length && compare(at(child + 1), at(child)) < 0) child += 1;
        if (compare(last, at(child)) <= 0) break;
        items[index] = at(child);
        index = child;
      }
      items[index] = last;
      return top;
    },
  };
}
