import { BuildError, type BuildResult, runPlan } from '@mcpgen/build-optimizer';
import { readBuildState, writeBuildState } from '@mcpgen/cache-invalidation';
import type { BuildRequest } from './build-request.ts';
import type { BuildTools } from './open-build-tools.ts';
import type { ProjectPlan } from './plan-project.ts';

/** Runs the steps and keeps what they learned, whether they succeed or not: the next build goes on from there. */
export async function runSteps(
  request: BuildRequest,
  { cache, statCache }: BuildTools,
  { steps, generatorVersion }: ProjectPlan,
): Promise<BuildResult> {
  const { context, paths, settings, onEvent } = request;
  const { steps: state } = readBuildState(paths.state);
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
      directory: (step) => (/^(layer:|image$)/.test(step) ? paths.image : paths.workServer),
    });
    writeBuildState(paths.state, { steps: result.state });
    return result;
  } catch (error) {
    if (error instanceof BuildError && error.state !== undefined) writeBuildState(paths.state, { steps: error.state });
    throw error;
  }
}
