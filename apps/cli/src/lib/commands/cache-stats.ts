import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { openLocalCache } from '@mcpgen/build-cache';
import { buildPaths } from '../build/build-paths.ts';
import { resolveSettings } from '../build/settings.ts';
import { loadConfig } from '../config/load-config.ts';
import type { CliContext } from '../context.ts';
import { projectMissing } from '../errors.ts';
import { formatBytes, formatDuration, formatTable } from '../report/format.ts';
import { settle } from '../report/settle.ts';

export interface CacheStatsFlags {
  readonly json: boolean;
  readonly config?: string;
}

/** `mcpgen cache stats`: what the build cache holds and what it has saved, over all runs. */
export async function cacheStats(this: CliContext, flags: CacheStatsFlags, directory = '.'): Promise<void> {
  await settle(this, flags.json, async () => {
    const project = resolve(this.directory, directory);
    if (!existsSync(project)) throw projectMissing(project);
    const { config } = await loadConfig(project, { file: flags.config, cwd: this.directory });
    const paths = buildPaths(resolveSettings(project, { cwd: this.directory, flags: {}, config }));
    const cache = openLocalCache({ directory: paths.cache, now: this.now });
    const stats = await cache.stats();
    await cache.close();
    const { total, steps } = stats.all;
    const rows = Object.entries(steps).map(([step, of]) => [
      step,
      String(of.hits),
      String(of.misses),
      percent(of.hitRate),
      formatDuration(of.timeSaved),
    ]);
    const table = formatTable([['step', 'hits', 'misses', 'rate', 'saved'], ...rows], new Set([1, 2, 3, 4]));
    const message = `${total.hits} hits, ${total.misses} misses (${percent(total.hitRate)}), ${formatBytes(total.totalSize)} kept, ${formatDuration(total.timeSaved)} saved`;
    return {
      code: 'CACHE_STATS',
      message,
      data: { directory: paths.cache, ...total, steps },
      output: `${table}\n\n${message}`,
    };
  });
}

function percent(rate: number): string {
  return `${Math.round(rate * 100)} %`;
}
