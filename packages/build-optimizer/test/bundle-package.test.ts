import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BundleError,
  chunkInputs,
  createBundler,
  planChunks,
  planDependencies,
  readModuleGraph,
  runtimeFiles,
  traceExternals,
} from '@mcpgen/build-optimizer/bundle';
import { temporaryDirectory, writeTree } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';

describe('@mcpgen/build-optimizer/bundle', () => {
  it('bundles a project by its public names', async () => {
    await using project = await temporaryDirectory();
    await writeTree(project.path, {
      'package.json': '{"name":"project","type":"module"}',
      'tools/a.ts': "import { b } from '../lib/b.ts';\nexport default b;",
      'lib/b.ts': 'export const b: number = 1;',
    });
    const remember = { get: () => undefined, set: () => {} };
    const digestFile = (file: string) => `sha256:${hash('sha256', readFileSync(file))}` as const;
    const entries = ['tools/a.ts'];
    const graph = await readModuleGraph({ directory: project.path, entries, digestFile, remember });
    const dependencies = await planDependencies(graph, { aliases: {}, digestFile, remember });
    const plan = { graph, chunks: planChunks(graph, entries), dependencies };
    const outDirectory = join(project.path, 'dist/server');
    await using bundler = disposable({ directory: project.path, outDirectory, minify: true, sourcemap: false });
    const [chunk] = plan.chunks.chunks.values();
    expect(chunk && (await bundler.bundleChunk(chunk, plan))).toEqual({
      files: ['modules/tools/a.js'],
      sources: { 'modules/tools/a.js': { 'lib/b.ts': 8, 'tools/a.ts': 16 } },
    });
    expect(chunk && Object.keys(chunkInputs(chunk, plan, bundler).files ?? {})).toEqual(['lib/b.ts', 'tools/a.ts']);
    expect(await bundler.bundleDependencies(dependencies)).toEqual({ files: [] });
    expect(await bundler.bundleRuntime({ entry: join(project.path, 'lib/b.ts') })).toEqual({ files: ['runtime/b.js'] });
    expect(runtimeFiles(join(project.path, 'lib/b.ts'))).toContain(join(project.path, 'package.json'));
    expect(await traceExternals({ directory: project.path, packages: dependencies.external })).toEqual([]);
  });

  it('fails with one kind of error, told by its code', async () => {
    await using project = await temporaryDirectory();
    const remember = { get: () => undefined, set: () => {} };
    const options = { digestFile: () => 'sha256:0' as const, remember };
    const error = await readModuleGraph({ directory: project.path, entries: ['no.ts'], ...options }).catch(
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(BundleError);
    expect(error).toMatchObject({ code: 'ENTRY_NOT_FOUND', message: 'Cannot read "no.ts": no such file' });
  });
});

function disposable(options: Parameters<typeof createBundler>[0]) {
  const bundler = createBundler(options);
  return { ...bundler, [Symbol.asyncDispose]: () => bundler.close() };
}
