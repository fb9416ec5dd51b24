import type { BuildResult as StepsResult } from '@mcpgen/build-optimizer';
import type { OutputFact } from '@mcpgen/cache-invalidation';
import type { Project } from '@mcpgen/generator';
import type { BuildRequest } from './build-request.ts';
import type { BuildResult, ImageResult } from './build-result.ts';
import { definitionWarnings } from './describe-step.ts';
import { measureBuild } from './measure-build.ts';
import { openBuildTools } from './open-build-tools.ts';
import { type ProjectPlan, planProject } from './plan-project.ts';
import { publishServer } from './publish-server.ts';
import { rememberBuild, watchBefore } from './remember-build.ts';
import { runSteps } from './run-steps.ts';

/** Plans and runs the steps of a build, and publishes what they made. */
export async function runBuild(request: BuildRequest): Promise<BuildResult> {
  const { paths } = request;
  const measure = measureBuild(request);
  const watch = watchBefore(request.settings.directory);
  const tools = openBuildTools(request);
  // A child that describes tools starts while the build is planned: most changes are to a tool.
  tools.describer.prewarm();
  try {
    const plan = await measure.phase('plan', () => planProject(request, tools));
    const run = await measure.steps((onEvent) => runSteps({ ...request, onEvent }, tools, plan));
    const warnings = definitionWarnings(plan.project, run);
    // What was said when a definition was described is not said again with each later build.
    for (const { known, message } of warnings) if (!known) request.onEvent({ type: 'warning', message });
    const files = serverFiles(plan, run);
    const published = await measure.phase('publish', () =>
      publishServer({ work: paths.workServer, published: paths.server, files, memory: paths.published }),
    );
    const result: BuildResult = {
      name: request.settings.server.info.name ?? plan.project.name,
      server: { directory: paths.server, ...countSources(plan.project), bytes: bytesOf(published) },
      image: imageOf(request, run),
      targets: [],
      steps: run.reports,
      duration: run.duration,
      warnings: warnings.map(({ message }) => message),
      next: [],
    };
    rememberBuild(request, { watch, plan, result, program: programOf(run), published, statCache: tools.statCache });
    return result;
  } finally {
    await measure.keep();
    await tools.close();
  }
}

/** What the steps wrote below the server's directory. */
function serverFiles({ serverSteps }: ProjectPlan, { state }: StepsResult): readonly OutputFact[] {
  return serverSteps.flatMap((step) => state.get(step)?.outputs ?? []);
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

/** The value of the image step, through the cache and back. */
function imageOf({ paths }: BuildRequest, { outputs }: StepsResult): ImageResult | undefined {
  const output = outputs.get('image');
  if (output === undefined) return undefined;
  return { directory: paths.image, ...(output.value as Omit<ImageResult, 'directory'>) };
}

/** The value of the typecheck step. */
function programOf({ outputs }: StepsResult): readonly string[] {
  return (outputs.get('typecheck')?.value ?? []) as readonly string[];
}
