import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type BundleProject, bundleProject } from '../../../test/bundle-project.ts';
import { runNode } from '../../../test/run-node.ts';
import { chunkInputs } from './bundle-plan.ts';
import type { BundlerOptions } from './bundler-options.ts';
import { type Bundler, createBundler } from './create-bundler.ts';

const PROJECT = {
  'tools/a.ts': [
    "import { shared } from '../lib/shared.ts';",
    "import { own } from '../lib/own.ts';",
    "import data from '../lib/data.json' with { type: 'json' };",
    'export const counter = shared;',
    'export default async (): Promise<unknown> => [',
    '  shared.count++, own, data.a, (await import("../lib/lazy.ts")).lazy];',
    'export function fail(): never {',
    "  throw new Error('here');",
    '}',
  ].join('\n'),
  'tools/b.ts': [
    "import { basename } from 'path';",
    "import data from '../lib/data.json' with { type: 'json' };",
    "import { shared } from '../lib/shared.ts';",
    "import type { Own } from '../lib/own.ts';",
    'export default (own: Own): unknown => [shared.count++, basename("x/" + own), data.b];',
  ].join('\n'),
  'lib/shared.ts': 'export const shared = { count: 0 };',
  'lib/own.ts': "export type Own = string;\nexport const own: Own = 'own';",
  'lib/lazy.ts': "import { shared } from './shared.ts';\nexport const lazy = () => shared.count;",
  'lib/data.json': '{"a":"A","b":"B"}',
};

describe('bundleChunk', () => {
  it('writes chunks that run as the sources do, with one copy of what they share', async () => {
    await using project = await bundleProject(PROJECT);
    const bundled = await bundleAll(project);
    expect(bundled.flatMap(({ files }) => files)).toEqual(
      ['lib/data', 'lib/lazy', 'lib/shared', 'tools/a', 'tools/b'].flatMap((name) => [
        `modules/${name}.js`,
        `modules/${name}.js.map`,
      ]),
    );
    const program = (folder: string, extension: string) => `
      const a = await import('./${folder}tools/a.${extension}');
      const b = await import('./${folder}tools/b.${extension}');
      const [count, ...rest] = await a.default();
      console.log(JSON.stringify([count, rest.slice(0, 2), rest[2](), b.default('o'), a.counter.count]));`;
    const output = await runNode(project.directory, program('dist/server/modules/', 'js'));
    expect(output).toBe('[0,["own","A"],1,[1,"o","B"],2]');
    expect(output).toBe(await runNode(project.directory, program('', 'ts')));
  });

  it('is one run of the bundler for calls of the same time', async () => {
    await using project = await bundleProject(PROJECT);
    const { chunks, ...plan } = await project.plan();
    const bundler = createBundler(bundlerOptions(project));
    const all = [...chunks.chunks.values()];
    await Promise.all(all.map((chunk) => bundler.bundleChunk(chunk, { chunks, ...plan })));
    await bundler.close();
    expect(project.events.filter(({ type }) => type === 'bundled')).toEqual([
      { type: 'bundled', kind: 'chunks', names: all.map(({ name }) => name) },
    ]);
  });

  it.each([
    ['readable', { minify: false, sourcemap: true }],
    ['minified', { minify: true, sourcemap: false }],
  ])('writes the same bytes for a chunk alone and with others, in another directory: %s', async (_, settings) => {
    await using project = await bundleProject(PROJECT);
    await using other = await bundleProject(PROJECT, { below: 'some/where/else' });
    await bundleAll(project, settings);
    const { chunks, ...plan } = await other.plan();
    const bundler = createBundler({
      ...bundlerOptions(other),
      ...settings,
      outDirectory: join(other.directory, 'out'),
    });
    for (const chunk of [...chunks.chunks.values()].reverse()) await bundler.bundleChunk(chunk, { chunks, ...plan });
    const written = readOutputs(join(other.directory, 'out'));
    expect(written).toEqual(readOutputs(join(project.directory, 'dist/server')));
    expect(Object.values(written).join('\n')).not.toContain(project.directory);
  });

  it('maps stack traces to the author’s files', async () => {
    await using project = await bundleProject(PROJECT);
    await bundleAll(project, { minify: true });
    const program =
      "const a = await import('./modules/tools/a.js'); try { a.fail() } catch (e) { console.log(e.stack) }";
    const stack = await runNode(join(project.directory, 'dist/server'), program, ['--enable-source-maps']);
    expect(stack).toContain(`${project.directory}/tools/a.ts:8:9`);
    expect(readFileSync(join(project.directory, 'dist/server/modules/tools/a.js.map'), 'utf8')).not.toContain('here');
  });

  it('leaves no other files behind', async () => {
    await using project = await bundleProject(PROJECT);
    await bundleAll(project, { sourcemap: false });
    expect(Object.keys(readOutputs(join(project.directory, 'dist/server'))).every((name) => name.endsWith('.js'))).toBe(
      true,
    );
  });

  it('says so when a file changed after it was read, and bundles the other chunks', async () => {
    await using project = await bundleProject(PROJECT);
    const { chunks, ...plan } = await project.plan();
    await project.write({ 'tools/a.ts': "import './new.ts';", 'tools/new.ts': '' });
    const bundler = createBundler(bundlerOptions(project));
    const all = [...chunks.chunks.values()];
    const outcomes = await Promise.allSettled(all.map((chunk) => bundler.bundleChunk(chunk, { chunks, ...plan })));
    const failed = outcomes.map((outcome, index) => (outcome.status === 'rejected' ? all[index]?.name : undefined));
    expect(failed.filter((name) => name !== undefined)).toEqual(['tools/a']);
    expect(outcomes[failed.indexOf('tools/a')]).toMatchObject({ reason: { code: 'FILE_CHANGED', file: 'tools/a.ts' } });
  });

  it('names the place where a file does not parse any more', async () => {
    await using project = await bundleProject(PROJECT);
    const { chunks, ...plan } = await project.plan();
    await project.write({ 'tools/b.ts': '\nexport default ;' });
    const bundler = createBundler(bundlerOptions(project));
    const chunk = chunks.chunks.get('tools/b');
    const bundled = chunk === undefined ? undefined : bundler.bundleChunk(chunk, { chunks, ...plan });
    await expect(bundled).rejects.toMatchObject({ code: 'SYNTAX_ERROR', file: 'tools/b.ts', line: 2, column: 16 });
  });

  it('fails where it cannot write', async () => {
    await using project = await bundleProject({ ...PROJECT, 'dist/server/modules': 'a file' });
    await expect(bundleAll(project)).rejects.toMatchObject({ code: expect.stringMatching(/EEXIST|ENOTDIR/) });
    await rm(join(project.directory, 'dist'), { recursive: true });
  });
});

describe('chunkInputs', () => {
  it('changes with the files of the chunk, with what its imports lead to, and with nothing else', async () => {
    await using project = await bundleProject(PROJECT);
    const before = await inputsOf(project, 'tools/b');
    expect(before).toMatchObject({
      files: { 'tools/b.ts': expect.stringMatching(/^sha256:/) },
      options: {
        minify: false,
        imports: [
          'tools/b.ts path node:path',
          'tools/b.ts ../lib/data.json ../lib/data.js',
          'tools/b.ts ../lib/shared.ts ../lib/shared.js',
        ],
      },
    });
    await project.write({ 'lib/shared.ts': 'export const shared = { count: 1 };' });
    expect(await inputsOf(project, 'tools/b')).toEqual(before);
    await project.write({ 'tools/a.ts': 'export default 1;' });
    expect(await inputsOf(project, 'tools/b')).not.toEqual(before);
  });
});

function bundlerOptions(project: BundleProject): BundlerOptions {
  const { directory, events } = project;
  const onEvent = (event: (typeof events)[number]) => events.push(event);
  return { directory, outDirectory: join(directory, 'dist/server'), minify: false, sourcemap: true, onEvent };
}

async function bundleAll(project: BundleProject, settings: Partial<BundlerOptions> = {}) {
  const { chunks, ...plan } = await project.plan();
  const bundler: Bundler = createBundler({ ...bundlerOptions(project), ...settings });
  return Promise.all([...chunks.chunks.values()].map((chunk) => bundler.bundleChunk(chunk, { chunks, ...plan })));
}

async function inputsOf(project: BundleProject, name: string) {
  const plan = await project.plan();
  const chunk = plan.chunks.chunks.get(name);
  return chunk === undefined ? undefined : chunkInputs(chunk, plan, createBundler(bundlerOptions(project)));
}

function readOutputs(directory: string): Record<string, string> {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = names.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(paths.map((path) => [path.slice(directory.length + 1), readFileSync(path, 'utf8')]));
}
