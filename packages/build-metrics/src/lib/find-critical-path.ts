import type { SpanRecord } from './build-record.ts';

/** The chain of steps that no number of workers makes shorter. */
export interface CriticalPath {
  /** In the order in which they had to run. */
  readonly steps: readonly SpanRecord[];
  /** Milliseconds; the sum of the steps' own times. */
  readonly duration: number;
}

/** Milliseconds a span took, without waiting. */
export function spanTime({ start, end }: SpanRecord): number {
  return end - start;
}

/**
 * The longest chain of needs by the time of its steps, in time linear in steps and needs. Needs that are not in the list
 * are ignored; steps that need each other in a circle, which no real build leaves behind, are left out.
 */
export function findCriticalPath(steps: readonly SpanRecord[]): CriticalPath {
  const { dependents, missing } = resolveNeeds(steps);
  const longest = new Float64Array(steps.length);
  const before = new Int32Array(steps.length).fill(-1);
  const order = [...missing.keys()].filter((step) => missing[step] === 0);
  let last = -1;
  for (const step of order) {
    const path = (longest[step] ?? 0) + timeAt(steps, step);
    longest[step] = path;
    if (last < 0 || path > (longest[last] ?? 0)) last = step;
    for (const dependent of dependents[step] ?? []) {
      if (path > (longest[dependent] ?? 0) || before[dependent] === -1) {
        longest[dependent] = path;
        before[dependent] = step;
      }
      const left = (missing[dependent] ?? 0) - 1;
      missing[dependent] = left;
      if (left === 0) order.push(dependent);
    }
  }
  return { steps: walkBack(steps, before, last), duration: longest[last] ?? 0 };
}

function resolveNeeds(steps: readonly SpanRecord[]): { dependents: number[][]; missing: Int32Array } {
  const positions = new Map(steps.map((step, position) => [step.name, position]));
  const dependents: number[][] = steps.map(() => []);
  const missing = new Int32Array(steps.length);
  steps.forEach(({ needs = [] }, position) => {
    for (const need of needs) {
      const found = positions.get(need);
      if (found === undefined) continue;
      dependents[found]?.push(position);
      missing[position] = (missing[position] ?? 0) + 1;
    }
  });
  return { dependents, missing };
}

function timeAt(steps: readonly SpanRecord[], position: number): number {
  const step = steps[position];
  return step === undefined ? 0 : spanTime(step);
}

function walkBack(steps: readonly SpanRecord[], before: Int32Array, last: number): readonly SpanRecord[] {
  const path: SpanRecord[] = [];
  for (let at = last; at >= 0; at = before[at] ?? -1) {
    const step = steps[at];
    if (step !== undefined) path.push(step);
  }
  return path.reverse();
}
