import type { FinishBuild } from './build-project.ts';
import type { BuildRequest } from './build-request.ts';
import type { BuildResult, CheckedResult } from './build-result.ts';
import { type BuildRun, buildWhole } from './build-whole.ts';
import { buildEdit } from './edit/build-edit.ts';
import { type Edit, planEdit } from './edit/plan-edit.ts';
import { measureBuild } from './measure-build.ts';
import { openBuildTools } from './open-build-tools.ts';

/** Plans and runs the steps of a build, publishes what they made, and has it finished, all in one record. */
export async function runBuild(
  request: BuildRequest,
  { edit, finish }: { readonly edit: Edit | undefined; readonly finish: FinishBuild },
): Promise<CheckedResult> {
  const measure = measureBuild(request);
  const tools = await openBuildTools(request);
  // A child that describes tools starts while the build is planned: most changes are to a tool.
  tools.describer.prewarm();
  let result: CheckedResult | undefined;
  try {
    result = await finish(await buildServer(request, { tools, measure }, edit), measure);
  } finally {
    await measure.keep(result === undefined ? 'failed' : 'succeeded');
    await tools.close();
  }
  request.context.signal.throwIfAborted();
  return { ...result, cache: tools.cacheReport() };
}

/** Only the steps that an edit reaches, where it is one. */
async function buildServer(request: BuildRequest, run: BuildRun, edit: Edit | undefined): Promise<BuildResult> {
  const { tools, measure } = run;
  const plan = edit && (await measure.phase('plan', () => planEdit(request, tools, edit)));
  return plan === undefined ? buildWhole(request, run) : buildEdit(request, plan, run);
}
