import type { Plugin } from 'esbuild';
import type { RawOutput } from './finish-outputs.ts';
import { loadEsbuild } from './load-libraries.ts';

/**
 * Makes one file of a program's entry and the chunk that it cannot start without: a bundler that splits puts what the
 * entry shares with its lazy parts into a file of its own, which costs a millisecond at each start. The lazy parts then
 * import the entry. Returns the outputs as they are where there is no such chunk, or where another entry needs it.
 *
 * @param outputs minified ES modules of one folder, in which names of chunks begin with `chunk-`.
 * @param entries the files that are started, the one to merge into first: `main.js`.
 */
export async function mergeStartChunk(
  outputs: readonly RawOutput[],
  [entry = '', ...others]: readonly string[],
): Promise<readonly RawOutput[]> {
  const texts = new Map(outputs.map(({ file, text }) => [file, text]));
  const sizeOf = (file: string) => texts.get(file)?.length ?? 0;
  const [chunk] = staticImports(texts.get(entry) ?? '')
    .filter((file) => file.startsWith('chunk-'))
    .sort((a, b) => sizeOf(b) - sizeOf(a));
  const wanted = others.some((other) => staticImports(texts.get(other) ?? '').includes(chunk ?? ''));
  if (chunk === undefined || wanted) return outputs;
  texts.set(entry, await joinModules([chunk, entry], texts));
  texts.delete(chunk);
  return [...texts].map(([file, text]) => ({ file, text: text.replaceAll(`"./${chunk}"`, `"./${entry}"`) }));
}

function staticImports(text: string): string[] {
  return [...text.matchAll(/(?:\bfrom|\bimport)"\.\/([^"]+)"/g)].map(([, file = '']) => file);
}

/** One module that exports what all of them do. */
async function joinModules(files: readonly string[], texts: ReadonlyMap<string, string>): Promise<string> {
  const esbuild = await loadEsbuild();
  const inMemory: Plugin = {
    name: 'mcpgen-merge',
    setup(build) {
      build.onResolve({ filter: /./ }, ({ path }) => {
        const file = path.replace('./', '');
        return files.includes(file) ? { path: file, namespace: 'mcpgen-merge' } : { path, external: true };
      });
      build.onLoad({ filter: /./, namespace: 'mcpgen-merge' }, ({ path }) => ({ contents: texts.get(path) ?? '' }));
    },
  };
  const { outputFiles } = await esbuild.build({
    stdin: { contents: files.map((file) => `export * from './${file}';`).join('\n') },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
    charset: 'utf8',
    logLevel: 'silent',
    tsconfigRaw: '{}',
    plugins: [inMemory],
  });
  return outputFiles[0]?.text ?? '';
}
