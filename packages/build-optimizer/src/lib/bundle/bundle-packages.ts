import { dirname, join, relative, resolve } from 'node:path';
import type { Metafile, Plugin, PluginBuild } from 'esbuild';
import { type FacadeTools, facade, loadFacadeTools } from './facade.ts';
import { finishOutputs, type RawOutput } from './finish-outputs.ts';
import { AS_IS, type FollowedPackages, type FollowOptions, followPackages, isFileInput } from './follow-packages.ts';
import { createPackageFinder, type PackageFinder } from './installed-package.ts';
import { loadEsbuild } from './load-libraries.ts';
import { sourcesByOutput } from './output-sources.ts';
import { PACKAGE_OPTIONS, sourceConditions } from './package-options.ts';
import { portableName } from './portable-name.ts';
import { posix } from './posix.ts';
import type { ImportedNames } from './scan.ts';
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

export interface PackageBundle extends FollowedPackages {
  /** Relative to the server's directory: `deps/zod.js`. */
  readonly outputs: readonly Output[];
  /** Absolute paths of the modules that entries stand for, by specifier. */
  readonly files: ReadonlyMap<string, string>;
  /** Absolute paths of all files that were read. */
  readonly inputs: readonly string[];
  /** Those of them whose code is in the outputs. */
  readonly included: readonly string[];
}

export interface BundlePackagesOptions extends Omit<FollowOptions, 'tools'> {
  /** The project; absolute. */
  readonly directory: string;
  readonly target: string;
  readonly packages?: PackageFinder;
}

/** Bundles packages, an entry for each specifier; what entries share is in chunks below `deps/_/`. */
export async function bundlePackages(
  entries: readonly PackageEntry[],
  options: BundlePackagesOptions,
): Promise<PackageBundle> {
  const packages = options.packages ?? createPackageFinder();
  const [esbuild, tools] = await Promise.all([loadEsbuild(), loadFacadeTools(packages)]);
  const files = new Map<string, string>();
  const outdir = join(options.directory, 'deps');
  const { plugin, followed } = followPackages({ ...options, tools });
  const result = await esbuild.build({
    ...PACKAGE_OPTIONS,
    absWorkingDir: options.directory,
    target: options.target,
    conditions: sourceConditions(Object.values(options.aliases)),
    entryPoints: entries.map(({ specifier, entry }) => ({
      in: `${ENTRY}${specifier}`,
      out: entry.replace(/\.js$/, ''),
    })),
    outdir,
    chunkNames: '_/chunk-[hash]',
    plugins: [packageEntries(entries, files, tools), plugin],
  });
  const raw = result.outputFiles.map(({ path, text }): RawOutput => ({ file: posix(relative(outdir, path)), text }));
  const absolute = (input: string) => resolve(options.directory, input);
  const label = (input: string) => portableName(absolute(input), packages);
  const outputs = finishOutputs(raw, { metafile: result.metafile, label });
  const sources = sourcesByOutput(result.metafile, { root: options.directory, label });
  return {
    // In the order of esbuild's files.
    outputs: outputs.map(({ file, contents }, at) => {
      return { file: `deps/${file}`, contents, ...sources(result.outputFiles[at]?.path ?? '') };
    }),
    ...followed,
    files,
    inputs: Object.keys(result.metafile.inputs).filter(isFileInput).map(absolute),
    included: includedInputs(result.metafile).map(absolute),
  };
}

const ENTRY = 'mcpgen-entry:';
const ENTRY_NAMESPACE = 'mcpgen-entry';

/** Gives each entry its text: a facade of the module that the specifier stands for. */
function packageEntries(entries: readonly PackageEntry[], files: Map<string, string>, tools: FacadeTools): Plugin {
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
        files.set(path, file);
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

function includedInputs({ outputs }: Metafile): string[] {
  const inputs = new Set<string>();
  for (const output of Object.values(outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      if (bytesInOutput > 0 && isFileInput(input)) inputs.add(input);
    }
  }
  return [...inputs];
}
