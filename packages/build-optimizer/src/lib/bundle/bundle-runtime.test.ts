import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory, writeTree } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { installed } from '../../../test/bundle-project.ts';
import { runNode } from '../../../test/run-node.ts';
import { createBundler } from './create-bundler.ts';
import { runtimeFiles } from './runtime-files.ts';

const RUNTIME = {
  'package.json': '{"name":"runtime","version":"2.1.0","type":"module","dependencies":{"pool":"1"}}',
  'src/main.ts': "export { main } from './lib/main.ts';",
  'src/lib/main.ts': [
    "import { Worker } from 'node:worker_threads';",
    "import { shared } from './shared.ts';",
    'const answer = (worker: Worker) => new Promise((resolve) => worker.once("message", resolve));',
    'export async function main(): Promise<unknown> {',
    "  const own = await answer(new Worker(new URL('./own-worker.js', import.meta.url)));",
    "  const { start } = await import('pool');",
    '  return [shared, own, await answer(start()), (await import("./lazy.ts")).lazy, process.env.MCPGEN_PACKAGE_VERSION];',
    '}',
  ].join('\n'),
  'src/lib/own-worker.js':
    "import { parentPort } from 'node:worker_threads';\nimport { shared } from './shared.ts';\nparentPort.postMessage('own ' + shared);",
  'src/lib/shared.ts': "export const shared: string = 'shared';",
  'src/lib/lazy.ts': "import { shared } from './shared.ts';\nexport const lazy: string = 'lazy ' + shared;",
  ...installed('pool', {
    'index.js':
      'const { join } = require("path"); exports.start = () => new (require("worker_threads").Worker)(join(__dirname, "worker.js"));',
    'worker.js':
      'const { optional } = require("./optional.js"); require("worker_threads").parentPort.postMessage("pool " + optional);',
    'optional.js': 'try { exports.optional = require("not-there"); } catch { exports.optional = "alone"; }',
  }),
};

describe('bundleRuntime', () => {
  it.each([
    ['source', 'src/main.ts'],
    ['what is built', 'dist/main.js'],
  ])('bundles %s with its lazy parts and its workers, which run', async (_, entry) => {
    await using directory = await temporaryDirectory();
    await using output = await temporaryDirectory();
    const built = {
      'dist/main.js': BUILT,
      'dist/own-worker.js': RUNTIME['src/lib/own-worker.js'].replace('.ts', '.js'),
    };
    await writeTree(directory.path, { ...RUNTIME, ...built, 'dist/shared.js': "export const shared = 'shared';" });
    const { files } = await bundle(join(directory.path, entry), output.path);
    expect(files).toContain('runtime/main.js');
    expect(files).toContain('runtime/own-worker.js');
    expect(files).toContain('runtime/worker.js');
    await directory.remove();
    const program = "console.log(JSON.stringify(await (await import('./runtime/main.js')).main()))";
    expect(await runNode(output.path, program)).toBe('["shared","own shared","pool alone","lazy shared","2.1.0"]');
  });

  it('starts with one file, that its lazy parts share and its workers do not load', async () => {
    await using directory = await temporaryDirectory();
    await using output = await temporaryDirectory();
    await writeTree(directory.path, {
      ...RUNTIME,
      'src/lib/own-worker.js': "import { parentPort } from 'node:worker_threads';\nparentPort.postMessage('own');",
    });
    const { files } = await bundle(join(directory.path, 'src/main.ts'), output.path);
    const text = (file: string) => readFileSync(join(output.path, file), 'utf8');
    expect(text('runtime/main.js')).not.toMatch(/(from|import)"\.\//);
    expect(text(files.find((file) => file.startsWith('runtime/lazy-')) ?? '')).toContain('from"./main.js"');
    expect(text('runtime/own-worker.js')).not.toContain('main.js');
    const program = "console.log(JSON.stringify(await (await import('./runtime/main.js')).main()))";
    expect(await runNode(output.path, program)).toBe('["shared","own","pool alone","lazy shared","2.1.0"]');
  });

  it('writes the same bytes from another directory', async () => {
    const texts: string[][] = [];
    for (const prefix of ['a', 'another-']) {
      await using directory = await temporaryDirectory(prefix);
      await using output = await temporaryDirectory();
      await writeTree(directory.path, RUNTIME);
      const { files } = await bundle(join(directory.path, 'src/main.ts'), output.path);
      texts.push(files.map((file) => `${file}\n${readFileSync(join(output.path, file), 'utf8')}`));
    }
    expect(texts[1]).toEqual(texts[0]);
  });

  it('says what it could not bundle', async () => {
    await using directory = await temporaryDirectory();
    await writeTree(directory.path, { 'package.json': '{"name":"runtime"}', 'src/main.ts': "import 'missing';" });
    await expect(bundle(join(directory.path, 'src/main.ts'), directory.path)).rejects.toMatchObject({
      code: 'BUNDLE_FAILED',
      message: 'Cannot bundle "runtime": Could not resolve "missing"',
    });
  });
});

describe('runtimeFiles', () => {
  it('names the code of linked packages, and the package.json of installed ones', async () => {
    await using directory = await temporaryDirectory();
    await writeTree(directory.path, { ...RUNTIME, 'src/lib/main.test.ts': '', 'dist/main.js': '' });
    const files = (entry: string) => {
      return runtimeFiles(join(directory.path, entry)).map((file) => file.slice(directory.path.length + 1));
    };
    expect(files('dist/main.js')).toEqual(['dist/main.js', 'node_modules/pool/package.json', 'package.json']);
    expect(files('src/main.ts')).toEqual([
      'node_modules/pool/package.json',
      'package.json',
      'src/lib/lazy.ts',
      'src/lib/main.ts',
      'src/lib/own-worker.js',
      'src/lib/shared.ts',
      'src/main.ts',
    ]);
  });
});

const BUILT = `
  import { Worker } from 'node:worker_threads';
  import { shared } from './shared.js';
  const answer = (worker) => new Promise((resolve) => worker.once('message', resolve));
  export async function main() {
    const own = await answer(new Worker(new URL('./own-worker.js', import.meta.url)));
    const { start } = await import('pool');
    return [shared, own, await answer(start()), 'lazy shared', '2.1.0'];
  }`;

function bundle(entry: string, outDirectory: string) {
  const bundler = createBundler({ directory: outDirectory, outDirectory, minify: true, sourcemap: false });
  return bundler.bundleRuntime({ entry });
}
