import type { BuildRecord, SizeRecord } from './build-record.ts';
import { spanTime } from './step-graph.ts';
import { stepsOf } from './steps-of.ts';

/** What a build may take. Milliseconds and bytes. */
export interface Budget {
  readonly duration?: Limit;
  /** By step name or kind; of a kind, all its steps together. */
  readonly steps?: Readonly<Record<string, Limit>>;
  /** By the name in `sizes`, parts as `image/app`; `image/*` is each part of it that has no limit of its own. */
  readonly bytes?: Readonly<Record<string, Limit>>;
}

/** The most that something may take: a number fails the build, of the two the lower one may only warn. */
export type Limit = number | { readonly warn?: number; readonly fail?: number };

/** Something that took more than it may. */
export interface OverBudget {
  /** `duration`, a step, a kind, or what has the size. */
  readonly name: string;
  readonly unit: 'ms' | 'bytes';
  /** Which of its limits it passed; `fail` where it passed both. */
  readonly level: 'warn' | 'fail';
  readonly limit: number;
  readonly found: number;
}

/** What a budget speaks of: a record has it. */
export type Measured = Pick<BuildRecord, 'duration' | 'spans' | 'sizes'>;

/** What of a build is over its budget; nothing where it keeps to it. What the build does not have is not over. */
export function checkBudget(record: Measured, { duration, steps = {}, bytes = {} }: Budget): readonly OverBudget[] {
  const all = stepsOf(record);
  const took = (name: string): number =>
    all.reduce((sum, step) => sum + (step.name === name || step.kind === name ? spanTime(step) : 0), 0);
  return [
    ...over({ name: 'duration', unit: 'ms', found: record.duration }, duration),
    ...Object.entries(steps).flatMap(([name, limit]) => over({ name, unit: 'ms', found: took(name) }, limit)),
    ...sizesOf(record.sizes ?? []).flatMap(({ name, above, bytes: found }) =>
      over({ name, unit: 'bytes', found }, ownOf(bytes, name) ?? ownOf(bytes, `${above}*`)),
    ),
  ];
}

function over(
  { name, unit, found }: Pick<OverBudget, 'name' | 'unit' | 'found'>,
  limit: Limit | undefined,
): readonly OverBudget[] {
  const { warn, fail } = typeof limit === 'number' ? { fail: limit } : (limit ?? {});
  if (fail !== undefined && found > fail) return [{ name, unit, level: 'fail', limit: fail, found }];
  return warn !== undefined && found > warn ? [{ name, unit, level: 'warn', limit: warn, found }] : [];
}

/** Names come from anywhere: one may be called `constructor`. */
function ownOf(limits: Readonly<Record<string, Limit>>, name: string): Limit | undefined {
  return Object.hasOwn(limits, name) ? limits[name] : undefined;
}

interface NamedSize {
  readonly name: string;
  /** The name of what it is a part of, with a slash. */
  readonly above: string;
  readonly bytes: number;
}

function sizesOf(sizes: readonly SizeRecord[], above = ''): readonly NamedSize[] {
  return sizes.flatMap(({ name, bytes, parts = [] }) => [
    { name: above + name, above, bytes },
    ...sizesOf(parts, `${above}${name}/`),
  ]);
}
