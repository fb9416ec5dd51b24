import { pullEntries } from '@mcpgen/build-cache/remote';
import { isTurborepoPlace } from '../build/open-turborepo-place.ts';
import type { CliContext } from '../context.ts';
import { usageError } from '../errors.ts';
import { exitCodes } from '../exit-code.ts';
import { settle } from '../report/settle.ts';
import { openProjectCache } from './open-project-cache.ts';
import { openRemoteCache, type RemoteCacheFlags } from './open-remote-cache.ts';

/** `mcpgen cache pull`: brings the entries of a cache in a registry. */
export async function cachePull(
  this: CliContext,
  flags: RemoteCacheFlags,
  reference: string,
  project = '.',
): Promise<void> {
  await settle(this, flags.json, async () => {
    if (isTurborepoPlace(reference)) {
      throw usageError(
        `Cannot pull from "${reference}": servers of the Turborepo API do not say what they hold`,
        'Name a registry without https://; of such a server builds take what they need, with --cache-from',
      );
    }
    const opened = await openProjectCache(this, flags, project);
    const { tier, problem } = openRemoteCache(this, opened, { reference, insecure: flags.insecure, access: 'pull' });
    const report = await pullEntries(tier, opened.cache);
    await tier.close();
    await opened.cache.close();
    this.signal.throwIfAborted();
    const data = { reference, ...report };
    const brought = `${report.entries} entries brought, ${report.present} were here`;
    const trouble = problem();
    if (trouble === undefined) return { code: 'CACHE_PULLED', message: brought, data, output: brought };
    const message = `${trouble} (${brought}, ${report.failed} could not be had)`;
    return { code: 'CACHE_NOT_PULLED', message, data, output: message, exitCode: exitCodes.environment };
  });
}
