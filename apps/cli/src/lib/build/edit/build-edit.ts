import type { BuildRequest } from '../build-request.ts';
import type { BuildResult } from '../build-result.ts';
import type { BuildRun } from '../build-whole.ts';
import { type PublishedEdit, publishEdit, publishServer } from '../publish/publish-server.ts';
import { runSteps, type StepsResult } from '../run-steps.ts';
import { imageOf, tellNew, writtenBy } from '../step-results.ts';
import { type DefinitionWarning, definitionWarnings } from '../steps/definition-warnings.ts';
import { freshResult } from '../unchanged-build.ts';
import type { EditPlan } from './plan-edit.ts';
import { rememberEdit } from './remember-edit.ts';

/** All that the last build gave, but for what the edit reaches. */
export async function buildEdit(
  request: BuildRequest,
  plan: EditPlan,
  { tools, measure }: BuildRun,
): Promise<BuildResult> {
  for (const message of plan.warnings) request.onEvent({ type: 'warning', message });
  const run = await measure.steps((onEvent) => runSteps({ ...request, onEvent }, tools, plan));
  const described = definitionWarnings(plan.described, run);
  tellNew(described, request);
  const published = await measure.phase('publish', () => publish(request, plan, run));
  const { summary } = plan.edit;
  const warnings = mergeWarnings(summary.warnings, described, plan);
  const last = freshResult(summary);
  const reports = new Map(run.reports.map((report) => [report.name, report]));
  const result: BuildResult = {
    ...last,
    server: { ...last.server, bytes: last.server.bytes + growthOf(plan, run) },
    image: imageOf(request, run),
    steps: last.steps.map((report) => reports.get(report.name) ?? report),
    duration: run.duration,
    warnings: warnings.map(({ message }) => message),
  };
  if (published !== undefined) rememberEdit(request, { plan, run, published, result, warnings });
  return result;
}

/** `undefined` where all had to be published, because another build did so meanwhile: then nothing is remembered. */
function publish({ paths }: BuildRequest, plan: EditPlan, run: StepsResult): PublishedEdit | undefined {
  const places = { work: paths.workServer, published: paths.server, memory: paths.published };
  const before = writtenBy(plan.serverSteps, plan.state);
  const files = writtenBy(plan.serverSteps, run.state);
  const published = publishEdit({ ...places, before, files, version: plan.kept.published });
  if (published === undefined) publishServer({ ...places, files: writtenBy(plan.allServerSteps(), run.state) });
  return published;
}

/** In the order of the sources, those of what was described anew in place of what was said of it before. */
function mergeWarnings(
  before: readonly DefinitionWarning[],
  now: readonly DefinitionWarning[],
  { described, project }: EditPlan,
): readonly DefinitionWarning[] {
  if (before.length === 0) return now;
  const anew = new Set(described.map(({ file }) => file));
  const all = [...before.filter(({ file }) => !anew.has(file)), ...now];
  return project.sources.flatMap(({ file }) => all.filter((warning) => warning.file === file));
}

/** By how many bytes the server grew. A published file is as large as that of the step. */
function growthOf({ serverSteps, state }: EditPlan, run: StepsResult): number {
  const bytes = (of: StepsResult['state']) => writtenBy(serverSteps, of).reduce((sum, { size }) => sum + size, 0);
  return bytes(run.state) - bytes(state);
}
