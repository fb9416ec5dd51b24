import { createScheduler } from '../src/lib/scheduler.ts';
import type { GraphNode, StepGraph } from '../src/lib/step-graph.ts';

/** A graph with what each step costs, the same for the same seed. */
export interface RandomGraph {
  readonly nodes: readonly GraphNode[];
  readonly durations: readonly number[];
}

export interface RandomGraphOptions {
  readonly size: number;
  /** Most needs of a step; each step has from none to this. */
  readonly needs: number;
  /** How far durations lie apart: the natural logarithm of the longest over the shortest. */
  readonly spread: number;
}

/** Needs lie among the steps just before, as in a build that goes file by file; durations are spread evenly on a log scale. */
export function randomGraph(seed: number, { size, needs, spread }: RandomGraphOptions): RandomGraph {
  const random = mulberry32(seed);
  const window = Math.ceil(size / 4);
  const nodes = Array.from({ length: size }, (_, step) => {
    const count = step === 0 ? 0 : Math.floor(random() * (needs + 1));
    const chosen = Array.from({ length: count }, () => Math.max(0, step - 1 - Math.floor(random() * window)));
    return { name: `step:${step}`, needs: [...new Set(chosen)].map((need) => `step:${need}`) };
  });
  const durations = nodes.map(() => Math.exp((random() - 0.5) * spread));
  return { nodes, durations };
}

/** The end of the last step when `workers` run the graph by the scheduler's word, on a clock that jumps from end to end. */
export function simulateMakespan(
  graph: StepGraph,
  options: { readonly durations: readonly number[]; readonly weights: readonly number[]; readonly workers: number },
): number {
  const { durations, weights, workers } = options;
  const scheduler = createScheduler(graph, { concurrency: workers, weights, slots: durations.map(() => 1) });
  const running: { readonly step: number; readonly end: number }[] = [];
  let time = 0;
  while (!scheduler.done()) {
    for (let step = scheduler.arrive(); step !== undefined; step = scheduler.arrive()) scheduler.wait(step);
    for (let step = scheduler.start(); step !== undefined; step = scheduler.start()) {
      running.push({ step, end: time + (durations[step] ?? 0) });
    }
    running.sort((a, b) => a.end - b.end || a.step - b.step);
    const next = running.shift();
    if (next === undefined) throw new Error('the scheduler starts nothing though steps are left');
    time = next.end;
    scheduler.finish(next.step);
  }
  return time;
}

/** A small generator of known quality, so that a failure is repeated by its seed. */
export function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
