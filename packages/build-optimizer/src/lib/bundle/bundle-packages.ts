import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Metafile, OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from 'esbuild';
import { type FacadeTools, facade } from './facade.ts';
import { finishOutputs, type RawOutput } from './finish-outputs.ts';
import { createPackageFinder, type InstalledPackage, type PackageFinder } from './installed-package.ts';
import { loadCommonJsLexer, loadEsbuild, loadModuleLexer } from './load-libraries.ts';
import { packageName } from './resolve-import.ts';
import type { ImportedNames } from './scan.ts';
import { nativeReason } from './unbundlable.ts';
import type { Output } from './write-outputs.ts';

/** One module that gets an entry of its own. */
export interface PackageEntry {
  readonly specifier: string;
  readonly names: ImportedNames;
  /** Below `deps/`. */
  readonly entry: string;
  /** The folder of the file that imports it, or where it is known, the module itself; absolute. */
  readonly from: { readonly folder: string } | { readonly file: string };
}

export interface PackageBundle {
  /** Relative to the server's directory: `deps/zod.js`. */
  readonly outputs: readonly Output[];
  /** Absolute paths of the modules that entries stand for, by specifier. */
  readonly files: ReadonlyMap<string, string>;
  /** Absolute paths of all files that were read. */
  readonly inputs: readonly string[];
  /** Those of them whose code is in the outputs. */
  readonly included: readonly string[];
  /** Each package that code of another one asks for by name: who, for what, and what it gets. */
  readonly edges: readonly PackageEdge[];
  /** Packages that were seen to load an addon: the reason, by directory. */
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

export interface BundlePackagesOptions {
  /** The project; absolute. */
  readonly directory: string;
  readonly target: string;
  readonly aliases: Readonly<Record<string, string>>;
  readonly packages?: PackageFinder;
  /** Why a package is left alone, by its directory, besides those that are seen to be native. */
  readonly external: ReadonlyMap<string, string>;
}

/** Bundles packages, an entry for each specifier; what entries share is in chunks below `deps/_/`. */
export async function bundlePackages(
  entries: readonly PackageEntry[],
  options: BundlePackagesOptions,
): Promise<PackageBundle> {
  const [esbuild, lexer, commonJsLexer] = await Promise.all([loadEsbuild(), loadModuleLexer(), loadCommonJsLexer()]);
  const packages = options.packages ?? createPackageFinder();
  const collected: Collected = { files: new Map(), edges: [], addons: new Map() };
  const outdir = join(options.directory, 'deps');
  const result = await esbuild.build({
    absWorkingDir: options.directory,
    entryPoints: entries.map(({ specifier, entry }) => ({
      in: `${ENTRY}${specifier}`,
      out: entry.replace(/\.js$/, ''),
    })),
    outdir,
    chunkNames: '_/chunk-[hash]',
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    target: options.target,
    // As Node resolves: `main`, and no condition that only bundlers know.
    mainFields: ['main'],
    conditions: [],
    // Names stay: programs look at them.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'silent',
    tsconfigRaw: '{}',
    plugins: [
      packageEntries(entries, collected, { packages, lexer, commonJsLexer }),
      followPackages(options, packages, collected),
    ],
  });
  const raw = result.outputFiles.map(({ path, text }): RawOutput => ({ file: posix(relative(outdir, path)), text }));
  const absolute = (input: string) => resolve(options.directory, input);
  const outputs = finishOutputs(raw, {
    metafile: result.metafile,
    label: (input) => portableName(absolute(input), packages),
  });
  return {
    outputs: outputs.map(({ file, contents }) => ({ file: `deps/${file}`, contents })),
    files: collected.files,
    inputs: Object.keys(result.metafile.inputs).filter(isFile).map(absolute),
    included: includedInputs(result.metafile).map(absolute),
    edges: collected.edges,
    addons: collected.addons,
  };
}

interface Collected {
  readonly files: Map<string, string>;
  readonly edges: PackageEdge[];
  readonly addons: Map<string, string>;
}

const ENTRY = 'mcpgen-entry:';
const ENTRY_NAMESPACE = 'mcpgen-entry';

/** Gives each entry its text: a facade of the module that the specifier stands for. */
function packageEntries(entries: readonly PackageEntry[], collected: Collected, tools: FacadeTools): Plugin {
  const bySpecifier = new Map(entries.map((entry) => [entry.specifier, entry]));
  return {
    name: 'mcpgen-package-entries',
    setup(build) {
      build.onResolve({ filter: /^mcpgen-entry:/ }, ({ path }) => ({
        path: path.slice(ENTRY.length),
        namespace: ENTRY_NAMESPACE,
      }));
      build.onLoad({ filter: /.*/, namespace: ENTRY_NAMESPACE }, async ({ path }) => {
        const entry = bySpecifier.get(path);
        if (entry === undefined) return undefined;
        const { file, errors } = await entryFile(entry, build);
        if (file === undefined) return { errors };
        collected.files.set(path, file);
        return { contents: facade(file, entry.names, tools), loader: 'js', resolveDir: dirname(file) };
      });
    },
  };
}

async function entryFile({ from, specifier }: PackageEntry, build: PluginBuild) {
  if ('file' in from) return { file: from.file, errors: [] };
  const { errors, path } = await build.resolve(specifier, {
    kind: 'import-statement',
    resolveDir: from.folder,
    pluginData: AS_IS,
  });
  return errors.length > 0 ? { file: undefined, errors } : { file: path, errors: [] };
}

/** Marks requests of our own, which must not be looked at again. */
const AS_IS = Symbol('mcpgen as is');

/** Decides about each import of a package by name, and about native addons. */
function followPackages(options: BundlePackagesOptions, packages: PackageFinder, collected: Collected): Plugin {
  return {
    name: 'mcpgen-follow-packages',
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, (args) => follow(args, options, packages, collected));
      build.onResolve({ filter: /\.node$/ }, ({ path, resolveDir, importer }) => {
        const file = resolve(resolveDir, path);
        const owner = existsSync(file) ? packages.owner(importer) : undefined;
        if (owner !== undefined) {
          collected.addons.set(owner.directory, `it has a native addon (${posix(relative(owner.directory, file))})`);
        }
        return { path, external: true };
      });
    },
  };
}

function follow(
  { importer, kind, namespace, path, pluginData, resolveDir }: OnResolveArgs,
  { aliases, external }: BundlePackagesOptions,
  packages: PackageFinder,
  { edges }: Collected,
): OnResolveResult | undefined {
  if (pluginData === AS_IS || namespace === ENTRY_NAMESPACE || /^[A-Za-z]:[\\/]|^[a-z]+:|^#/.test(path))
    return undefined;
  const alias = aliases[path];
  if (alias !== undefined) return { path: alias };
  const found = packages.find(packageName(path), resolveDir);
  if (found === undefined) {
    edges.push({ folder: resolveDir, specifier: path });
    // What is required on the off chance is left to fail when, and only when, the program asks for it.
    return kind === 'import-statement' ? undefined : { path, external: true };
  }
  const same = packages.owner(importer)?.directory === found.directory;
  const reason = same ? undefined : (external.get(found.directory) ?? nativeReason(found));
  edges.push({ folder: resolveDir, specifier: path, found, ...(reason !== undefined && { external: reason }) });
  return reason === undefined ? undefined : { path, external: true };
}

function includedInputs({ outputs }: Metafile): string[] {
  const inputs = new Set<string>();
  for (const output of Object.values(outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      if (bytesInOutput > 0 && isFile(input)) inputs.add(input);
    }
  }
  return [...inputs];
}

/** Inputs of the metafile that are not files begin with their namespace; esbuild's own helpers are one of them. */
function isFile(input: string): boolean {
  return !input.startsWith(`${ENTRY_NAMESPACE}:`) && !input.startsWith('<') && !input.startsWith('(disabled)');
}

/** `ms@2.1.3/index.js`, wherever the package is installed. */
function portableName(file: string, packages: PackageFinder): string {
  const owner = packages.owner(file);
  if (owner === undefined) return 'unknown';
  const { name, version } = owner.manifest;
  return `${name}@${version}/${posix(relative(owner.directory, file))}`;
}

function posix(path: string): string {
  return path.split(sep).join('/');
}
