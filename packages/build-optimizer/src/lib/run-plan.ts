import type { BuildCache } from '@mcpgen/build-cache';
import type { StepState } from '@mcpgen/cache-invalidation';
import { createProgress } from './build-progress.ts';
import { type DriveEnd, driveSteps } from './drive-steps.ts';
import { type BuildError, buildCancelled, stepFailed } from './errors.ts';
import { estimateDurations } from './estimate-durations.ts';
import { findStaleOutputs, removeOutput } from './remove-stale-outputs.ts';
import { createScheduler } from './scheduler.ts';
import { openOutput } from './settle-step.ts';
import type { BuildEvent, Step, StepInputs, StepOutput, StepReport } from './step.ts';
import { createStepDriver } from './step-driver.ts';
import { createStepGraph } from './step-graph.ts';
import { undoSteps } from './undo-steps.ts';

export interface RunOptions {
  readonly cache: BuildCache;
  /** What the last build left, by step name; empty for the first. */
  readonly state: ReadonlyMap<string, StepState>;
  /** As much of the generator's version as results depend on. */
  readonly generatorVersion: string;
  /** Slots that steps share: at least 1. */
  readonly concurrency: number;
  /** A clock in milliseconds that never goes back. */
  readonly now: () => number;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: BuildEvent) => void;
  /** Asked when a step has run: are its files still what their digests say? What was edited meanwhile is not kept. */
  readonly recheck?: (files: NonNullable<StepInputs['files']>) => boolean | Promise<boolean>;
  /** Where steps that are no longer in the list wrote; without it their outputs stay. Absolute. */
  readonly directory?: string | ((step: string) => string | undefined);
  /**
   * What became of steps that `state` knows and the list does not have: `gone`, the default, or `kept` as they were. Those
   * may be needed by listed ones, and stay in the state that comes out; the caller vouches for their outputs. A build of
   * such a part that fails is undone as a whole: the state in its error is the one it began with.
   */
  readonly others?: 'gone' | 'kept';
  /** Runs every step, and stores what they give. */
  readonly force?: boolean;
}

export interface BuildResult {
  /** In the order of the steps. */
  readonly reports: readonly StepReport[];
  readonly outputs: ReadonlyMap<string, StepOutput>;
  /** What to pass as `state` to the next build. */
  readonly state: ReadonlyMap<string, StepState>;
  /** Milliseconds. */
  readonly duration: number;
}

/**
 * Brings every step about: left as it is where nothing changed, restored from the cache, or run; as parallel as needs and
 * slots allow. Steps that give what they gave before do not wake their dependents. When all is done, files that no step
 * makes any more are removed.
 *
 * @throws BuildError for a list that is no graph; STEP_FAILED with the first step that failed, after all that were running
 * have ended; BUILD_CANCELLED when `signal` aborts. The last two carry the state to begin the next build from, and remove
 * nothing that an earlier build left.
 */
export async function runPlan(steps: readonly Step[], options: RunOptions): Promise<BuildResult> {
  const { state, now } = options;
  const began = now();
  const kept = keptOutputs(options);
  const part = options.others === 'kept';
  const graph = createStepGraph(steps, (name) => part && state.has(name));
  const weights = estimateDurations(
    steps.map(({ name }) => name),
    (name) => state.get(name)?.duration,
  );
  const slots = steps.map((step) => step.slots ?? 1);
  const scheduler = createScheduler(graph, { concurrency: options.concurrency, weights, slots });
  const progress = createProgress(steps, kept);
  options.onEvent?.({ type: 'planned', steps: steps.length });
  const end = await driveSteps(scheduler, createStepDriver(steps, { options, progress, began }));
  const reached = progress.states();
  if (end.type !== 'done') {
    const { unneeded, left } = undoSteps(steps, { before: state, reached, part });
    removeStale(steps, { before: unneeded, after: left }, options);
    throw buildError(end, steps, left);
  }
  const after = part ? new Map([...state, ...reached]) : reached;
  removeStale(steps, { before: part ? only(state, reached) : state, after }, options);
  return { reports: progress.reports(), outputs: progress.outputs(), state: after, duration: now() - began };
}

/** What was known of these steps: all others are as they were. */
function only(state: RunOptions['state'], steps: RunOptions['state']): RunOptions['state'] {
  const known = [...steps.keys()].flatMap((name) => {
    const left = state.get(name);
    return left === undefined ? [] : [[name, left] as const];
  });
  return new Map(known);
}

/** The outputs of steps that are not in the list. */
function keptOutputs({ others, state, directory }: RunOptions): (step: string) => StepOutput | undefined {
  if (others !== 'kept') return () => undefined;
  const directoryOf = typeof directory === 'function' ? directory : () => directory;
  return (step) => {
    const left = state.get(step);
    const at = directoryOf(step);
    return left === undefined || at === undefined ? undefined : openOutput(at, left);
  };
}

/** What the runner was given, or why there is none. */
function buildError(
  end: Exclude<DriveEnd, { readonly type: 'done' }>,
  steps: readonly Step[],
  states: ReadonlyMap<string, StepState>,
): BuildError {
  if (end.type === 'cancelled') return buildCancelled(end.reason, states);
  return stepFailed(steps[end.step]?.name ?? '', end.error, states);
}

/** A file that cannot be removed is one too many, not a failed build. */
function removeStale(
  steps: readonly Step[],
  { before, after }: { readonly before: RunOptions['state']; readonly after: RunOptions['state'] },
  { directory, onEvent }: RunOptions,
): void {
  const directories = new Map(steps.map((step) => [step.name, step.directory]));
  const vanished = typeof directory === 'function' ? directory : () => directory;
  for (const output of findStaleOutputs(before, after, (name) => directories.get(name) ?? vanished(name))) {
    try {
      removeOutput(output);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      onEvent?.({
        type: 'warning',
        message: `Cannot remove "${output.path}", which nothing makes any more: ${reason}`,
      });
    }
  }
}
