// Bundles a small project into lazy chunks, changes one tool, and bundles just that one again.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { digestOf } from '@mcpgen/build-cache';
import {
  type BundlePlan,
  chunkInputs,
  createBundler,
  type DependencyFacts,
  planChunks,
  planDependencies,
  readModuleGraph,
  type Scan,
} from '@mcpgen/build-optimizer/bundle';

const directory = await mkdtemp(join(tmpdir(), 'mcpgen-example-'));
const entries = ['tools/add.ts', 'tools/hello.ts'];
const write = (file: string, code: string) => writeFile(join(directory, file), code);
await mkdir(join(directory, 'tools'));
await mkdir(join(directory, 'lib'));
await write('package.json', '{ "type": "module" }');
await write('lib/log.ts', 'export const log: string[] = [];');
await write(
  'tools/add.ts',
  `import { log } from '../lib/log.ts';\nexport default (a: number, b: number) => log.push('add') && a + b;`,
);
await write(
  'tools/hello.ts',
  `import { log } from '../lib/log.ts';\nexport default (name: string) => log.push('hello') && 'Hello ' + name;`,
);

// What one build remembers for the next; a real one keeps it on disk.
const scans = new Map<string, Scan>();
const facts = new Map<string, DependencyFacts>();
const scanned: string[] = [];

async function plan(): Promise<BundlePlan> {
  const digestFile = (file: string) => digestOf(readFileSync(file));
  const graph = await readModuleGraph({
    directory,
    entries,
    digestFile,
    remember: {
      get: (digest, file) => scans.get(`${digest} ${file}`),
      set: (digest, file, scan) => void scans.set(`${digest} ${file}`, scan),
    },
    onEvent: (event) => event.type === 'scanned' && scanned.push(...event.files),
  });
  const remember = {
    get: facts.get.bind(facts),
    set: (key: string, found: DependencyFacts) => void facts.set(key, found),
  };
  const dependencies = await planDependencies(graph, { aliases: {}, digestFile, remember });
  return { graph, chunks: planChunks(graph, entries), dependencies };
}

const outDirectory = join(directory, 'dist/server');
const bundler = createBundler({ directory, outDirectory, minify: false, sourcemap: true });
const keys = ({ chunks, ...rest }: BundlePlan) =>
  new Map(
    [...chunks.chunks].map(([name, chunk]) => [name, JSON.stringify(chunkInputs(chunk, { chunks, ...rest }, bundler))]),
  );

try {
  // Both tools use lib/log.ts: it is a chunk of its own, so that there is one log.
  const first = await plan();
  assert.deepEqual([...first.chunks.chunks.keys()], ['lib/log', 'tools/add', 'tools/hello']);
  await Promise.all([...first.chunks.chunks.values()].map((chunk) => bundler.bundleChunk(chunk, first)));
  const load = (name: string) => import(pathToFileURL(join(outDirectory, 'modules', `${name}.js`)).href);
  const [add, hello, { log }] = await Promise.all([load('tools/add'), load('tools/hello'), load('lib/log')]);
  assert.equal(add.default(1, 2), 3);
  assert.equal(hello.default('you'), 'Hello you');
  assert.deepEqual(log, ['add', 'hello']);

  // A change of one tool is parsed alone, and changes the key of one chunk alone.
  const before = keys(first);
  scanned.length = 0;
  await write(
    'tools/hello.ts',
    `import { log } from '../lib/log.ts';\nexport default (name: string) => log.push('hi') && 'Hi ' + name;`,
  );
  const second = await plan();
  const changed = [...keys(second)].filter(([name, key]) => before.get(name) !== key).map(([name]) => name);
  assert.deepEqual(scanned, ['tools/hello.ts']);
  assert.deepEqual(changed, ['tools/hello']);
  for (const name of changed) {
    const chunk = second.chunks.chunks.get(name);
    assert.ok(chunk);
    await bundler.bundleChunk(chunk, second);
  }
  assert.match(await readFile(join(outDirectory, 'modules/tools/hello.js'), 'utf8'), /Hi /);

  // What is wrong has a place.
  await write('tools/add.ts', `import { log } from '../lib/logs.ts';\nexport default log;`);
  await assert.rejects(plan(), { code: 'IMPORT_NOT_FOUND', file: 'tools/add.ts', line: 1, column: 21 });
} finally {
  await bundler.close();
  await rm(directory, { recursive: true, force: true });
}
