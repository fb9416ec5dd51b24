import { jsonText } from '@mcpgen/build-cache';
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
  return freshen(record.summary as BuildResult);
}

/** Everything that is no file and changes what a build gives. */
export function buildIdentity({ settings, config }: BuildRequest): string {
  const { targets: _, concurrency: __, ...rest } = settings;
  return jsonText({ version, node: process.version, execPath: process.execPath, settings: rest, config });
}

function freshen(result: BuildResult): BuildResult {
  const steps = result.steps.map(({ name, duration, saved }) => ({
    name,
    outcome: 'fresh' as const,
    reason: 'nothing changed',
    duration: 0,
    start: 0,
    queued: 0,
    saved: saved > 0 ? saved : duration,
    needs: [],
  }));
  return { ...result, steps, warnings: [] };
}
