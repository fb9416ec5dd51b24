import { usageError } from '../errors.ts';
import type { BuildRequest } from './build-request.ts';
import type { BuildResult, CheckedResult, ImageResult, TargetResult } from './build-result.ts';
import { checkDockerBuild } from './docker/docker-builder.ts';
import type { BuildMeasure } from './measure-build.ts';
import { nextSteps } from './next-steps.ts';
import { publishDocuments } from './publish/publish-documents.ts';
import { compareLastBuild, type LastBuild } from './unchanged-build.ts';

/** One build, one walk: see docs/design.md. Throws the first failure; a failed build leaves the last one's output in place. */
export async function buildProject(request: BuildRequest): Promise<CheckedResult> {
  const { context, settings } = request;
  const began = context.elapsed();
  await checkTargets(request);
  const finish: FinishBuild = async (built, measure) => {
    if (built.image !== undefined) publishDocuments(built.image);
    const budgets = await checkBudgets(request, { ...built, duration: context.elapsed() - began });
    const fails = budgets.some(({ level }) => level === 'fail');
    return { ...(fails ? built : await deliver(request, built, measure)), budgets };
  };
  const last = compareLastBuild(request);
  const built = last?.unchanged === true ? await finish(last.result) : await buildChanged(request, last, finish);
  const result = { ...built, duration: context.elapsed() - began };
  return { ...result, next: nextSteps(result, settings, context.directory) };
}

/** What is done with a server, built now or before; measured with the build where there was one. */
export type FinishBuild = (built: BuildResult, measure?: BuildMeasure) => Promise<CheckedResult>;

/** What there are no budgets for is not measured. A build that passes one is told of all that it passes. */
async function checkBudgets(request: BuildRequest, result: BuildResult): Promise<CheckedResult['budgets']> {
  if (request.settings.budgets === undefined) return [];
  const { budgetsOfBuild } = await import('./budgets/budgets-of-build.ts');
  const passed = await budgetsOfBuild(request, result);
  for (const { level, message } of passed) if (level === 'warn') request.onEvent({ type: 'warning', message });
  return passed;
}

/** All that plans and runs steps is loaded only where something changed. */
async function buildChanged(
  request: BuildRequest,
  edit: Exclude<LastBuild, { readonly unchanged: true }> | undefined,
  finish: FinishBuild,
): Promise<CheckedResult> {
  const { runBuild } = await import('./run-build.ts');
  return runBuild(request, { edit, finish });
}

/** What the builder cannot do, a name that no registry takes and a key that cannot sign are told before anything is built. */
async function checkTargets({ settings, context }: BuildRequest): Promise<void> {
  checkDockerBuild(settings);
  const names = [settings.targets.push, settings.targets.load].filter((name) => name !== undefined);
  if (names.length === 0) return;
  const { parseReference } = await import('@mcpgen/oci');
  for (const name of names) {
    if (parseReference(name).digest === undefined) continue;
    throw usageError(
      `Cannot call the image "${name}": its digest comes from what is in it`,
      'Name a tag, such as ghcr.io/owner/name:1.0',
    );
  }
  if (settings.targets.sign !== true) return;
  const { readSigningKey } = await import('../image/signing-key.ts');
  await readSigningKey(context.environment);
}

/** Has the image made by Docker, or sends the one that was made. */
async function deliver(request: BuildRequest, built: BuildResult, measure?: BuildMeasure): Promise<BuildResult> {
  const { builder, image } = request.settings;
  if (builder !== 'daemonless' && image !== undefined) {
    const { buildInDocker } = await import('./docker/build-in-docker.ts');
    return buildInDocker(request, built, measure);
  }
  const send = () => sendTo(request, built.image);
  return { ...built, targets: await (measure === undefined ? send() : measure.phase('send', send)) };
}

/** Registries, daemons and archives are loaded only where one is asked for. */
async function sendTo(request: BuildRequest, image: ImageResult | undefined): Promise<readonly TargetResult[]> {
  if (image === undefined || Object.keys(request.settings.targets).length === 0) return [];
  const { sendImage } = await import('./send-image.ts');
  return sendImage(request, image);
}
