import { buildCommand, buildRouteMap, numberParser } from '@stricli/core';
import { cacheFrom, cacheTo, config, directory, json, profile, text } from './command-parameters.ts';
import type { CacheListFlags } from './commands/cache-list.ts';
import type { CachePackagesFlags } from './commands/cache-packages.ts';
import type { CachePruneFlags } from './commands/cache-prune.ts';
import type { CacheServeFlags } from './commands/cache-serve.ts';
import type { CacheWarmFlags } from './commands/cache-warm.ts';
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

const serve = buildCommand<CacheServeFlags, [directory?: string], CliContext>({
  loader: async () => (await import('./commands/cache-serve.ts')).cacheServe,
  docs: {
    brief: 'Serve a cache to turbo, Nx and mcpgen',
    fullDescription:
      'Serves a store as a remote cache: the Turborepo API for turbo (TURBO_API) and mcpgen (--cache-from), and that of Nx. Clients show a token: the one in MCPGEN_CACHE_TOKEN, or one of a file.',
  },
  parameters: {
    positional: directory,
    flags: {
      json,
      config,
      port: { kind: 'parsed', parse: numberParser, brief: 'Port, default 3030; 0: any that is free', optional: true },
      host: {
        kind: 'parsed',
        parse: text,
        brief: 'Address, default 127.0.0.1',
        placeholder: 'address',
        optional: true,
      },
      directory: {
        kind: 'parsed',
        parse: text,
        brief: 'Where the store lies, default the one of the project',
        placeholder: 'directory',
        optional: true,
      },
      tokenFile: {
        kind: 'parsed',
        parse: text,
        brief: 'File with a right, a token and a namespace or nothing in each line',
        placeholder: 'file',
        optional: true,
      },
      anonymous: { kind: 'boolean', brief: 'Let anyone read and write', default: false, withNegated: false },
      maxSize: {
        kind: 'parsed',
        parse: text,
        brief: 'Size to stay below, such as 50GB; default as configured',
        placeholder: 'size',
        optional: true,
      },
    },
  },
});

const warm = buildCommand<CacheWarmFlags, [directory?: string], CliContext>({
  loader: async () => (await import('./commands/cache-warm.ts')).cacheWarm,
  docs: {
    brief: 'Keep what all builds of a project share',
    fullDescription:
      'Makes and keeps the packages, the server runtime, the base image and the layers of these, as the project uses them, without building it: for images of build machines, and for first builds without a network.',
  },
  parameters: {
    positional: directory,
    flags: {
      json,
      config,
      profile,
      base: {
        kind: 'parsed',
        parse: text,
        brief: 'Base image: "host" or a reference',
        placeholder: 'reference',
        optional: true,
      },
      cacheFrom,
      cacheTo,
      insecure: remote.flags.insecure,
    },
  },
});

const packages = buildCommand<CachePackagesFlags, [action: string, directory?: string], CliContext>({
  loader: async () => (await import('./commands/cache-packages.ts')).cachePackages,
  docs: {
    brief: 'Restore or save node_modules by the lockfile',
    fullDescription:
      'mcpgen cache packages restore puts what was installed for the same lockfile, platform and Node in the place of node_modules; exit code 1 where nothing is kept. mcpgen cache packages save keeps it.',
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [{ brief: 'restore or save', placeholder: 'action', parse: text }, ...directory.parameters],
    },
    flags: {
      json,
      config,
      variant: {
        kind: 'parsed',
        parse: text,
        brief: 'Tells installations of one lockfile from each other, such as production',
        placeholder: 'name',
        optional: true,
      },
      cacheFrom,
      cacheTo,
      insecure: remote.flags.insecure,
    },
  },
});

/** The commands below `mcpgen cache`. */
export const cacheRoutes = buildRouteMap({
  routes: { stats, list, verify, prune, warm, packages, clear, pull, push, serve },
  docs: { brief: 'Look into the build cache and tidy it' },
});
