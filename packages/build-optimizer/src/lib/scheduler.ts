import type { StepGraph } from './step-graph.ts';

export interface SchedulerOptions {
  /** Slots that running steps share; at least 1. */
  readonly concurrency: number;
  /** Expected cost of each step by position, in any one unit: the longest remaining path of these goes first. */
  readonly weights: readonly number[];
  /** Slots that each step takes by position; more than `concurrency` counts as all of them. */
  readonly slots: readonly number[];
}

/**
 * Decides what runs next, and nothing else: no clock, no promises. A step passes through `arrive` (its needs are done),
 * `wait` (it has work to do; a step found fresh skips this), `start` (it has its slots) and `finish`.
 */
export interface Scheduler {
  /** The next step whose needs are done, each once; undefined when none is known now. */
  arrive(): number | undefined;
  /** Puts a step that arrived in line for slots. */
  wait(step: number): void;
  /** Takes the step to run now; undefined when none waits or none may start before another finishes. */
  start(): number | undefined;
  /** A step is done: its slots are free again, and its dependents may arrive. */
  finish(step: number): void;
  /** Whether every step has finished. */
  done(): boolean;
}

/**
 * Critical path first: among the steps that wait, the one with the longest remaining path starts, in the order of the
 * list where two are equal. A step that needs more slots than are free is not overtaken, so that it cannot starve; steps
 * of no slots start at once.
 */
export function createScheduler(graph: StepGraph, { concurrency, weights, slots }: SchedulerOptions): Scheduler {
  if (!(concurrency >= 1)) throw new RangeError(`concurrency must be at least 1: ${concurrency}`);
  const queue = createPriorityQueue(remainingPaths(graph, weights));
  const missing = graph.needs.map((needs) => needs.length);
  const arrived = graph.order.filter((step) => missing[step] === 0);
  const unslotted: number[] = [];
  const held = new Map<number, number>();
  let seen = 0;
  let started = 0;
  let free = concurrency;
  let finished = 0;

  const slotsOf = (step: number) => Math.min(slots[step] ?? 1, concurrency);
  return {
    arrive: () => (arrived[seen] === undefined ? undefined : arrived[seen++]),
    wait(step) {
      if (slotsOf(step) === 0) unslotted.push(step);
      else queue.push(step);
    },
    start() {
      const waiting = unslotted[started];
      if (waiting !== undefined) {
        started += 1;
        return waiting;
      }
      const first = queue.peek();
      if (first === undefined || slotsOf(first) > free) return undefined;
      free -= slotsOf(first);
      held.set(first, slotsOf(first));
      return queue.pop();
    },
    finish(step) {
      free += held.get(step) ?? 0;
      finished += 1;
      for (const dependent of graph.dependents[step] ?? []) {
        const left = (missing[dependent] ?? 0) - 1;
        missing[dependent] = left;
        if (left === 0) arrived.push(dependent);
      }
    },
    done: () => finished === graph.size,
  };
}

/** For each step, its own weight and that of the heaviest chain of dependents behind it. */
export function remainingPaths(graph: StepGraph, weights: readonly number[]): Float64Array {
  const remaining = new Float64Array(graph.size);
  for (const step of graph.order.toReversed()) {
    let behind = 0;
    for (const dependent of graph.dependents[step] ?? []) behind = Math.max(behind, remaining[dependent] ?? 0);
    remaining[step] = behind + (weights[step] ?? 0);
  }
  return remaining;
}

interface PriorityQueue {
  push(step: number): void;
  peek(): number | undefined;
  pop(): number | undefined;
}

/** A binary heap: the highest priority first, the lower position where two are equal. */
function createPriorityQueue(priorities: Float64Array): PriorityQueue {
  const heap: number[] = [];
  const before = (a: number, b: number) => {
    const difference = (priorities[a] ?? 0) - (priorities[b] ?? 0);
    return difference === 0 ? a < b : difference > 0;
  };
  return {
    push(step) {
      let hole = heap.push(step) - 1;
      while (hole > 0) {
        const parent = (hole - 1) >> 1;
        const above = heap[parent] ?? step;
        if (!before(step, above)) break;
        heap[hole] = above;
        hole = parent;
      }
      heap[hole] = step;
    },
    peek: () => heap[0],
    pop() {
      const top = heap[0];
      const last = heap.pop();
      if (last !== undefined && heap.length > 0) sink(heap, last, before);
      return top;
    },
  };
}

/** Puts `step` at the top, then lets what comes before it rise. */
function sink(heap: number[], step: number, before: (a: number, b: number) => boolean): void {
  let hole = 0;
  for (;;) {
    let child = 2 * hole + 1;
    let below = heap[child];
    const right = heap[child + 1];
    if (below === undefined) break;
    if (right !== undefined && before(right, below)) {
      child += 1;
      below = right;
    }
    if (!before(below, step)) break;
    heap[hole] = below;
    hole = child;
  }
  heap[hole] = step;
}
