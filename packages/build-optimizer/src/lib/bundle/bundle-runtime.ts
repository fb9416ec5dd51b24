import { existsSync } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import type { BuildResult } from 'esbuild';
import { bundleFailed } from './errors.ts';
import { loadFacadeTools } from './facade.ts';
import { finishOutputs } from './finish-outputs.ts';
import { followPackages } from './follow-packages.ts';
import { createPackageFinder, type PackageFinder } from './installed-package.ts';
import { loadEsbuild } from './load-libraries.ts';
import { mergeStartChunk } from './merge-start-chunk.ts';
import { PACKAGE_OPTIONS, sourceConditions } from './package-options.ts';
import { portableName } from './portable-name.ts';
import { posix } from './posix.ts';
import { esbuildErrors } from './scan-sources.ts';
import type { Output } from './write-outputs.ts';

/**
 * Bundles the program that every server starts, with what it loads lazily in files of its own. All lies in one folder,
 * so that a worker file which the code names as a neighbour (`new URL('./x-worker.js', import.meta.url)`, or by
 * `__dirname`) is one again: such files are found and bundled too, under their own names.
 *
 * @param entry absolute; `.ts` for the runtime's source, `.js` for a built one.
 */
export async function bundleRuntime(entry: string, { target }: { readonly target: string }): Promise<Output[]> {
  const packages = createPackageFinder();
  const entries = new Map([[stem(entry), entry]]);
  for (;;) {
    const result = await build(entry, entries, { packages, target });
    const workers = neighbours(result, dirname(entry)).filter((file) => !entries.has(stem(file)));
    if (workers.length === 0) return outputs(result, { entry, entries: [...entries.keys()], packages });
    for (const worker of workers) entries.set(stem(worker), worker);
  }
}

type RuntimeBuild = BuildResult<{ metafile: true; write: false }>;

async function build(
  entry: string,
  entries: ReadonlyMap<string, string>,
  { packages, target }: { readonly packages: PackageFinder; readonly target: string },
): Promise<RuntimeBuild> {
  const [esbuild, tools] = await Promise.all([loadEsbuild(), loadFacadeTools(packages)]);
  const version = packages.owner(entry)?.manifest.version ?? '';
  try {
    return await esbuild.build({
      ...PACKAGE_OPTIONS,
      // Wholly, as packages cannot be: no part of the runtime looks at the names of its classes.
      minify: true,
      absWorkingDir: dirname(entry),
      entryPoints: [...entries].map(([out, file]) => ({ in: file, out })),
      outdir: join(dirname(entry), 'runtime'),
      chunkNames: '[name]-[hash]',
      target,
      conditions: sourceConditions([entry]),
      define: {
        __dirname: 'import.meta.dirname',
        __filename: 'import.meta.filename',
        'process.env.MCPGEN_PACKAGE_VERSION': JSON.stringify(version),
      },
      plugins: [followPackages({ tools, aliases: {}, external: new Map() }).plugin],
    });
  } catch (cause) {
    const text = esbuildErrors(cause)[0]?.text;
    throw text === undefined ? cause : bundleFailed('runtime', text, undefined, cause);
  }
}

const NEIGHBOUR =
  /new URL\(\s*["'`]\.\/([\w.-]+\.[cm]?js)["'`]\s*,\s*import\.meta\.url\s*\)|\(import\.meta\.dirname,\s*["'`](?:\.\/)?([\w.-]+\.[cm]?js)["'`]\)/g;

/** Files that the code names as lying beside its own: absolute paths of those that do. */
function neighbours({ metafile, outputFiles }: RuntimeBuild, root: string): string[] {
  const found = new Set<string>();
  for (const [path, { inputs }] of Object.entries(metafile.outputs)) {
    const text = outputFiles.find((file) => file.path === resolve(root, path))?.text ?? '';
    const folders = new Set(Object.keys(inputs).map((input) => dirname(resolve(root, input))));
    for (const [, first, second] of text.matchAll(NEIGHBOUR)) {
      for (const folder of folders) {
        const file = join(folder, first ?? second ?? '');
        if (existsSync(file)) found.add(file);
      }
    }
  }
  return [...found].sort();
}

async function outputs(
  { metafile, outputFiles }: RuntimeBuild,
  {
    entry,
    entries,
    packages,
  }: { readonly entry: string; readonly entries: readonly string[]; readonly packages: PackageFinder },
): Promise<Output[]> {
  const root = dirname(entry);
  const idle = helperChunks(metafile);
  const raw = outputFiles.map(({ path, text }) => ({
    file: posix(relative(join(root, 'runtime'), path)),
    text: withoutIdleImports(text, idle),
  }));
  const merged = await mergeStartChunk(
    raw,
    entries.map((name) => `${name}.js`),
  );
  const finished = finishOutputs(merged, { metafile, label: (input) => portableName(resolve(root, input), packages) });
  return finished.map(({ file, contents }) => ({ file: `runtime/${file}`, contents }));
}

/** The chunks that hold esbuild's own helpers alone: names such as `chunk-65BSANQ2.js`. */
function helperChunks({ outputs }: RuntimeBuild['metafile']): string[] {
  const helpers = Object.entries(outputs).filter(([, { inputs }]) => Object.keys(inputs).length === 0);
  return helpers.map(([path]) => basename(path)).filter((name) => name.startsWith('chunk-'));
}

/**
 * esbuild has every entry import the chunk of its helpers, even where none is used. That is one file more on the start
 * path, and one that asks for `node:module`.
 */
function withoutIdleImports(text: string, chunks: readonly string[]): string {
  return chunks.reduce((rest, chunk) => rest.replaceAll(`import"./${chunk}";`, ''), text);
}

function stem(file: string): string {
  return basename(file, extname(file));
}
