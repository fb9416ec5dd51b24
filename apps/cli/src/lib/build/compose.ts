import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildCache, emptyCache, openLocalCache } from '@mcpgen/build-cache';
import type { BuildEvent } from '@mcpgen/build-optimizer';
import {
  type BundleEvent,
  type Bundler,
  createBundler,
  type DependencyFacts,
  type DependencyMemory,
  type Scan,
  type ScanMemory,
} from '@mcpgen/build-optimizer/bundle';
import { openStatCache, type StatCache } from '@mcpgen/cache-invalidation';
import { createDescriber, type Describer, type GeneratorEvent } from '@mcpgen/generator';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import type { CliContext } from '../context.ts';
import { type BuildPaths, buildPaths } from './build-paths.ts';
import { type BuildFlags, type BuildSettings, resolveSettings } from './settings.ts';

/** Everything a build works with, chosen and put together in this file alone. */
export interface Composition {
  readonly context: CliContext;
  readonly settings: BuildSettings;
  readonly paths: BuildPaths;
  readonly configFile: string | undefined;
  readonly config: Config;
  readonly cache: BuildCache;
  readonly statCache: StatCache;
  readonly scans: ScanMemory;
  readonly dependencies: DependencyMemory;
  readonly describer: Describer;
  readonly bundler: Bundler;
  readonly runtime: { readonly entry: string; readonly aliases: Readonly<Record<string, string>> };
  readonly onEvent: (event: BuildEvent) => void;
  readonly onBundleEvent: (event: BundleEvent) => void;
  /** Whether the last build's record may stand for this one. */
  readonly fresh: 'when-unchanged' | 'never';
  readonly registry: { readonly insecure: boolean; readonly pull: boolean };
  close(): Promise<void>;
}

export interface ComposeOptions {
  readonly directory: string;
  readonly flags: BuildFlags & { readonly config?: string; readonly pull?: boolean; readonly insecure?: boolean };
  readonly cache: 'on' | 'off';
  /** The work directory's name; default: the profile's. */
  readonly variant?: string;
  readonly onEvent: (event: BuildEvent) => void;
}

/** The composition root: which implementation stands behind each interface, decided from flags and configuration. */
export async function composeBuild(context: CliContext, options: ComposeOptions): Promise<Composition> {
  const { directory, flags, onEvent } = options;
  const { config, file } = await loadConfig(directory, { file: flags.config, cwd: context.directory });
  const settings = resolveSettings(directory, { cwd: context.directory, flags, config });
  const paths = buildPaths(settings, options.variant);
  const statCache = openStatCache({ file: paths.statCache, root: directory, now: context.now });
  const cache = chooseCache(context, settings, paths, options);
  const runtime = serverRuntime();
  const describer = createDescriber({
    deadline: settings.describeDeadline,
    signal: context.signal,
    onEvent: (event) => onGeneratorEvent(event, context, onEvent),
  });
  const onBundleEvent = (event: BundleEvent): void => {
    if (event.type === 'warning') onEvent({ type: 'warning', message: located(event) });
  };
  const bundler = openBundler(settings, paths, onBundleEvent);
  return {
    context,
    settings,
    paths,
    config,
    configFile: file,
    cache,
    statCache,
    scans: scanMemory(statCache),
    dependencies: dependencyMemory(statCache),
    describer,
    bundler,
    runtime,
    onEvent,
    onBundleEvent,
    fresh: options.cache === 'off' || flags.pull === true ? 'never' : 'when-unchanged',
    registry: { insecure: flags.insecure ?? false, pull: flags.pull ?? false },
    close: async () => {
      statCache.save();
      describer.close();
      await Promise.all([bundler.close(), cache.close()]);
    },
  };
}

function chooseCache(
  context: CliContext,
  settings: BuildSettings,
  paths: BuildPaths,
  { cache, onEvent }: ComposeOptions,
): BuildCache {
  if (cache === 'off') return emptyCache({ now: context.now });
  markCacheDirectory(settings.cacheDirectory);
  return openLocalCache({
    directory: paths.cache,
    now: context.now,
    ...(settings.cacheBytes === undefined ? {} : { maxBytes: settings.cacheBytes }),
    onEvent: (event) => {
      if (event.type === 'failed')
        onEvent({ type: 'warning', message: `The build cache could not ${event.operation}: ${event.message}` });
      if (event.type === 'damaged')
        onEvent({ type: 'warning', message: `A damaged cache entry was dropped: ${event.reason}` });
    },
  });
}

function openBundler(settings: BuildSettings, paths: BuildPaths, onEvent: (event: BundleEvent) => void): Bundler {
  return createBundler({
    directory: settings.directory,
    outDirectory: paths.workServer,
    minify: settings.profile.minify,
    sourcemap: settings.profile.sourcemap === 'linked',
    onEvent,
  });
}

function located({
  message,
  file,
  line,
  column,
}: {
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}): string {
  if (file === undefined) return message;
  return `${[file, line, column].filter((part) => part !== undefined).join(':')}: ${message}`;
}

function onGeneratorEvent(event: GeneratorEvent, context: CliContext, onEvent: (event: BuildEvent) => void): void {
  if (event.type === 'warning') onEvent({ type: 'warning', message: located(event) });
  if (event.type === 'module-output') context.process.stderr.write(event.text);
}

/** The code that runs in every built server, and what authors' `@mcpgen/server` resolves to: always this command's own copy. */
function serverRuntime(): { readonly entry: string; readonly aliases: Readonly<Record<string, string>> } {
  return {
    entry: fileURLToPath(import.meta.resolve('@mcpgen/server/main')),
    aliases: { '@mcpgen/server': fileURLToPath(import.meta.resolve('@mcpgen/server')) },
  };
}

/** Scans are facts about contents: they live with the content digests in the stat cache. */
function scanMemory(statCache: StatCache): ScanMemory {
  return {
    get: (digest, file) => statCache.recall<Scan>(`scan:${file}`, 1, digest),
    set: (digest, file, scan) => void statCache.derive(`scan:${file}`, 1, digest, () => scan),
  };
}

function dependencyMemory(statCache: StatCache): DependencyMemory {
  return {
    get: (key) => statCache.recall<DependencyFacts>('dependencies', 1, key),
    set: (key, facts) => void statCache.derive('dependencies', 1, key, () => facts),
  };
}

/** Backup tools skip the directory, and git never sees it. */
function markCacheDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, '.gitignore'), '*\n', { flag: 'wx' });
  } catch {
    // There already, or not writable: then the cache itself says so.
  }
}
