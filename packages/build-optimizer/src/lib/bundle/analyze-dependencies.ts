import { join, relative } from 'node:path';
import type { Digest } from '@mcpgen/build-cache';
import { bundlePackages, type PackageBundle, type PackageEntry } from './bundle-packages.ts';
import { bytewise } from './bytewise.ts';
import type { DependencyFacts, ExternalFacts, PackageLookup } from './dependency-facts.ts';
import { entryName } from './entry-name.ts';
import { packageNotFound } from './errors.ts';
import { findExternals } from './find-externals.ts';
import type { PackageEdge } from './follow-packages.ts';
import { type InstalledPackage, isInstalledCopy, type PackageFinder } from './installed-package.ts';
import type { ModuleGraph } from './module-graph.ts';
import { packageFailure } from './package-failure.ts';
import { packagesBelow } from './packages-below.ts';
import { posix } from './posix.ts';
import { packageName } from './resolve-import.ts';
import { sortMap } from './sort-map.ts';
import { nativeReason } from './unbundlable.ts';
import { locateImport, type WantedModule } from './wanted-modules.ts';
import type { Output } from './write-outputs.ts';

export interface AnalyzeOptions {
  readonly graph: ModuleGraph;
  readonly packages: PackageFinder;
  /** By specifier; absolute, symbolic links resolved. */
  readonly aliases: Readonly<Record<string, string>>;
  readonly digestFile: (absolute: string) => Digest;
  readonly target: string;
}

export interface Analysis {
  readonly facts: DependencyFacts;
  readonly outputs: readonly Output[];
}

/**
 * Bundles the wanted modules until all that is in the bundle can be: each round leaves out the packages that the one
 * before showed to be unfit.
 */
export async function analyzeDependencies(wanted: readonly WantedModule[], options: AnalyzeOptions): Promise<Analysis> {
  const { aliases, graph, packages } = options;
  const direct = wanted
    .filter(({ specifier }) => aliases[specifier] === undefined)
    .map((module) => findDirect(module, options));
  const external = new Map<string, string>();
  for (const { found } of direct) {
    const reason = nativeReason(found);
    if (reason !== undefined) external.set(found.directory, reason);
  }
  const trusted = new Set(Object.values(aliases).flatMap((file) => packages.owner(file)?.directory ?? []));
  const preferred = new Map(direct.map(({ found }) => [found.manifest.name, found.directory]));
  for (;;) {
    const unfit = new Set(
      direct.filter(({ found }) => external.has(found.directory)).map(({ module }) => module.specifier),
    );
    const entries = wanted.filter(({ specifier }) => !unfit.has(specifier)).map((module) => toEntry(module, aliases));
    const bundle = await tryBundle(entries, external, options);
    const more = findExternals(bundle, { packages, preferred, trusted });
    if (more.size === 0) {
      const edges = [...bundle.edges, ...directEdges(direct, external)];
      return { facts: toFacts({ bundle, edges }, { ...options, directory: graph.directory }), outputs: bundle.outputs };
    }
    for (const [directory, reason] of more) external.set(directory, reason);
  }
}

interface DirectPackage {
  readonly module: WantedModule;
  readonly found: InstalledPackage;
}

function findDirect(module: WantedModule, { graph, packages }: AnalyzeOptions): DirectPackage {
  const found = packages.find(module.package, module.folder);
  if (found === undefined) throw packageNotFound(module.package, locateImport(graph, module.specifier));
  return { module, found };
}

function directEdges(direct: readonly DirectPackage[], external: ReadonlyMap<string, string>): PackageEdge[] {
  return direct.map(({ found, module }) => {
    const reason = external.get(found.directory);
    const edge = { folder: module.folder, specifier: module.specifier, found };
    return reason === undefined ? edge : { ...edge, external: reason };
  });
}

function toEntry({ folder, names, specifier }: WantedModule, aliases: Readonly<Record<string, string>>): PackageEntry {
  const file = aliases[specifier];
  return { specifier, names, entry: entryName(specifier), from: file === undefined ? { folder } : { file } };
}

async function tryBundle(
  entries: readonly PackageEntry[],
  external: ReadonlyMap<string, string>,
  { aliases, graph, packages, target }: AnalyzeOptions,
): Promise<PackageBundle> {
  try {
    return await bundlePackages(entries, { directory: graph.directory, aliases, external, packages, target });
  } catch (cause) {
    throw packageFailure(cause, graph);
  }
}

interface FactOptions {
  readonly directory: string;
  readonly packages: PackageFinder;
  readonly digestFile: (absolute: string) => Digest;
}

function toFacts(
  { bundle, edges }: { readonly bundle: PackageBundle; readonly edges: readonly PackageEdge[] },
  { digestFile, directory, packages }: FactOptions,
): DependencyFacts {
  const local = (path: string) => posix(relative(directory, path));
  const linked = new Set(bundle.inputs.filter((file) => !isInstalledCopy(file)));
  for (const file of [...linked]) {
    const owner = packages.owner(file);
    if (owner !== undefined) linked.add(join(owner.directory, 'package.json'));
  }
  const alone = edges.flatMap(({ external, found }) => (external === undefined || found === undefined ? [] : [found]));
  const below = packagesBelow(alone, packages);
  return {
    lookups: lookups([...edges, ...below], local),
    links: unique(edges.map((edge) => linkLabel(edge, packages))),
    below: unique(below.map((edge) => linkLabel(edge, packages))),
    linked: [...linked].sort(bytewise).map((file) => ({
      file: local(file),
      digest: digestFile(file),
      label: fileLabel(file, packages),
    })),
    files: [...sortMap(bundle.files)].map(([specifier, file]) => ({ specifier, file: local(file) })),
    external: externalFacts(edges, local),
    packages: unique(bundle.included.map((file) => label(packages.owner(file)))),
  };
}

function lookups(edges: readonly PackageEdge[], local: (path: string) => string): PackageLookup[] {
  const byKey = new Map<string, PackageLookup>();
  for (const { folder, found, specifier } of edges) {
    const name = packageName(specifier);
    const lookup = { folder: local(folder), name };
    const result = found === undefined ? {} : { directory: local(found.directory), version: found.manifest.version };
    byKey.set(`${lookup.folder} ${name}`, { ...lookup, ...result });
  }
  return [...sortMap(byKey).values()];
}

function externalFacts(edges: readonly PackageEdge[], local: (path: string) => string): ExternalFacts[] {
  const byDirectory = Map.groupBy(
    edges.filter(({ external }) => external !== undefined),
    ({ found }) => found?.directory ?? '',
  );
  const facts = [...byDirectory].flatMap(([directory, group]): ExternalFacts[] => {
    const [first] = group;
    if (first?.found === undefined || first.external === undefined) return [];
    const imports = new Map(
      group.map(({ folder, specifier }) => [`${local(folder)} ${specifier}`, { folder: local(folder), specifier }]),
    );
    const { name, version } = first.found.manifest;
    return [
      {
        package: name,
        version,
        directory: local(directory),
        reason: first.external,
        imports: [...sortMap(imports).values()],
      },
    ];
  });
  return facts.sort((a, b) => bytewise(a.package, b.package) || bytewise(a.directory, b.directory));
}

/** `pg@8.23.1`; a linked package by its name alone, since its content counts and not its version. */
function label(owner: InstalledPackage | undefined): string {
  if (owner === undefined) return 'unknown';
  const { name, version } = owner.manifest;
  return isInstalledCopy(owner.directory) ? `${name}@${version}` : name;
}

function linkLabel({ folder, found, specifier, external }: PackageEdge, packages: PackageFinder): string {
  const to = found === undefined ? `${packageName(specifier)} (not installed)` : label(found);
  return `${label(packages.owner(join(folder, 'package.json')))} > ${to}${external === undefined ? '' : ' (external)'}`;
}

function fileLabel(file: string, packages: PackageFinder): string {
  const owner = packages.owner(file);
  return owner === undefined ? 'unknown' : `${label(owner)}/${posix(relative(owner.directory, file))}`;
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)].sort(bytewise);
}
