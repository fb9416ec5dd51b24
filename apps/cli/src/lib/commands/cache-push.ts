import { pushEntries } from '@mcpgen/build-cache/remote';
import { isTurborepoPlace } from '../build/open-turborepo-place.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import { formatBytes } from '../report/format.ts';
import { settle } from '../report/settle.ts';
import { openProjectCache } from './open-project-cache.ts';
import { openRemoteCache, type RemoteCacheFlags } from './open-remote-cache.ts';

const NO_KEY = 'Cannot send: cache.publicKeys are configured, and MCPGEN_CACHE_PRIVATE_KEY is not set';

/** `mcpgen cache push`: sends what a cache in a registry does not have. */
export async function cachePush(
  this: CliContext,
  flags: RemoteCacheFlags,
  reference: string,
  project = '.',
): Promise<void> {
  await settle(this, flags.json, async () => {
    const opened = await openProjectCache(this, flags, project);
    const { tier, problem } = openRemoteCache(this, opened, { reference, insecure: flags.insecure, access: 'push' });
    const report = await pushEntries(tier, opened.cache);
    this.signal.throwIfAborted();
    const data = { reference, ...report };
    const sent = `${report.entries} entries sent, ${formatBytes(report.bytes)}`;
    const trouble = tier.writable ? problem() : NO_KEY;
    // A registry takes all or nothing; there, trouble before it took all is over.
    if (trouble === undefined || (report.entries > 0 && !isTurborepoPlace(reference))) {
      // It was not believed, and has been replaced.
      if (trouble !== undefined) this.process.stderr.write(`${trouble}\n`);
      return { code: 'CACHE_PUSHED', message: sent, data, output: sent };
    }
    const message = report.entries > 0 ? `${trouble} (${sent})` : trouble;
    return { code: 'CACHE_NOT_PUSHED', message, data, output: message, exitCode: exitCodes.environment };
  });
}
