import { jsonText } from '@mcpgen/build-cache';
import type { StepReport } from '@mcpgen/build-optimizer';
import { checkUnchanged, readBuildRecord } from '@mcpgen/cache-invalidation';
import { version } from '../version.ts';
import type { BuildRequest } from './build-request.ts';
import type { BuildResult } from './build-result.ts';

/** What the last build gave, every step fresh, where nothing at all has changed: one stat per file and no step made. */
export function unchangedBuild(request: BuildRequest): BuildResult | undefined {
  const { paths, settings } = request;
  if (request.cache === 'off' || request.bases === 'look-up') return undefined;
  const record = readBuildRecord(paths.record);
  if (record === undefined || !checkUnchanged(record, settings.directory, buildIdentity(request)).unchanged)
    return undefined;
  // The record's seal and identity vouch for what rememberBuild wrote.
  return freshen(record.summary as BuildSummary);
}

/** Everything that is no file and changes what a build gives. */
export function buildIdentity({ settings, config }: BuildRequest): string {
  const { targets: _, concurrency: __, ...rest } = settings;
  return jsonText({ version, node: process.version, execPath: process.execPath, settings: rest, config });
}

/** What the record keeps of a build. Thousands of steps are a name and the milliseconds that it saves, in turn. */
interface BuildSummary {
  readonly result: BuildResult;
  readonly steps: readonly (string | number)[];
}

export function summarize(result: BuildResult): BuildSummary {
  const steps = result.steps.flatMap(({ name, duration, saved }) => [name, saved > 0 ? saved : duration]);
  return { result: { ...result, targets: [], steps: [] }, steps };
}

function freshen({ result, steps }: BuildSummary): BuildResult {
  const reports: StepReport[] = [];
  for (let at = 0; at < steps.length; at += 2) reports.push(freshReport(String(steps[at]), Number(steps[at + 1])));
  return { ...result, steps: reports, warnings: [] };
}

function freshReport(name: string, saved: number): StepReport {
  return { name, outcome: 'fresh', reason: 'nothing changed', duration: 0, start: 0, queued: 0, saved, needs: [] };
}
