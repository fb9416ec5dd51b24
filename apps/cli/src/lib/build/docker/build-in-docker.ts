import type { BuildEvent, StepReport } from '@mcpgen/build-optimizer';
import type { BuildEvent as DockerEvent } from '@mcpgen/docker';
import type { BuildRequest } from '../build-request.ts';
import type { BuildResult } from '../build-result.ts';
import { imageName } from '../image-name.ts';
import { type BuildMeasure, measureBuild } from '../measure-build.ts';
import { dockerContext, serverDockerfile } from './docker-context.ts';
import { dockerStepReport, isShown, stepName } from './docker-step-report.ts';
import { runDockerBuild } from './run-docker-build.ts';

/**
 * The image of a built server, made by BuildKit, in the record of the build or one of its own: where the server has not
 * changed, its image may still be gone or have other names now. BuildKit knows.
 */
export async function buildInDocker(
  request: BuildRequest,
  built: BuildResult,
  measure?: BuildMeasure,
): Promise<BuildResult> {
  if (measure !== undefined) return runInDocker(request, built, measure);
  const own = measureBuild(request);
  let result: BuildResult | undefined;
  try {
    result = await runInDocker(request, built, own);
    return result;
  } finally {
    await own.keep(result === undefined ? 'failed' : 'succeeded');
  }
}

async function runInDocker(request: BuildRequest, built: BuildResult, measure: BuildMeasure): Promise<BuildResult> {
  const { settings } = request;
  if (settings.image === undefined) return built;
  const dockerfile = serverDockerfile(settings.image, built.server.directory);
  const tags = tagsOf(request);
  const reports: StepReport[] = [];
  const { id, by } = await measure.steps((onEvent) =>
    runDockerBuild(request, {
      context: dockerContext(dockerfile, built.server.directory),
      tags,
      onEvent: stepEvents(reports, onEvent),
    }),
  );
  const cached = reports.filter(({ outcome }) => outcome === 'fresh').length;
  const detail = `${id.slice(0, 19)}, by ${by}, ${cached} of ${reports.length} steps cached`;
  const names = tags.map((name) => ({ kind: 'docker', name, detail, digest: id }) as const);
  return { ...built, steps: [...built.steps, ...reports], targets: [...built.targets, ...names] };
}

function tagsOf({ settings }: BuildRequest): readonly string[] {
  const { load, push } = settings.targets;
  const named = [load, push].filter((name) => name !== undefined);
  return named.length > 0 ? named : [imageName(settings)];
}

/** Tells BuildKit's steps as ours, and keeps them. */
function stepEvents(reports: StepReport[], onEvent: (event: BuildEvent) => void): (event: DockerEvent) => void {
  let began: number | undefined;
  return (event) => {
    if (event.type === 'docker-build-warning') onEvent({ type: 'warning', message: event.message });
    if (event.type === 'docker-build-started' && isShown(event.step))
      onEvent({ type: 'started', step: stepName(event.step) });
    if (event.type !== 'docker-build-finished' || !isShown(event.step.name)) return;
    began ??= event.step.started;
    const report = dockerStepReport(event.step, began);
    reports.push(report);
    onEvent({ type: 'finished', report });
  };
}
