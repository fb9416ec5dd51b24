import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Step, StepReport } from '@mcpgen/build-optimizer';
import { readBuildRequest } from '../build/build-request.ts';
import { readLockFile, readSharedLock, writeLockFile } from '../build/lock-file.ts';
import { openBuildTools } from '../build/open-build-tools.ts';
import { planProject } from '../build/plan-project.ts';
import { runSteps } from '../build/run-steps.ts';
import type { CliContext } from '../context.ts';
import { quietReporter } from '../report/build-reporter.ts';
import type { Done } from '../report/envelope.ts';
import { formatDuration, formatTable } from '../report/format.ts';
import { settle } from '../report/settle.ts';
import type { ProjectCacheFlags } from './open-project-cache.ts';

export interface CacheWarmFlags extends ProjectCacheFlags {
  readonly profile?: 'fast' | 'standard' | 'optimized';
  readonly base?: string;
  readonly cacheFrom?: readonly string[];
  readonly cacheTo?: string;
  readonly insecure: boolean;
}

/** `mcpgen cache warm`: makes what all builds of a project share, and keeps it, without building the project. */
export async function cacheWarm(this: CliContext, flags: CacheWarmFlags, project = '.'): Promise<void> {
  await settle(this, flags.json, () => runWarm(this, flags, resolve(this.directory, project)));
}

async function runWarm(context: CliContext, flags: CacheWarmFlags, directory: string): Promise<Done> {
  const { onEvent } = quietReporter(context.process.stderr);
  const asked = await readBuildRequest(context, { directory, flags, cache: 'on', variant: 'warm', onEvent });
  // Neither the server nor the image of the project is touched.
  const { work, pins, sharedPins } = asked.paths;
  const request = { ...asked, paths: { ...asked.paths, image: join(work, 'image') } };
  const tools = await openBuildTools(request);
  try {
    const { generatorVersion, ...plan } = await planProject(request, tools);
    const steps = standardSteps(plan.steps);
    const { reports } = await runSteps(request, tools, { steps, generatorVersion, statCache: tools.statCache });
    await tools.close();
    context.signal.throwIfAborted();
    // Whoever shares the store finds out without a network what the base's tag stands for.
    writeLockFile(sharedPins, new Map([...readSharedLock(sharedPins), ...readLockFile(pins)]));
    return warmed(reports, tools.cacheReport());
  } finally {
    await tools.close();
    rmSync(work, { recursive: true, force: true });
  }
}

const STANDARD = /^(runtime|deps|native|layer:base.*)$/;

/** The server's runtime, the packages, base images, and the layers that hold nothing else. */
function standardSteps(steps: readonly Step[]): readonly Step[] {
  const standard = steps.filter(({ name }) => STANDARD.test(name));
  const names = new Set(standard.map(({ name }) => name));
  const layers = steps.filter(
    ({ name, needs }) => name.startsWith('layer:') && !names.has(name) && needs.every((need) => names.has(need)),
  );
  return [...standard, ...layers];
}

function warmed(reports: readonly StepReport[], cache: unknown): Done {
  const made = reports.filter(({ outcome }) => outcome === 'ran').length;
  const message = `${reports.length} steps are kept: ${made} made, ${reports.length - made} there already`;
  const rows = reports.map(({ name, outcome, duration }) => [
    name,
    outcome === 'ran' ? 'made' : 'kept',
    formatDuration(duration),
  ]);
  const steps = reports.map(({ name, outcome, duration }) => ({ name, outcome, duration }));
  return {
    code: 'CACHE_WARMED',
    message,
    data: { steps, cache },
    output: `${formatTable(rows, new Set([2]))}\n\n${message}`,
  };
}
