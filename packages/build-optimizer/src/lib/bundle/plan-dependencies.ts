import { existsSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import type { Digest } from '@mcpgen/build-cache';
import { bundlerVersion } from './bundler-version.ts';
import { bytewise } from './bytewise.ts';
import type { DependencyFacts, DependencyMemory, LockedDependencyMemory } from './dependency-facts.ts';
import type { BundledDependency, DependencyPlan } from './dependency-plan.ts';
import { digestJson } from './digest-json.ts';
import { entryName } from './entry-name.ts';
import { type FoundFacts, findDependencyFacts } from './find-dependency-facts.ts';
import { createPackageFinder, type InstalledPackage, type PackageFinder } from './installed-package.ts';
import type { ModuleGraph } from './module-graph.ts';
import { prepareOutputs } from './prepared-outputs.ts';
import { type WantedModule, wantedModules } from './wanted-modules.ts';

export interface PlanDependenciesOptions {
  /** Specifiers that stand for a file of ours, whoever imports them: `@mcpgen/server`. Absolute paths. */
  readonly aliases: Readonly<Record<string, string>>;
  readonly digestFile: (absolute: string) => Digest;
  readonly remember: DependencyMemory;
  /** What was found out where the packages were installed, for where only the lockfile is. */
  readonly locked?: LockedDependencyMemory | undefined;
  /** What the server will run on, as esbuild writes it; default `node22`. */
  readonly target?: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds the packages that the author's files import, and which of them can be bundled. A package that cannot (a native
 * addon, files it looks for beside its own) is left for `node_modules`, also where it is below another one.
 *
 * What was found out is remembered and holds as long as each name leads to the same version of the same package; then
 * no bundler is loaded. Where packages are not installed, what was found out by the same lockfile holds.
 *
 * @throws {BundleError} PACKAGE_NOT_FOUND, PACKAGE_UNREADABLE, EXPORT_NOT_FOUND, IMPORT_NOT_FOUND, BUNDLE_FAILED.
 */
export async function planDependencies(graph: ModuleGraph, options: PlanDependenciesOptions): Promise<DependencyPlan> {
  const target = options.target ?? 'node22';
  const wanted = wantedModules(graph);
  const packages = createPackageFinder();
  const found = await findDependencyFacts(wanted, { ...options, graph, packages, target });
  const plan = toPlan(wanted, found, { directory: graph.directory, packages, target });
  if (found.outputs !== undefined) prepareOutputs(plan, { target, outputs: found.outputs });
  return plan;
}

function toPlan(
  wanted: readonly WantedModule[],
  { facts, installed, lockfile }: FoundFacts,
  {
    directory,
    packages,
    target,
  }: { readonly directory: string; readonly packages: PackageFinder; readonly target: string },
): DependencyPlan {
  const files = new Map(facts.files.map(({ file, specifier }) => [specifier, join(directory, file)]));
  const bundled = wanted.flatMap((module) => {
    const file = files.get(module.specifier);
    return file === undefined ? [] : [toBundled(module, file, packages.owner(file))];
  });
  const external = facts.external.map(({ directory: at, imports, ...rest }) => ({
    ...rest,
    packageDirectory: join(directory, at),
    imports: imports.map(({ folder, specifier }) => ({ folder: join(directory, folder), specifier })),
  }));
  const bundledCode = digestJson({
    bundler: bundlerVersion(),
    target,
    external: external.map(({ package: name, version }) => `${name}@${version}`),
    packages: facts.packages,
    links: facts.links,
    linked: facts.linked.map(({ digest, label }) => ({ digest, label })),
  });
  const code = digestJson({ bundledCode, below: facts.below });
  const entries = bundled.map(({ entry, names, specifier }) => ({ entry, names, specifier }));
  return {
    bundled,
    external,
    packages: facts.packages,
    digest: digestJson({ code: bundledCode, entries }),
    code,
    inputs: [...inputsOf(facts, directory), ...(lockfile === undefined ? [] : [lockfile])],
    installed,
  };
}

/** Linked code, and the package.json that each lookup found: by the path that leads to it, since a link may be set anew. */
function inputsOf({ linked, lookups }: DependencyFacts, directory: string): readonly string[] {
  const inputs = new Set(linked.map(({ file }) => join(directory, file)));
  for (const { folder, name, directory: found } of lookups) {
    if (found === undefined) continue;
    inputs.add(join(directory, found, 'package.json'));
    const path = manifestPath(join(directory, folder), name);
    if (path !== undefined) inputs.add(path);
  }
  return [...inputs].sort(bytewise);
}

function manifestPath(folder: string, name: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, 'node_modules', name, 'package.json');
    if (existsSync(path)) return path;
    if (dirname(at) === at) return undefined;
  }
}

/** Of a package that is not installed only its name is known. */
function toBundled(
  { names, package: name, specifier }: WantedModule,
  file: string,
  owner: InstalledPackage | undefined,
): BundledDependency {
  return {
    specifier,
    package: owner?.manifest.name ?? name,
    version: owner?.manifest.version ?? '',
    packageDirectory: owner?.directory ?? file.slice(0, file.lastIndexOf(sep)),
    file,
    names,
    entry: entryName(specifier),
  };
}
