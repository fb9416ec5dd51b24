import { execFileSync } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { workerPoolBundle } from '@mcpgen/server-runtime-perf/bundle';
import { temporaryDirectory } from '@mcpgen/testing';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

describe('workerPoolBundle', () => {
  it('lets the pool run from a minified bundle, away from any node_modules', async () => {
    await using directory = await temporaryDirectory();
    await writeFile(join(directory.path, 'package.json'), '{"type":"module"}');
    await writeFile(join(directory.path, 'tool.js'), 'export default { handler: (input) => input.a + 1 };');
    await bundle(join(directory.path, 'runtime'));
    const main = join(directory.path, 'runtime', 'main.js');
    expect(execFileSync(process.execPath, [main, join(directory.path, 'tool.js')], { encoding: 'utf8' })).toBe('42');
    expect(await readdir(join(directory.path, 'runtime'))).toEqual(
      expect.arrayContaining(['main.js', 'worker.js', 'tool-worker.js']),
    );
  });
});

/** A server's runtime in small: its pool is loaded when a call needs it. */
async function bundle(outdir: string): Promise<void> {
  const { entryPoints, ...rest } = workerPoolBundle();
  const contents = `
    import { pathToFileURL } from 'node:url';
    const { createWorkerPool } = await import('@mcpgen/server-runtime-perf/worker-pool');
    const pool = createWorkerPool();
    const module = pathToFileURL(process.argv[2]);
    process.stdout.write(String(await pool.run({ module, input: { a: 41 } })));`;
  const entry = join(outdir, '..', 'main.js');
  await writeFile(entry, contents);
  await build({
    ...rest,
    entryPoints: { ...entryPoints, main: entry },
    absWorkingDir: import.meta.dirname,
    alias: { '@mcpgen/server-runtime-perf/worker-pool': join(import.meta.dirname, '..', 'src', 'worker-pool.ts') },
    outdir,
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
  });
}
