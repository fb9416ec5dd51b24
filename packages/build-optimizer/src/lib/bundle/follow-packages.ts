import { existsSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { relative, resolve } from 'node:path';
import type { OnResolveArgs, OnResolveResult, Plugin } from 'esbuild';
import type { InstalledPackage, PackageFinder } from './installed-package.ts';
import { posix } from './posix.ts';
import { packageName } from './resolve-import.ts';
import { nativeReason } from './unbundlable.ts';

/** What was seen of the packages while they were bundled. */
export interface FollowedPackages {
  /** Each package that code asks for by name: who, for what, and what it gets. */
  readonly edges: readonly PackageEdge[];
  /** Packages that load an addon of their own: the reason to leave them alone, by directory. */
  readonly addons: ReadonlyMap<string, string>;
}

export interface PackageEdge {
  /** Folder of the file that imports. */
  readonly folder: string;
  readonly specifier: string;
  /** Absent where it is not installed. */
  readonly found?: InstalledPackage;
  /** Why it was not followed, where it was not. */
  readonly external?: string;
}

export interface FollowOptions {
  readonly packages: PackageFinder;
  /** Specifiers that stand for a file, whoever imports them. */
  readonly aliases: Readonly<Record<string, string>>;
  /** Why a package is left alone, by its directory, besides those that are seen to be native. */
  readonly external: ReadonlyMap<string, string>;
}

/** Marks requests that must be resolved without being looked at. */
export const AS_IS = Symbol('mcpgen as is');

/** Decides about each import of a package by name, and about native addons. */
export function followPackages(options: FollowOptions): {
  readonly plugin: Plugin;
  readonly followed: FollowedPackages;
} {
  const edges: PackageEdge[] = [];
  const addons = new Map<string, string>();
  const plugin: Plugin = {
    name: 'mcpgen-follow-packages',
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, (args) => follow(args, options, edges));
      build.onResolve({ filter: /\.node$/ }, ({ path, resolveDir, importer }) => {
        const file = resolve(resolveDir, path);
        const owner = existsSync(file) ? options.packages.owner(importer) : undefined;
        if (owner !== undefined) {
          addons.set(owner.directory, `it has a native addon (${posix(relative(owner.directory, file))})`);
        }
        return { path, external: true };
      });
    },
  };
  return { plugin, followed: { edges, addons } };
}

function follow(
  { importer, kind, path, pluginData, resolveDir }: OnResolveArgs,
  { aliases, external, packages }: FollowOptions,
  edges: PackageEdge[],
): OnResolveResult | undefined {
  if (pluginData === AS_IS || kind === 'entry-point' || isBuiltin(path) || /^[a-z]+:|^#/i.test(path)) return undefined;
  const alias = aliases[path];
  if (alias !== undefined) return { path: alias };
  const found = packages.find(packageName(path), resolveDir);
  if (found === undefined) {
    edges.push({ folder: resolveDir, specifier: path });
    // What is required on the off chance is left to fail when, and only when, the program asks for it.
    return kind === 'import-statement' ? undefined : { path, external: true };
  }
  const isOwn = packages.owner(importer)?.directory === found.directory;
  const reason = isOwn ? undefined : (external.get(found.directory) ?? nativeReason(found));
  edges.push({ folder: resolveDir, specifier: path, found, ...(reason !== undefined && { external: reason }) });
  return reason === undefined ? undefined : { path, external: true };
}
