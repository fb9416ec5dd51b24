import { join, relative } from 'node:path';
import type { BuildResult, Message, Plugin } from 'esbuild';
import { type BundlePlan, createLinker } from './bundle-plan.ts';
import type { BundlerOptions } from './bundler-options.ts';
import { BundleError, bundleFailed, fileChanged, syntaxError } from './errors.ts';
import { loadEsbuild } from './load-libraries.ts';
import { sourcesByOutput } from './output-sources.ts';
import type { Chunk } from './plan-chunks.ts';
import { posix } from './posix.ts';
import { esbuildErrors } from './scan-sources.ts';
import type { Output } from './write-outputs.ts';

/**
 * Bundles chunks in one run of esbuild. What a chunk becomes does not depend on which others are bundled with it: each
 * is an entry of its own, and whatever leads out of it stays an import.
 *
 * A chunk that cannot be bundled does not keep the others from it.
 *
 * @returns the outcome of each chunk, by name.
 */
export async function bundleChunks(
  chunks: readonly Chunk[],
  plan: BundlePlan,
  options: Omit<BundlerOptions, 'outDirectory' | 'onEvent'>,
): Promise<Map<string, PromiseSettledResult<readonly Output[]>>> {
  const outcomes = new Map<string, PromiseSettledResult<readonly Output[]>>();
  for (let rest = chunks; rest.length > 0; rest = rest.filter(({ name }) => !outcomes.has(name))) {
    const round = await bundleRound(rest, plan, options);
    for (const [name, outcome] of round) outcomes.set(name, outcome);
  }
  return outcomes;
}

/** Outcomes of all chunks, or where there are errors, of the chunks that have them. */
async function bundleRound(
  chunks: readonly Chunk[],
  plan: BundlePlan,
  options: Omit<BundlerOptions, 'outDirectory' | 'onEvent'>,
): Promise<Map<string, PromiseSettledResult<readonly Output[]>>> {
  try {
    const outputs = await build(chunks, plan, options);
    return new Map(chunks.map(({ name }) => [name, { status: 'fulfilled', value: outputs.get(name) ?? [] }]));
  } catch (cause) {
    const failures = new Map<string, PromiseSettledResult<never>>();
    for (const message of esbuildErrors(cause)) {
      const name = plan.chunks.chunkOf.get(message.location?.file ?? '');
      if (name !== undefined && !failures.has(name)) {
        failures.set(name, { status: 'rejected', reason: chunkFailure(name, message, cause) });
      }
    }
    if (failures.size > 0 && chunks.some(({ name }) => failures.has(name))) return failures;
    return new Map(chunks.map(({ name }) => [name, { status: 'rejected', reason: failure(name, cause) }]));
  }
}

function failure(name: string, cause: unknown): unknown {
  const message = esbuildErrors(cause)[0];
  return message === undefined ? cause : chunkFailure(name, message, cause);
}

function chunkFailure(name: string, { detail, location, text }: Message, cause: unknown): BundleError {
  if (detail instanceof BundleError) return detail;
  if (location === null) return bundleFailed(name, text, undefined, cause);
  const { file, line, column } = location;
  return syntaxError({ file, line, column: column + 1 }, text);
}

/**
 * Outputs are made as if they went to `dist/server`, wherever they are written, so that the paths in source maps lead
 * from there to the author's files.
 */
const NOMINAL_OUTPUT = ['dist', 'server'];

async function build(
  chunks: readonly Chunk[],
  plan: BundlePlan,
  { directory, minify, sourcemap, target = 'node22' }: Omit<BundlerOptions, 'outDirectory' | 'onEvent'>,
): Promise<Map<string, Output[]>> {
  const esbuild = await loadEsbuild();
  const nominal = join(directory, ...NOMINAL_OUTPUT);
  const result = await esbuild.build({
    absWorkingDir: directory,
    entryPoints: chunks.map(({ name, root }) => ({ in: join(directory, root), out: name })),
    outdir: join(nominal, 'modules'),
    bundle: true,
    splitting: false,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    target,
    minifyWhitespace: minify,
    sourcemap: sourcemap ? 'linked' : false,
    sourcesContent: false,
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'silent',
    // A shared JSON file is a chunk, hence JavaScript: `with { type: "json" }` must not stay on its import.
    supported: { 'import-attributes': false },
    tsconfigRaw: JSON.stringify({ compilerOptions: plan.graph.compilerOptions }),
    plugins: [linkImports(plan, directory)],
  });
  return outputsByChunk(result, { directory, nominal });
}

function linkImports(plan: BundlePlan, directory: string): Plugin {
  const link = createLinker(plan);
  return {
    name: 'mcpgen-link-imports',
    setup(build) {
      build.onResolve({ filter: /.*/ }, ({ importer, kind, path }) => {
        if (kind === 'entry-point') return { path };
        const file = posix(relative(directory, importer));
        const linked = link(file, path);
        if (linked === undefined) return { errors: [{ text: '', detail: fileChanged(file) }] };
        if (linked.kind === 'inside') return { path: join(directory, linked.file) };
        return { path: linked.path, external: true };
      });
    },
  };
}

function outputsByChunk(
  { metafile, outputFiles }: BuildResult<{ metafile: true; write: false }>,
  { directory, nominal }: { readonly directory: string; readonly nominal: string },
): Map<string, Output[]> {
  const outputs = new Map<string, Output[]>();
  const sources = sourcesByOutput(metafile, { root: directory, label: (input) => input });
  for (const { path, contents } of outputFiles) {
    const file = posix(relative(nominal, path));
    const name = file.replace(/^modules\//, '').replace(/\.js(\.map)?$/, '');
    const list = outputs.get(name) ?? [];
    list.push({ file, contents, ...sources(path) });
    outputs.set(name, list);
  }
  return outputs;
}
