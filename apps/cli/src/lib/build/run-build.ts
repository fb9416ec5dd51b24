import type { BuildRequest } from './build-request.ts';
import type { BuildResult } from './build-result.ts';
import { buildWhole } from './build-whole.ts';
import { buildEdit } from './edit/build-edit.ts';
import { type Edit, planEdit } from './edit/plan-edit.ts';
import { measureBuild } from './measure-build.ts';
import { openBuildTools } from './open-build-tools.ts';

/** Plans and runs the steps of a build, and publishes what they made: only those that an edit reaches, where it is one. */
export async function runBuild(request: BuildRequest, edit?: Edit): Promise<BuildResult> {
  const measure = measureBuild(request);
  const tools = await openBuildTools(request);
  // A child that describes tools starts while the build is planned: most changes are to a tool.
  tools.describer.prewarm();
  let result: BuildResult;
  try {
    const plan = edit && (await measure.phase('plan', () => planEdit(request, tools, edit)));
    result = await (plan === undefined
      ? buildWhole(request, { tools, measure })
      : buildEdit(request, plan, { tools, measure }));
  } finally {
    await measure.keep();
    await tools.close();
  }
  request.context.signal.throwIfAborted();
  return { ...result, cache: tools.cacheReport() };
}
