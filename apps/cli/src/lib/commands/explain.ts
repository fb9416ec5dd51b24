import { resolve } from 'node:path';
import { type PlannedAction, type PlannedStep, readBuildPlan } from '@mcpgen/build-optimizer';
import { readBuildState } from '@mcpgen/cache-invalidation';
import { readBuildRequest } from '../build/build-request.ts';
import { openBuildTools } from '../build/open-build-tools.ts';
import { planProject } from '../build/plan-project.ts';
import type { CliContext } from '../context.ts';
import { usageError } from '../errors.ts';
import type { Done } from '../report/envelope.ts';
import { formatTable } from '../report/format.ts';
import { settle } from '../report/settle.ts';

export interface ExplainFlags {
  readonly json: boolean;
  readonly config?: string;
  readonly profile?: 'fast' | 'standard' | 'optimized';
  readonly out?: string;
  readonly cacheFrom?: readonly string[];
  readonly all: boolean;
  readonly api: boolean;
  readonly against?: string;
  readonly write: boolean;
}

/** `mcpgen explain`: the plan of a build and the reason of each step, without building. */
export async function explain(this: CliContext, flags: ExplainFlags, directory = '.'): Promise<void> {
  await settle(this, flags.json, () => runExplain(this, flags, resolve(this.directory, directory)));
}

async function runExplain(context: CliContext, flags: ExplainFlags, directory: string): Promise<Done> {
  if (flags.api) return (await import('./explain-api.ts')).explainApi(context, flags, directory);
  if (flags.write || flags.against !== undefined)
    throw usageError('Cannot compare without --api', 'Write --api as well, or leave --against and --write out');
  const warn = (message: string): void => context.process.stderr.write(`warning ${message}\n`);
  const request = await readBuildRequest(context, {
    directory,
    flags: { ...flags, cacheTo: '' },
    cache: 'on',
    onEvent: (event) => void (event.type === 'warning' && warn(event.message)),
  });
  const tools = await openBuildTools(request);
  try {
    const { steps, generatorVersion } = await planProject(request, tools);
    const { steps: state } = readBuildState(request.paths.state);
    const plan = await readBuildPlan(steps, { state, generatorVersion, cache: tools.cache });
    const message = summary(plan.steps);
    return {
      code: 'EXPLAINED',
      message,
      data: { steps: plan.steps },
      output: `${table(plan.steps, flags.all)}${message}`,
    };
  } finally {
    await tools.close();
  }
}

const WORDS: Readonly<Record<PlannedAction, string>> = {
  run: 'runs',
  restore: 'restores',
  pending: 'pending',
  fresh: 'fresh',
};

function table(steps: readonly PlannedStep[], all: boolean): string {
  const shown = all ? steps : steps.filter((step) => step.action !== 'fresh');
  if (shown.length === 0) return '';
  return `${formatTable(shown.map((step) => [WORDS[step.action], step.name, step.reason]))}\n\n`;
}

function summary(steps: readonly PlannedStep[]): string {
  const count = (action: PlannedAction): number => steps.filter((step) => step.action === action).length;
  const words = (['run', 'restore', 'pending', 'fresh'] as const).flatMap((action) =>
    count(action) === 0
      ? []
      : [`${count(action)} ${action === 'run' ? 'to run' : action === 'restore' ? 'to restore' : action}`],
  );
  return `${steps.length} steps: ${words.join(', ')}`;
}
