import type { CliContext } from '../context.ts';
import { settle } from '../report/settle.ts';
import { openProjectCache, type ProjectCacheFlags } from './open-project-cache.ts';

/** `mcpgen cache clear`: removes the build cache with its statistics. */
export async function cacheClear(this: CliContext, flags: ProjectCacheFlags, project = '.'): Promise<void> {
  await settle(this, flags.json, async () => {
    const { cache, directory } = await openProjectCache(this, flags, project);
    await cache.clear();
    const message = `Removed everything in ${directory}`;
    return { code: 'CACHE_CLEARED', message, data: { directory }, output: message };
  });
}
