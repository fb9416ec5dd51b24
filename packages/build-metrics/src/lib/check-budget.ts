import type { BuildRecord, SizeRecord } from './build-record.ts';
import { spanTime } from './step-graph.ts';
import { stepsOf } from './steps-of.ts';

/** What a build may take. Milliseconds and bytes. */
export interface Budget {
  readonly duration?: number;
  /** By step name or kind: of a kind, all its steps together. */
  readonly steps?: Readonly<Record<string, number>>;
  /** By the name in `sizes`, parts as `image/app`. */
  readonly bytes?: Readonly<Record<string, number>>;
}

/** Something that took more than it may. */
export interface OverBudget {
  /** `duration`, a step, a kind, or what has the size. */
  readonly name: string;
  readonly unit: 'ms' | 'bytes';
  readonly limit: number;
  readonly found: number;
}

/** What of a build is over its budget; nothing where it keeps to it. What the build does not have is not over. */
export function checkBudget(record: BuildRecord, { duration, steps = {}, bytes = {} }: Budget): readonly OverBudget[] {
  const all = stepsOf(record);
  const sizes = new Map(flatten(record.sizes ?? []));
  const took = (name: string): number =>
    all.reduce((sum, step) => sum + (step.name === name || step.kind === name ? spanTime(step) : 0), 0);
  return [
    ...(duration === undefined
      ? []
      : [{ name: 'duration', unit: 'ms' as const, limit: duration, found: record.duration }]),
    ...Object.entries(steps).map(([name, limit]) => ({ name, unit: 'ms' as const, limit, found: took(name) })),
    ...Object.entries(bytes).map(([name, limit]) => ({
      name,
      unit: 'bytes' as const,
      limit,
      found: sizes.get(name) ?? 0,
    })),
  ].filter(({ found, limit }) => found > limit);
}

function flatten(sizes: readonly SizeRecord[], above = ''): readonly (readonly [string, number])[] {
  return sizes.flatMap(({ name, bytes, parts = [] }) => [
    [above + name, bytes] as const,
    ...flatten(parts, `${above}${name}/`),
  ]);
}
