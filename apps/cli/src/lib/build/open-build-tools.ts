import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BuildCache } from '@mcpgen/build-cache';
import type { BuildEvent } from '@mcpgen/build-optimizer';
import {
  type Bundler,
  createBundler,
  type DependencyFacts,
  type DependencyMemory,
  type LockedDependencyMemory,
  type Scan,
  type ScanMemory,
} from '@mcpgen/build-optimizer/bundle';
import { openStatCache, type StatCache } from '@mcpgen/cache-invalidation';
import { createDescriber, type Describer, type GeneratorEvent } from '@mcpgen/generator';
import type { CliContext } from '../context.ts';
import { type BasePins, forgetBasePins, openBasePins } from './base-pins.ts';
import type { BuildRequest } from './build-request.ts';
import type { CacheReport } from './build-result.ts';
import { describerEnvironment } from './declared-environment.ts';
import { locatedMessage } from './located-message.ts';
import { lockedDependencies } from './locked-dependencies.ts';
import { openBuildCache } from './open-build-cache.ts';
import { type OpenRepository, openRegistries } from './open-registries.ts';

/** What a build works with. */
export interface BuildTools {
  readonly cache: BuildCache;
  readonly statCache: StatCache;
  readonly scans: ScanMemory;
  readonly dependencies: DependencyMemory;
  readonly lockedDependencies: LockedDependencyMemory;
  readonly describer: Describer;
  readonly bundler: Bundler;
  readonly runtime: { readonly entry: string; readonly aliases: Readonly<Record<string, string>> };
  readonly openRepository: OpenRepository;
  readonly pins: BasePins;
  /** Waits for what is being sent to a remote cache. */
  close(): Promise<void>;
  /** What came from which cache; whole after `close`. */
  cacheReport(): CacheReport;
}

/**
 * The composition root of a build: which implementation stands behind each interface, decided from flags and
 * configuration here alone. Loaded only when something has changed.
 */
export async function openBuildTools(request: BuildRequest): Promise<BuildTools> {
  const { context, settings, paths, onEvent } = request;
  markCacheDirectory(paths.own);
  const { cache, close, report } = await openBuildCache(request);
  // Thousands of files: an edit asks for none of them.
  let opened: StatCache | undefined;
  const statCache = (): StatCache => {
    opened ??= openStatCache({ file: paths.statCache, root: settings.directory, now: context.now });
    return opened;
  };
  const describer = createDescriber({
    deadline: settings.describeDeadline,
    environment: describerEnvironment(request.config.build?.env ?? [], context.environment),
    signal: context.signal,
    onEvent: (event) => onGeneratorEvent(event, context, onEvent),
  });
  const bundler = createBundler({
    directory: settings.directory,
    outDirectory: paths.workServer,
    minify: settings.profile.minify,
    sourcemap: settings.profile.sourcemap === 'linked',
    onEvent: (event) => void (event.type === 'warning' && onEvent({ type: 'warning', message: locatedMessage(event) })),
  });
  const pins = openBasePins(paths.pins, paths.sharedPins);
  return {
    cache,
    get statCache() {
      return statCache();
    },
    scans: scanMemory(statCache),
    dependencies: dependencyMemory(statCache),
    lockedDependencies: lockedDependencies(cache, {
      directory: settings.directory,
      eager: settings.remoteCache.to !== undefined,
    }),
    describer,
    bundler,
    runtime: serverRuntime(),
    openRepository: openRegistries(context, { insecure: request.insecure }),
    pins: request.bases === 'look-up' ? forgetBasePins(pins) : pins,
    close: async () => {
      opened?.save();
      describer.close();
      await Promise.all([bundler.close(), close()]);
    },
    cacheReport: report,
  };
}

function onGeneratorEvent(event: GeneratorEvent, context: CliContext, onEvent: (event: BuildEvent) => void): void {
  if (event.type === 'warning') onEvent({ type: 'warning', message: locatedMessage(event) });
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
function scanMemory(statCache: () => StatCache): ScanMemory {
  return {
    get: (digest, file) => statCache().recall<Scan>(`scan:${file}`, 1, digest),
    set: (digest, file, scan) => void statCache().derive(`scan:${file}`, 1, digest, () => scan),
  };
}

function dependencyMemory(statCache: () => StatCache): DependencyMemory {
  return {
    get: (key) => statCache().recall<DependencyFacts>('dependencies', 2, key),
    set: (key, facts) => void statCache().derive('dependencies', 2, key, () => facts),
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
