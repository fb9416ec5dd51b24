import { buildCommand, buildRouteMap } from '@stricli/core';
import { config, directory, json, text } from './command-parameters.ts';
import type { CacheListFlags } from './commands/cache-list.ts';
import type { CachePruneFlags } from './commands/cache-prune.ts';
import type { ProjectCacheFlags } from './commands/open-project-cache.ts';
import type { RemoteCacheFlags } from './commands/open-remote-cache.ts';
import type { CliContext } from './context.ts';

const stats = buildCommand<ProjectCacheFlags, [directory?: string], CliContext>({
  loader: async () => (await import('./commands/cache-stats.ts')).cacheStats,
  docs: { brief: 'Show hits, misses, size and time saved' },
  parameters: { positional: directory, flags: { json, config } },
});

const list = buildCommand<CacheListFlags, [directory?: string], CliContext>({
  loader: async () => (await import('./commands/cache-list.ts')).cacheList,
  docs: { brief: 'List the entries, last used first' },
  parameters: {
    positional: directory,
    flags: {
      json,
      config,
      step: {
        kind: 'parsed',
        parse: text,
        brief: 'Only steps whose name begins so, such as "bundle:"',
        placeholder: 'name',
        optional: true,
      },
    },
  },
});

const verify = buildCommand<ProjectCacheFlags, [directory?: string], CliContext>({
  loader: async () => (await import('./commands/cache-verify.ts')).cacheVerify,
  docs: {
    brief: 'Read everything and put aside what is damaged',
    fullDescription: 'Reads everything and puts aside what is damaged. Exit code 1 where something was.',
  },
  parameters: { positional: directory, flags: { json, config } },
});

const prune = buildCommand<CachePruneFlags, [directory?: string], CliContext>({
  loader: async () => (await import('./commands/cache-prune.ts')).cachePrune,
  docs: { brief: 'Evict what is old or too much' },
  parameters: {
    positional: directory,
    flags: {
      json,
      config,
      maxSize: {
        kind: 'parsed',
        parse: text,
        brief: 'Size to get below, such as 500MB; default as configured',
        placeholder: 'size',
        optional: true,
      },
      unusedFor: {
        kind: 'parsed',
        parse: text,
        brief: 'Evict what was not used for this time, default 30d',
        placeholder: 'time',
        optional: true,
      },
    },
  },
});

const clear = buildCommand<ProjectCacheFlags, [directory?: string], CliContext>({
  loader: async () => (await import('./commands/cache-clear.ts')).cacheClear,
  docs: { brief: 'Remove everything' },
  parameters: { positional: directory, flags: { json, config } },
});

const remote = {
  positional: {
    kind: 'tuple',
    parameters: [
      { brief: 'Where the cache is, such as ghcr.io/owner/cache:main', placeholder: 'reference', parse: text },
      ...directory.parameters,
    ],
  },
  flags: {
    json,
    config,
    insecure: { kind: 'boolean', brief: 'Reach the registry over plain HTTP', default: false, withNegated: false },
  },
} as const;

const pull = buildCommand<RemoteCacheFlags, [reference: string, directory?: string], CliContext>({
  loader: async () => (await import('./commands/cache-pull.ts')).cachePull,
  docs: { brief: 'Bring the entries of a cache in a registry' },
  parameters: remote,
});

const push = buildCommand<RemoteCacheFlags, [reference: string, directory?: string], CliContext>({
  loader: async () => (await import('./commands/cache-push.ts')).cachePush,
  docs: {
    brief: 'Send entries to a cache in a registry',
    fullDescription:
      'Sends the entries that a cache in a registry does not have. Signs them with the Ed25519 key in MCPGEN_CACHE_PRIVATE_KEY, where that is set.',
  },
  parameters: remote,
});

/** The commands below `mcpgen cache`. */
export const cacheRoutes = buildRouteMap({
  routes: { stats, list, verify, prune, clear, pull, push },
  docs: { brief: 'Look into the build cache and tidy it' },
});
