import type { BuildResult as StepsResult } from '@mcpgen/build-optimizer';
import type { Project } from '@mcpgen/generator';
import type { BuildResult, ImageResult, TargetResult } from './build-result.ts';
import type { Composition } from './compose.ts';
import { nextSteps } from './next-steps.ts';
import { type ProjectPlan, planProject } from './plan-project.ts';
import { publishServer } from './publish-server.ts';
import { runSteps } from './run-steps.ts';
import { rememberBuild, unchangedBuild, watchBefore } from './unchanged-build.ts';

/** One build, one walk: see docs/design.md. Throws the first failure; a failed build leaves the last one's output in place. */
export async function buildProject(composition: Composition): Promise<BuildResult> {
  const { context, settings } = composition;
  const began = context.elapsed();
  const last = unchangedBuild(composition);
  const built = last ?? (await buildChanged(composition));
  const targets = await sendTo(composition, built.image);
  const result = { ...built, targets, duration: context.elapsed() - began };
  return { ...result, next: nextSteps(result, settings, context.directory) };
}

/** Registries, daemons and archives are loaded only where one is asked for. */
async function sendTo(composition: Composition, image: ImageResult | undefined): Promise<readonly TargetResult[]> {
  if (image === undefined || Object.keys(composition.settings.targets).length === 0) return [];
  const { sendImage } = await import('./send-image.ts');
  return sendImage(composition, image);
}

async function buildChanged(composition: Composition): Promise<BuildResult> {
  const { paths } = composition;
  const watch = watchBefore(composition);
  const plan = await planProject(composition);
  const run = await runSteps(composition, plan);
  const files = serverFiles(plan, run);
  const published = publishServer({ work: paths.workServer, published: paths.server, files, memory: paths.published });
  const result: BuildResult = {
    name: plan.project.name,
    server: { directory: paths.server, ...countSources(plan.project), bytes: published.bytes },
    image: imageOf(composition, run),
    targets: [],
    steps: run.reports,
    duration: run.duration,
    warnings: [],
    next: [],
  };
  rememberBuild(composition, { watch, plan, result, files });
  return result;
}

/** What the steps wrote below the server's directory. */
function serverFiles({ serverSteps }: ProjectPlan, { outputs }: StepsResult): readonly string[] {
  return serverSteps.flatMap((step) => outputs.get(step)?.files ?? []).sort();
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
function imageOf({ paths }: Composition, { outputs }: StepsResult): ImageResult | undefined {
  const output = outputs.get('image');
  if (output === undefined) return undefined;
  return { directory: paths.image, ...(output.value as Omit<ImageResult, 'directory'>) };
}
