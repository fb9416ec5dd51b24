import type { OutputFact } from '@mcpgen/cache-invalidation';
import type { Project } from '@mcpgen/generator';
import type { BuildRequest } from './build-request.ts';
import type { BuildResult } from './build-result.ts';
import type { BuildMeasure } from './measure-build.ts';
import type { BuildTools } from './open-build-tools.ts';
import { planProject } from './plan-project.ts';
import { publishServer } from './publish/publish-server.ts';
import { rememberBuild, watchBefore } from './remember-build.ts';
import { runSteps } from './run-steps.ts';
import { imageOf, tellNew, writtenBy } from './step-results.ts';
import { definitionWarnings } from './steps/definition-warnings.ts';

/** What a build runs with. */
export interface BuildRun {
  readonly tools: BuildTools;
  readonly measure: BuildMeasure;
}

/** A build that is planned from the project itself: every step is made and looked at. */
export async function buildWhole(request: BuildRequest, { tools, measure }: BuildRun): Promise<BuildResult> {
  const { paths, settings } = request;
  const { statCache } = tools;
  const watch = watchBefore(settings);
  const plan = await measure.phase('plan', () => planProject(request, tools));
  const run = await measure.steps((onEvent) => runSteps({ ...request, onEvent }, tools, { ...plan, statCache }));
  const warnings = definitionWarnings(plan.project.sources, run);
  tellNew(warnings, request);
  const published = await measure.phase('publish', () =>
    publishServer({
      work: paths.workServer,
      published: paths.server,
      files: writtenBy(plan.serverSteps, run.state),
      memory: paths.published,
    }),
  );
  const result: BuildResult = {
    name: settings.server.info.name ?? plan.project.name,
    server: { directory: paths.server, ...countSources(plan.project), bytes: bytesOf(published.files) },
    image: imageOf(request, run),
    targets: [],
    steps: run.reports,
    duration: run.duration,
    warnings: warnings.map(({ message }) => message),
    next: [],
  };
  rememberBuild(request, { watch, plan, run, published, result, warnings, statCache });
  return result;
}

function bytesOf(files: readonly OutputFact[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

function countSources({ sources }: Project): {
  readonly tools: number;
  readonly resources: number;
  readonly prompts: number;
} {
  const count = (kind: string): number => sources.filter((source) => source.kind === kind).length;
  return { tools: count('tool'), resources: count('resource'), prompts: count('prompt') };
}
