import type { CacheCounts } from '@mcpgen/build-cache';
import type { CliContext } from '../context.ts';
import { formatBytes, formatDuration, formatTable } from '../report/format.ts';
import { settle } from '../report/settle.ts';
import { openProjectCache, type ProjectCacheFlags } from './open-project-cache.ts';

/** `mcpgen cache stats`: what the build cache holds and what it has saved, in the last build and over all of them. */
export async function cacheStats(this: CliContext, flags: ProjectCacheFlags, project = '.'): Promise<void> {
  await settle(this, flags.json, async () => {
    const { cache, directory } = await openProjectCache(this, flags, project);
    const { last, all } = await cache.stats();
    const tables = [countsTable('step', all.steps), countsTable('tier', all.tiers)];
    const message = `${summary(all.total)}, ${formatBytes(all.total.totalSize)} kept`;
    const lines = last === undefined ? [message] : [`Last build: ${summary(last.total)}`, `All builds: ${message}`];
    const { total, steps, tiers } = all;
    return {
      code: 'CACHE_STATS',
      message,
      data: { directory, ...total, steps, tiers, ...(last !== undefined && { last }) },
      output: [...tables, lines.join('\n')].join('\n\n'),
    };
  });
}

function countsTable(title: string, counts: Readonly<Record<string, CacheCounts>>): string {
  const rows = Object.entries(counts).map(([name, { hits, misses, hitRate, totalSize, timeSaved }]) => [
    name,
    String(hits),
    String(misses),
    percent(hitRate),
    formatBytes(totalSize),
    formatDuration(timeSaved),
  ]);
  return formatTable([[title, 'hits', 'misses', 'rate', 'size', 'saved'], ...rows], new Set([1, 2, 3, 4, 5]));
}

function summary({ hits, misses, hitRate, timeSaved }: CacheCounts): string {
  return `${hits} hits, ${misses} misses (${percent(hitRate)}), ${formatDuration(timeSaved)} saved`;
}

function percent(rate: number): string {
  return `${Math.round(rate * 100)} %`;
}
