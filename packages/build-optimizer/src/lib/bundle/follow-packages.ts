import { existsSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import type { OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from 'esbuild';
import { type FacadeTools, facade } from './facade.ts';
import type { InstalledPackage } from './installed-package.ts';
import { moduleFormat } from './module-format.ts';
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
  readonly tools: FacadeTools;
  /** Specifiers that stand for a file, whoever imports them. */
  readonly aliases: Readonly<Record<string, string>>;
  /** Why a package is left alone, by its directory, besides those that are seen to be native. */
  readonly external: ReadonlyMap<string, string>;
}

/** Marks requests that must be resolved without being looked at. */
export const AS_IS = Symbol('mcpgen as is');

/** The namespace of CommonJS modules that are imported lazily. */
const LAZY_COMMONJS = 'mcpgen-commonjs';

/** Whether an input of the metafile is a file: others begin with the namespace they are in. */
export function isFileInput(input: string): boolean {
  return !/^(mcpgen-[a-z]+:|<|\(disabled\))/.test(input);
}

/** Decides about each import of a package by name, and about native addons. */
export function followPackages(options: FollowOptions): {
  readonly plugin: Plugin;
  readonly followed: FollowedPackages;
} {
  const edges: PackageEdge[] = [];
  const addons = new Map<string, string>();
  const { packages } = options.tools;
  const plugin: Plugin = {
    name: 'mcpgen-follow-packages',
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, async (args) => {
        const followed = follow(args, options, edges);
        return (
          followed ?? (args.kind === 'dynamic-import' ? await lazyCommonJs(args, build, options.tools) : undefined)
        );
      });
      build.onLoad({ filter: /.*/, namespace: LAZY_COMMONJS }, ({ path }) => ({
        contents: facade(path, 'all', options.tools),
        resolveDir: dirname(path),
      }));
      build.onResolve({ filter: /\.node$/ }, ({ path, resolveDir, importer }) => {
        const file = resolve(resolveDir, path);
        const owner = existsSync(file) ? packages.owner(importer) : undefined;
        if (owner !== undefined) {
          addons.set(owner.directory, `it has a native addon (${posix(relative(owner.directory, file))})`);
        }
        return { path, external: true };
      });
    },
  };
  return { plugin, followed: { edges, addons } };
}

/** What leads elsewhere than to the code of a package: `undefined` for an import to be followed. */
function follow(
  { importer, kind, path, pluginData, resolveDir }: OnResolveArgs,
  { aliases, external, tools: { packages } }: FollowOptions,
  edges: PackageEdge[],
): OnResolveResult | undefined {
  if (pluginData === AS_IS || kind === 'entry-point' || isElsewhere(path)) return undefined;
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

/** Modules of Node, URLs, and what package.json maps by `imports`. */
function isElsewhere(path: string): boolean {
  return isBuiltin(path) || /^[a-z]+:|^#/i.test(path);
}

/** esbuild gives a lazy import of CommonJS `default` alone, Node the names as well. */
async function lazyCommonJs(
  { importer, kind, path, pluginData, resolveDir }: OnResolveArgs,
  build: PluginBuild,
  tools: FacadeTools,
): Promise<OnResolveResult | undefined> {
  if (pluginData === AS_IS || isElsewhere(path)) return undefined;
  const found = await build.resolve(path, { kind, importer, resolveDir, pluginData: AS_IS });
  const isLazy = found.errors.length === 0 && !found.external && moduleFormat(found.path, tools) === 'commonjs';
  return isLazy ? { path: found.path, namespace: LAZY_COMMONJS } : undefined;
}
