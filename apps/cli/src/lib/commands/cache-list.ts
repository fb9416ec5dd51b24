import type { CliContext } from '../context.ts';
import { formatBytes, formatDuration, formatTable } from '../report/format.ts';
import { settle } from '../report/settle.ts';
import { openProjectCache, type ProjectCacheFlags } from './open-project-cache.ts';

export interface CacheListFlags extends ProjectCacheFlags {
  /** Only steps whose name begins so. */
  readonly step?: string;
}

/** `mcpgen cache list`: the entries of the build cache, last used first. */
export async function cacheList(this: CliContext, flags: CacheListFlags, project = '.'): Promise<void> {
  await settle(this, flags.json, async () => {
    const { cache, directory } = await openProjectCache(this, flags, project);
    const { step = '' } = flags;
    const entries = (await cache.list()).filter((entry) => entry.step.startsWith(step));
    const now = this.now();
    const rows = entries.map((entry) => [
      entry.step,
      String(entry.files),
      formatBytes(entry.size),
      formatDuration(entry.duration),
      formatAge(now - entry.used),
      entry.key.slice('sha256:'.length, 'sha256:'.length + 12),
    ]);
    const table = formatTable([['step', 'files', 'size', 'saves', 'used', 'key'], ...rows], new Set([1, 2, 3, 4]));
    const message = `${entries.length} ${entries.length === 1 ? 'entry' : 'entries'} in ${directory}`;
    return { code: 'CACHE_LISTED', message, data: { directory, entries }, output: `${table}\n\n${message}` };
  });
}

/** `3 d ago`: the greatest unit is enough to see what is in use. */
function formatAge(milliseconds: number): string {
  const minutes = Math.max(0, Math.floor(milliseconds / 60_000));
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return `${Math.floor(minutes / 60 / 24)} d ago`;
}
