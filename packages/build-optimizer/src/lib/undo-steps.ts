import type { StepState } from '@mcpgen/cache-invalidation';
import type { StateMap } from './remove-stale-outputs.ts';
import type { Step } from './step.ts';

/** How far a build came that failed. */
export interface FailedBuild {
  /** The state that it began with. */
  readonly before: StateMap;
  /** Of every step that was done. */
  readonly reached: StateMap;
  /** Whether its list is a part of the steps that the state knows: then all of it is undone. */
  readonly part: boolean;
}

export interface UndoneSteps {
  /** Of steps that are undone, and that nothing can have named yet: what they wrote under new names is of no use. */
  readonly unneeded: StateMap;
  /** The state for the next build to begin from. */
  readonly left: StateMap;
}

/**
 * Which steps of a build that failed are taken back: those that write other files now than they did. What they wrote before
 * is still named by what was not made anew, as a layer is by the image that lies there. All others stay done.
 */
export function undoSteps(steps: readonly Step[], { before, reached, part }: FailedBuild): UndoneSteps {
  const read = readMeanwhile(steps, reached);
  const unneeded = new Map<string, StepState>();
  const left = new Map(before);
  for (const [name, state] of reached) {
    if (!part && !dropsOutputs(before.get(name), state)) left.set(name, state);
    else if (!read.has(name)) unneeded.set(name, state);
  }
  return { unneeded, left };
}

/** Needs of the steps that had all they wait for, and may have begun: what those have written may name them already. */
function readMeanwhile(steps: readonly Step[], reached: StateMap): ReadonlySet<string> {
  const open = new Set(steps.flatMap(({ name }) => (reached.has(name) ? [] : [name])));
  const begun = steps.filter(
    ({ name, needs, after = [] }) => open.has(name) && ![...needs, ...after].some((need) => open.has(need)),
  );
  return new Set(begun.flatMap(({ needs }) => needs));
}

function dropsOutputs(before: StepState | undefined, now: StepState): boolean {
  const paths = new Set(now.outputs.map(({ path }) => path));
  return before?.outputs.some(({ path }) => !paths.has(path)) ?? false;
}
