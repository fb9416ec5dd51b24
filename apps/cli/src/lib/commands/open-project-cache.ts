import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type LocalCache, openLocalCache } from '@mcpgen/build-cache';
import { buildPaths } from '../build/build-paths.ts';
import type { RemoteCacheSettings } from '../build/remote-cache-settings.ts';
import { resolveSettings } from '../build/settings.ts';
import { loadConfig } from '../config/load-config.ts';
import type { CliContext } from '../context.ts';
import { projectMissing } from '../errors.ts';

export interface ProjectCacheFlags {
  readonly json: boolean;
  readonly config?: string;
}

/** The build cache of a project, as its builds open it. */
export interface ProjectCache {
  readonly cache: LocalCache;
  /** Absolute: where it lies. */
  readonly directory: string;
  /** As configured. */
  readonly maxBytes: number | undefined;
  /** Whose remote caches are believed. */
  readonly trust: Pick<RemoteCacheSettings, 'publicKeys' | 'unsignedTags'>;
}

export async function openProjectCache(
  context: CliContext,
  flags: ProjectCacheFlags,
  directory: string,
): Promise<ProjectCache> {
  const project = resolve(context.directory, directory);
  if (!existsSync(project)) throw projectMissing(project);
  const { config } = await loadConfig(project, { file: flags.config, cwd: context.directory });
  const settings = resolveSettings(project, { cwd: context.directory, flags: {}, config });
  const paths = buildPaths(settings);
  const cache = openLocalCache({
    directory: paths.cache,
    now: context.now,
    ...(settings.cacheBytes === undefined ? {} : { maxBytes: settings.cacheBytes }),
  });
  return { cache, directory: paths.cache, maxBytes: settings.cacheBytes, trust: settings.remoteCache };
}
