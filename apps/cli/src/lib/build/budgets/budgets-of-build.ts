import type { BuildRecord } from '@mcpgen/build-metrics';
import type { CliContext } from '../../context.ts';
import { imageSize, readImageSize, readServerSize } from '../../report/read-sizes.ts';
import type { BuildPaths } from '../build-paths.ts';
import type { BuildRequest } from '../build-request.ts';
import type { BuildResult } from '../build-result.ts';
import type { BuildSettings } from '../settings.ts';
import { type BuildCosts, checkBudgets, type PassedBudget } from './check-budgets.ts';
import { measureServerStart } from './measure-server-start.ts';

/** Which of its budgets a build passed that was just done. Starts the server where there is one for its start. */
export async function budgetsOfBuild(
  { context, paths, settings }: Pick<BuildRequest, 'context' | 'paths' | 'settings'>,
  result: BuildResult,
): Promise<readonly PassedBudget[]> {
  const { duration, image, steps } = result;
  return passed(context, settings, {
    duration,
    steps: steps.map(({ name, outcome, start, duration: took }) => {
      return { name, kind: name.split(':')[0] ?? name, outcome, start, end: start + took };
    }),
    image: image && imageSize(image),
    directory: paths.server,
  });
}

/** The same of a build that is on record, and of what lies in the output directory now. */
export async function budgetsOfRecord(
  context: CliContext,
  { duration, spans }: BuildRecord,
  { settings, paths }: { readonly settings: BuildSettings; readonly paths: BuildPaths },
): Promise<readonly PassedBudget[]> {
  const image = readImageSize(paths.image, paths.state);
  return passed(context, settings, { duration, steps: spans, image, directory: paths.server });
}

async function passed(
  { elapsed: now, environment, signal }: CliContext,
  { budgets }: BuildSettings,
  { directory, ...costs }: Omit<BuildCosts, 'server' | 'serverStart'> & { readonly directory: string },
): Promise<readonly PassedBudget[]> {
  if (budgets === undefined) return [];
  return checkBudgets(budgets, {
    ...costs,
    server: readServerSize(directory),
    ...(budgets.serverStart !== undefined && {
      serverStart: await measureServerStart(directory, { now, environment, signal }),
    }),
  });
}
