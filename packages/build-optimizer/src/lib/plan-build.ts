import type { BuildCache, CacheEntry, Digest } from '@mcpgen/build-cache';
import { findMovedOutput, type MovedOutput, type StepState } from '@mcpgen/cache-invalidation';
import { changeReason } from './change-reason.ts';
import type { Step, StepOutput } from './step.ts';
import { stepPrint } from './step-fingerprint.ts';
import { createStepGraph } from './step-graph.ts';

/**
 * What a build would do with a step: leave it, restore it, run it; or nobody knows yet, because it depends on what a step
 * that runs will give.
 */
export type PlannedAction = 'fresh' | 'restore' | 'run' | 'pending';

export interface PlannedStep {
  readonly name: string;
  readonly action: PlannedAction;
  /** `tools/echo.ts changed`, `waits for "bundle:tools/echo"`. */
  readonly reason: string;
  /** Unknown while pending. */
  readonly key?: Digest;
}

export interface BuildPlan {
  /** In the order of the steps. */
  readonly steps: readonly PlannedStep[];
}

export interface PlanOptions {
  /** What the last build left, by step name. */
  readonly state: ReadonlyMap<string, StepState>;
  /** As much of the generator's version as results depend on: as for the build itself. */
  readonly generatorVersion: string;
  /** Whether a step's outputs lie where it left them; taken for granted by default. */
  readonly inPlace?: (step: Step, state: StepState) => boolean;
  /** What a cache has for a key; nothing by default. */
  readonly lookup?: (key: Digest, step: string) => CacheEntry | undefined;
}

/**
 * Says what a build would do and why, as far as it is known before anything runs. Pure, but for what it is given.
 *
 * @throws BuildError for a list that is no graph.
 */
export function planBuild(steps: readonly Step[], options: PlanOptions): BuildPlan {
  const questions = planSteps(steps, { inPlace: () => true, moved: () => undefined, ...options });
  let next = questions.next();
  while (!next.done) next = questions.next(options.lookup?.(next.value.key, next.value.step));
  return next.value;
}

/** `planBuild` from what lies on disk and in a cache. Reads; changes nothing in the project. */
export async function readBuildPlan(
  steps: readonly Step[],
  options: Pick<PlanOptions, 'state' | 'generatorVersion'> & { readonly cache: BuildCache },
): Promise<BuildPlan> {
  const moved = (step: Step, { outputs }: StepState) => findMovedOutput(step.directory, outputs);
  const inPlace = (step: Step, state: StepState) => moved(step, state) === undefined;
  const questions = planSteps(steps, { ...options, inPlace, moved });
  let next = questions.next();
  while (!next.done) next = questions.next((await options.cache.lookup(next.value.key, next.value.step))?.entry);
  return next.value;
}

interface Question {
  readonly key: Digest;
  readonly step: string;
}

/** What is asked of the last build's state. */
interface Judging extends Required<Pick<PlanOptions, 'state' | 'generatorVersion' | 'inPlace'>> {
  /** Which output is not in place. */
  readonly moved: (step: Step, state: StepState) => MovedOutput | undefined;
}

type Judged = Omit<PlannedStep, 'name'> & { readonly output?: StepOutput };

/** Walks the steps, needs first, and asks for what a cache has where it matters: who answers may wait for the answer. */
function* planSteps(steps: readonly Step[], options: Judging): Generator<Question, BuildPlan, CacheEntry | undefined> {
  const graph = createStepGraph(steps);
  const judged = new Map<string, Judged>();
  for (const position of graph.order) {
    const step = steps[position];
    if (step !== undefined) judged.set(step.name, yield* judgeStep(step, judged, options));
  }
  return {
    steps: steps.flatMap(({ name }) => {
      const found = judged.get(name);
      if (found === undefined) return [];
      const { output: _, ...planned } = found;
      return [{ name, ...planned }];
    }),
  };
}

function* judgeStep(
  step: Step,
  judged: ReadonlyMap<string, Judged>,
  { state, generatorVersion, inPlace, moved }: Judging,
): Generator<Question, Judged, CacheEntry | undefined> {
  const unknown = step.needs.find((need) => judged.get(need)?.output === undefined);
  if (unknown !== undefined) return { action: 'pending', reason: `waits for "${unknown}"` };
  const previous = state.get(step.name);
  const { fingerprint: print } = stepPrint(step, {
    outputOf: (name) => judged.get(name)?.output,
    generator: generatorVersion,
    lastRead: previous?.read,
  });
  const { key } = print;
  const { directory } = step;
  if (step.cache !== 'off' && previous?.key === key && inPlace(step, previous)) {
    const files = previous.outputs.map(({ path }) => path);
    const output = { digest: previous.output, directory, files, value: previous.value };
    return { action: 'fresh', reason: 'nothing changed', key, output };
  }
  const missed = previous?.key === key ? moved(step, previous) : undefined;
  const reason = changeReason(step, print, { previous, force: false, moved: missed });
  const entry = step.cache === 'off' ? undefined : yield { key, step: step.name };
  if (entry === undefined) return { action: 'run', reason, key };
  const files = entry.files.map(({ path }) => path);
  return { action: 'restore', reason, key, output: { digest: entry.output, directory, files, value: entry.value } };
}
