import { resolve } from 'node:path';
import type { Digest } from '@mcpgen/build-cache';
import {
  dependenciesKey,
  findLockfile,
  type KeptDependencies,
  type Lockfile,
  restoreDependencies,
  saveDependencies,
} from '@mcpgen/build-cache/dependencies';
import { readBuildRequest } from '../build/build-request.ts';
import { openBuildCache } from '../build/open-build-cache.ts';
import type { CliContext } from '../context.ts';
import { lockfileMissing, usageError } from '../errors.ts';
import { exitCodes } from '../exit-code.ts';
import { quietReporter } from '../report/build-reporter.ts';
import type { Done } from '../report/envelope.ts';
import { formatBytes } from '../report/format.ts';
import { settle } from '../report/settle.ts';
import type { ProjectCacheFlags } from './open-project-cache.ts';

export interface CachePackagesFlags extends ProjectCacheFlags {
  readonly cacheFrom?: readonly string[];
  readonly cacheTo?: string;
  readonly insecure: boolean;
  /** Tells installations of one lockfile from each other. */
  readonly variant?: string;
}

/** `mcpgen cache packages restore|save`: brings back what a package manager installed for the same lockfile, or keeps it. */
export async function cachePackages(
  this: CliContext,
  flags: CachePackagesFlags,
  action: string,
  project = '.',
): Promise<void> {
  await settle(this, flags.json, () =>
    runPackages(this, flags, { action, directory: resolve(this.directory, project) }),
  );
}

async function runPackages(
  context: CliContext,
  flags: CachePackagesFlags,
  { action, directory }: { readonly action: string; readonly directory: string },
): Promise<Done> {
  if (action !== 'restore' && action !== 'save')
    throw usageError(`Cannot do "${action}" with packages: expected restore or save`);
  const { onEvent } = quietReporter(context.process.stderr);
  const request = await readBuildRequest(context, { directory, flags, cache: 'on', onEvent });
  const lockfile = findLockfile(directory);
  if (lockfile === undefined) throw lockfileMissing(directory);
  const { variant } = flags;
  const facts = { platform: platformName(), abi: process.versions.modules };
  const key = dependenciesKey(directory, lockfile, variant === undefined ? facts : { ...facts, variant });
  const opened = await openBuildCache(request);
  try {
    const work = action === 'save' ? saveDependencies : restoreDependencies;
    const kept = await work(opened.cache, { directory, key });
    await opened.close();
    context.signal.throwIfAborted();
    if (kept !== undefined) return done(action, { kept, lockfile, key, cache: opened.report() });
    return action === 'save' ? notInstalled(directory, lockfile, key) : notKept(lockfile, key);
  } finally {
    await opened.close();
  }
}

interface PackagesResult {
  readonly kept: KeptDependencies;
  readonly lockfile: Lockfile;
  readonly key: Digest;
  readonly cache: unknown;
}

function done(action: 'restore' | 'save', { kept, ...data }: PackagesResult): Done {
  const { files, links, size } = kept;
  const [code, verb] = action === 'save' ? ['PACKAGES_SAVED', 'kept'] : ['PACKAGES_RESTORED', 'restored'];
  const message = `${files} files and ${links} links ${verb}, ${formatBytes(size)}, by ${data.lockfile.name}`;
  return { code, message, data: { ...data, files, links, size }, output: message };
}

/** Exit code 1, so that a script goes on to install: `mcpgen cache packages restore || npm ci`. */
function notKept(lockfile: Lockfile, key: Digest): Done {
  const message = `Nothing is kept for this ${lockfile.name}`;
  const data = { lockfile, key };
  return { code: 'PACKAGES_NOT_KEPT', message, data, output: message, exitCode: exitCodes.failed };
}

/** No failure: a project without dependencies has nothing to keep. */
function notInstalled(directory: string, lockfile: Lockfile, key: Digest): Done {
  const message = `Nothing is kept: there is no node_modules in ${directory}, or an empty one`;
  return { code: 'PACKAGES_NOT_KEPT', message, data: { lockfile, key }, output: message };
}

/** Native addons are built for one kernel, processor and C library. */
function platformName(): string {
  const report = process.report.getReport();
  const header: unknown = typeof report === 'object' && 'header' in report ? report.header : undefined;
  const glibc = typeof header === 'object' && header !== null && 'glibcVersionRuntime' in header;
  const libc = process.platform === 'linux' ? [glibc ? 'glibc' : 'musl'] : [];
  return [process.platform, process.arch, ...libc].join('-');
}
