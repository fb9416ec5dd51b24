import { resolve } from 'node:path';
import { buildProject } from '../build/build-project.ts';
import { readBuildRequest } from '../build/build-request.ts';
import type { BuildResult, CheckedResult } from '../build/build-result.ts';
import { claimOutput } from '../build/publish/claim-output.ts';
import type { BuildFlags as SettingFlags } from '../build/settings.ts';
import type { CliContext } from '../context.ts';
import { budgetFailure } from '../report/budget-failure.ts';
import { liveReporter, plainReporter, quietReporter } from '../report/build-reporter.ts';
import { summaryText } from '../report/build-summary.ts';
import type { Done } from '../report/envelope.ts';
import { formatDuration } from '../report/format.ts';
import { settle } from '../report/settle.ts';

export interface BuildFlags extends SettingFlags {
  readonly json: boolean;
  readonly config?: string;
  readonly noCache: boolean;
  readonly pull: boolean;
  readonly insecure: boolean;
  readonly printConfig: boolean;
  readonly image: boolean;
  readonly sign: boolean;
}

/** `mcpgen build`: a directory of tools becomes a server and its image. */
export async function build(this: CliContext, flags: BuildFlags, directory = '.'): Promise<void> {
  await settle(this, flags.json, () => runBuild(this, flags, resolve(this.directory, directory)));
}

async function runBuild(context: CliContext, flags: BuildFlags, directory: string): Promise<Done> {
  const reporter = chooseReporter(context, flags);
  const request = await readBuildRequest(context, {
    directory,
    flags,
    cache: flags.noCache ? 'off' : 'on',
    onEvent: (event) => reporter.onEvent(event),
  });
  try {
    if (flags.printConfig)
      return {
        code: 'CONFIG',
        message: 'The settings of this build',
        data: { settings: request.settings },
        output: JSON.stringify(request.settings, null, 2),
      };
    claimOutput(request.paths, {
      image: request.settings.image !== undefined && request.settings.builder === 'daemonless',
    });
    const result = await buildProject(request);
    reporter.close();
    if (!flags.json) context.process.stderr.write(summaryText(context.process.stderr, result, context.directory));
    return done(result);
  } finally {
    reporter.close();
  }
}

function done(result: CheckedResult): Done {
  const { name, next, server, image, targets, duration, steps, warnings, cache, budgets } = result;
  return {
    code: 'BUILT',
    message: `Built ${name} in ${formatDuration(duration)}`,
    next,
    data: { server, image: image ?? null, targets, duration, steps, warnings, cache: cache ?? null, budgets },
    ...outputOf(result),
    ...budgetFailure(budgets),
  };
}

/** The digest of the image, whoever made it. */
function outputOf({ image, targets }: BuildResult): { readonly output?: string } {
  const digest = image?.digest ?? targets.find((target) => target.digest !== undefined)?.digest;
  return digest === undefined ? {} : { output: digest };
}

function chooseReporter(context: CliContext, flags: BuildFlags) {
  const { stderr } = context.process;
  if (flags.json) return quietReporter(stderr);
  return stderr.terminal ? liveReporter(stderr) : plainReporter(stderr);
}
