import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import { formatBytes } from '../report/format.ts';
import { settle } from '../report/settle.ts';
import { openProjectCache, type ProjectCacheFlags } from './open-project-cache.ts';

/** `mcpgen cache verify`: reads all of the build cache; what is damaged is put aside. */
export async function cacheVerify(this: CliContext, flags: ProjectCacheFlags, project = '.'): Promise<void> {
  await settle(this, flags.json, async () => {
    const { cache, directory } = await openProjectCache(this, flags, project);
    const { damaged, ...counts } = await cache.verify({ signal: this.signal });
    const read = `${counts.entries} entries and ${counts.bodies} files, ${formatBytes(counts.bytes)}`;
    const data = { directory, ...counts, damaged };
    if (damaged.length === 0) {
      const message = `All whole: ${read}${counts.index === 'mended' ? '; the index was made anew' : ''}`;
      return { code: 'CACHE_VERIFIED', message, data, output: message };
    }
    const message = `${damaged.length} damaged of ${read}: put aside, and made again by the next build`;
    const lines = damaged.map(({ kind, digest, reason }) => `${kind} ${digest}: ${reason}`);
    return {
      code: 'CACHE_DAMAGED',
      message,
      data,
      output: [...lines, '', message].join('\n'),
      exitCode: exitCodes.failed,
    };
  });
}
