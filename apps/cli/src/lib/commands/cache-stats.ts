import type { CliContext } from '../context.ts';
import { formatBytes, formatDuration, formatTable } from '../report/format.ts';
import { settle } from '../report/settle.ts';
import { openProjectCache, type ProjectCacheFlags } from './open-project-cache.ts';

/** `mcpgen cache stats`: what the build cache holds and what it has saved, over all runs. */
export async function cacheStats(this: CliContext, flags: ProjectCacheFlags, project = '.'): Promise<void> {
  await settle(this, flags.json, async () => {
    const { cache, directory } = await openProjectCache(this, flags, project);
    const { all } = await cache.stats();
    const { total, steps } = all;
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
      data: { directory, ...total, steps },
      output: `${table}\n\n${message}`,
    };
  });
}

function percent(rate: number): string {
  return `${Math.round(rate * 100)} %`;
}
