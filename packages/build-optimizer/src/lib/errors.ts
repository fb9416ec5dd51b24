import type { StepState } from '@mcpgen/cache-invalidation';

export type BuildErrorCode =
  | 'STEP_DUPLICATE'
  | 'STEP_NEED_UNKNOWN'
  | 'STEP_CYCLE'
  | 'STEP_OUTPUT_CONFLICT'
  | 'STEP_FAILED'
  | 'BUILD_CANCELLED';

interface BuildErrorFacts {
  readonly steps: readonly string[];
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  readonly state?: ReadonlyMap<string, StepState>;
}

/** What planning and running steps throws. Compare `code`, not the class: two copies of this package may be installed. */
export class BuildError extends Error {
  override readonly name = 'BuildError';
  readonly code: BuildErrorCode;
  /** The steps it is about; for a cycle in the order of the cycle. */
  readonly steps: readonly string[];
  /** The one step it is about, if it is about one. */
  readonly step: string | undefined;
  /** What to do; of a failed step, what its own error says. */
  readonly hint: string | undefined;
  /**
   * What is known of every step after a build that began and did not end: keep it as you keep a result's state, and the
   * next build goes on from there. Absent when nothing was begun.
   */
  readonly state: ReadonlyMap<string, StepState> | undefined;

  constructor(code: BuildErrorCode, message: string, { steps, hint, cause, state }: BuildErrorFacts) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.steps = steps;
    this.step = steps.length === 1 ? steps[0] : undefined;
    this.hint = hint;
    this.state = state;
  }
}

export function stepDuplicate(name: string): BuildError {
  return new BuildError('STEP_DUPLICATE', `Cannot plan the build: two steps are named "${name}"`, {
    steps: [name],
    hint: 'Give each step a name of its own.',
  });
}

export function stepNeedUnknown(name: string, need: string): BuildError {
  return new BuildError('STEP_NEED_UNKNOWN', `Cannot plan "${name}": it needs "${need}", which is not a step`, {
    steps: [name, need],
    hint: 'Add the missing step, or take its name out of "needs".',
  });
}

export function stepCycle(steps: readonly string[]): BuildError {
  const path = [...steps, ...steps.slice(0, 1)].map((name) => `"${name}"`).join(' needs ');
  return new BuildError('STEP_CYCLE', `Cannot plan the build: ${path}`, {
    steps,
    hint: 'Take one of these needs away.',
  });
}

export function stepOutputConflict(path: string, ...writers: readonly [string, string]): BuildError {
  const [first, second] = writers[0] < writers[1] ? writers : [writers[1], writers[0]];
  return new BuildError('STEP_OUTPUT_CONFLICT', `Cannot keep "${path}": "${first}" and "${second}" both write it`, {
    steps: [first, second],
    hint: 'Let each file be written by one step, or with the same content by each.',
  });
}

/** The message ends with the cause's own; a cause with a code of its own stands better alone, and says where it is. */
export function stepFailed(name: string, cause: unknown, state: ReadonlyMap<string, StepState>): BuildError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const hint = cause instanceof Error && 'hint' in cause && typeof cause.hint === 'string' ? cause.hint : undefined;
  return new BuildError('STEP_FAILED', `Cannot build "${name}": ${reason}`, { steps: [name], hint, cause, state });
}

export function buildCancelled(cause: unknown, state: ReadonlyMap<string, StepState>): BuildError {
  return new BuildError('BUILD_CANCELLED', 'Cannot finish the build: it was cancelled', { steps: [], cause, state });
}
