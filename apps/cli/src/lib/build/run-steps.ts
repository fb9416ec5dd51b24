import { BuildError, type BuildEvent, type BuildResult, runPlan, type Step } from '@mcpgen/build-optimizer';
import {
  appendBuildState,
  buildStateVersion,
  readBuildState,
  type StatCache,
  type StepState,
  writeBuildState,
} from '@mcpgen/cache-invalidation';
import type { BuildRequest } from './build-request.ts';
import type { BuildTools } from './open-build-tools.ts';
import { writesImage } from './step-results.ts';

/** What a build was asked for, and who is told of its steps. */
export interface StepsRequest extends Omit<BuildRequest, 'onEvent'> {
  readonly onEvent: (event: BuildEvent) => void;
}

/** Steps to run. */
export interface StepRun {
  readonly steps: readonly Step[];
  readonly generatorVersion: string;
  readonly statCache: StatCache;
  /** Of all steps, where the list is that of an edit: steps that are not in it are as this says. */
  readonly state?: ReadonlyMap<string, StepState>;
}

/** What steps gave, and which state is kept now: none where it could not be. */
export interface StepsResult extends BuildResult {
  readonly stateVersion: string | undefined;
}

/** Runs the steps and keeps what they learned, whether they succeed or not: the next build goes on from there. */
export async function runSteps(
  request: StepsRequest,
  { cache }: Pick<BuildTools, 'cache'>,
  { steps, generatorVersion, statCache, state: known }: StepRun,
): Promise<StepsResult> {
  const { context, paths, settings, onEvent } = request;
  const state = known ?? readBuildState(paths.state).steps;
  try {
    const result = await runPlan(steps, {
      cache,
      state,
      generatorVersion,
      concurrency: settings.concurrency,
      now: context.elapsed,
      signal: context.signal,
      onEvent,
      force: request.cache === 'off',
      recheck: (files) =>
        Object.entries(files).every(([file, digest]) => statCache.digest(`${settings.directory}/${file}`) === digest),
      directory: stepDirectory(request),
      others: known === undefined ? 'gone' : 'kept',
    });
    const kept = keepState(paths.state, result.state, known);
    return { ...result, stateVersion: kept ? buildStateVersion(paths.state) : undefined };
  } catch (error) {
    // An edit that fails is undone: the last build's state still holds.
    if (known === undefined && error instanceof BuildError && error.state !== undefined)
      writeBuildState(paths.state, { steps: error.state });
    throw error;
  }
}

/** Where a step writes, by its name. */
export function stepDirectory({ paths }: Pick<BuildRequest, 'paths'>): (step: string) => string {
  return (step) => (writesImage(step) ? paths.image : paths.workServer);
}

/** Only what is new is written, as long as that is little. */
function keepState(
  file: string,
  state: ReadonlyMap<string, StepState>,
  before: ReadonlyMap<string, StepState> | undefined,
): boolean {
  if (before !== undefined) {
    const changed = new Map([...state].filter(([name, step]) => before.get(name) !== step));
    if (appendBuildState(file, { steps: changed })) return true;
  }
  return writeBuildState(file, { steps: state });
}
