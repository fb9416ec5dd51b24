import type { Step } from '@mcpgen/build-optimizer';
import { describeApi, type ServerApi } from '@mcpgen/generator/api';
import type { BuildRequest } from '../build/build-request.ts';
import { openBuildTools } from '../build/open-build-tools.ts';
import { planProject } from '../build/plan-project.ts';
import { runSteps } from '../build/run-steps.ts';
import { describeStepName, descriptionIn } from '../build/steps/describe-step.ts';

/** What the project serves as it stands: only the steps that describe it run, or come from the cache. */
export async function describeProjectApi(request: BuildRequest): Promise<ServerApi> {
  const tools = await openBuildTools(request);
  tools.describer.prewarm();
  try {
    const plan = await planProject(request, tools);
    const { sources } = plan.project;
    const steps = stepsFor(new Set(sources.map(describeStepName)), plan.steps);
    const { outputs } = await runSteps(request, tools, { ...plan, steps, statCache: tools.statCache });
    const descriptions = sources.map((source) => descriptionIn(outputs, describeStepName(source)));
    return describeApi(request.settings.server.info.version ?? plan.project.version, descriptions);
  } finally {
    await tools.close();
  }
}

/** These steps and all that they wait for. */
function stepsFor(wanted: ReadonlySet<string>, steps: readonly Step[]): readonly Step[] {
  const byName = new Map(steps.map((step) => [step.name, step]));
  const found = new Set<string>();
  const waiting = [...wanted];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    const { needs = [], after = [] } = byName.get(name) ?? {};
    waiting.push(...needs, ...after);
  }
  return steps.filter(({ name }) => found.has(name));
}
