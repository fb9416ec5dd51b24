import { realpathSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Digest } from '@mcpgen/build-cache';
import { analyzeDependencies } from './analyze-dependencies.ts';
import { bundlerVersion } from './bundler-version.ts';
import type { DependencyFacts, DependencyMemory, LockedDependencyMemory } from './dependency-facts.ts';
import { digestJson } from './digest-json.ts';
import type { PackageFinder } from './installed-package.ts';
import type { ModuleGraph } from './module-graph.ts';
import { type Lockfile, readLockfile } from './read-lockfile.ts';
import type { WantedModule } from './wanted-modules.ts';
import type { Output } from './write-outputs.ts';

export interface FindDependencyFactsOptions {
  readonly graph: ModuleGraph;
  readonly packages: PackageFinder;
  readonly aliases: Readonly<Record<string, string>>;
  readonly digestFile: (absolute: string) => Digest;
  readonly remember: DependencyMemory;
  readonly locked?: LockedDependencyMemory | undefined;
  readonly target: string;
  readonly signal?: AbortSignal | undefined;
}

/** Facts that hold now. */
export interface FoundFacts {
  readonly facts: DependencyFacts;
  /** False where they hold by the lockfile: nothing that the packages hold can be read. */
  readonly installed: boolean;
  /** What was bundled to find them out. */
  readonly outputs?: readonly Output[];
  /** The lockfile that they were found by. */
  readonly lockfile?: string;
}

/**
 * What is known of the packages: remembered, told by the lockfile where they are not installed, or else found out by
 * bundling them.
 */
export async function findDependencyFacts(
  wanted: readonly WantedModule[],
  options: FindDependencyFactsOptions,
): Promise<FoundFacts> {
  const { aliases, graph, locked, remember, signal, target } = options;
  const key = memoryKey(wanted, { directory: graph.directory, target, aliases: Object.keys(aliases) });
  const known = remember.get(key);
  if (known !== undefined && stillHolds(known, options)) {
    if (locked?.eager === true) await keepLocked(known, key, options);
    return { facts: known, installed: true };
  }
  signal?.throwIfAborted();
  const told = isInstalled(wanted, options) ? undefined : await recallLocked(key, options);
  if (told !== undefined) return told;
  const { facts, outputs } = await analyzeDependencies(wanted, { ...options, aliases: realPaths(aliases) });
  remember.set(key, facts);
  await keepLocked(facts, key, options);
  return { facts, installed: true, outputs };
}

function realPaths(aliases: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(aliases).map(([specifier, file]) => [specifier, realpathSync(file)]));
}

function memoryKey(
  wanted: readonly WantedModule[],
  {
    directory,
    ...settings
  }: { readonly directory: string; readonly target: string; readonly aliases: readonly string[] },
): Digest {
  const modules = wanted.map(({ folder, ...rest }) => ({ ...rest, folder: relative(directory, folder) }));
  return digestJson([bundlerVersion(), settings, modules]);
}

type Surroundings = Pick<FindDependencyFactsOptions, 'graph' | 'packages' | 'digestFile'>;

function stillHolds(facts: DependencyFacts, surroundings: Surroundings): boolean {
  const { graph, packages } = surroundings;
  const sameLookups = facts.lookups.every((lookup) => {
    const found = packages.find(lookup.name, join(graph.directory, lookup.folder));
    if (found === undefined) return lookup.directory === undefined;
    return (
      found.directory === join(graph.directory, lookup.directory ?? '') && found.manifest.version === lookup.version
    );
  });
  return sameLookups && sameLinked(facts, surroundings);
}

function sameLinked({ linked }: DependencyFacts, { graph, digestFile }: Surroundings): boolean {
  return linked.every(({ file, digest }) => tryDigest(digestFile, join(graph.directory, file)) === digest);
}

function tryDigest(digestFile: (absolute: string) => Digest, file: string): Digest | undefined {
  try {
    return digestFile(file);
  } catch {
    return undefined;
  }
}

function isInstalled(
  wanted: readonly WantedModule[],
  { aliases, packages }: Pick<FindDependencyFactsOptions, 'aliases' | 'packages'>,
): boolean {
  return wanted.every(
    ({ folder, package: name, specifier }) =>
      aliases[specifier] !== undefined || packages.find(name, folder) !== undefined,
  );
}

async function recallLocked(key: Digest, options: FindDependencyFactsOptions): Promise<FoundFacts | undefined> {
  const lockfile = options.locked === undefined ? undefined : readLockfile(options.graph.directory);
  if (lockfile === undefined) return undefined;
  const facts = await options.locked?.get(lockedKey(key, lockfile));
  if (facts === undefined || !sameLinked(facts, options)) return undefined;
  return { facts, installed: false, lockfile: lockfile.file };
}

/** Only where an installation by the lockfile would bring just what is installed: people forget to install. */
async function keepLocked(
  facts: DependencyFacts,
  key: Digest,
  { graph, locked }: FindDependencyFactsOptions,
): Promise<void> {
  const lockfile = locked === undefined ? undefined : readLockfile(graph.directory);
  if (lockfile === undefined || !facts.lookups.every((lookup) => lockfile.lists(lookup))) return;
  await locked?.set(lockedKey(key, lockfile), facts);
}

/** Package managers install other packages on other platforms. */
function lockedKey(key: Digest, { digest }: Lockfile): Digest {
  return digestJson(['locked', key, digest, process.platform, process.arch, process.versions.modules]);
}
