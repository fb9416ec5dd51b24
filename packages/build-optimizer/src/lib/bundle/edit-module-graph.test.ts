import { describe, expect, it } from 'vitest';
import { bundleProject, digestFile } from '../../../test/bundle-project.ts';
import { editModuleGraph } from './edit-module-graph.ts';

const FILES = {
  'tools/a.ts': "import { b } from '../lib/b.ts';\nexport default b;",
  'lib/b.ts': 'export const b: number = 1;\nexport const c = 2;',
};

describe('editModuleGraph', () => {
  it.each([
    ['tools/a.ts', "// new\nimport { b } from '../lib/b.ts';\nexport default () => b;"],
    ['lib/b.ts', 'export const c = 3;\nexport const b: number = 4;'],
  ])('gives what reading anew would, but for lines: %s', async (file, text) => {
    await using before = await bundleProject(FILES);
    await using after = await bundleProject({ ...FILES, [file]: text });
    const graph = { ...(await before.graph()), directory: (await after.graph()).directory };
    const edited = await editModuleGraph(graph, { files: [file], digestFile });
    const digests = (modules: typeof graph.modules) => Array.from(modules.values(), (module) => module.digest);
    expect(digests(edited?.modules ?? new Map())).toEqual(digests((await after.graph()).modules));
  });

  it.each([
    ['tools/a.ts', "import { c } from '../lib/b.ts';\nexport default c;"],
    ['tools/a.ts', 'export default 1;'],
    ['tools/a.ts', "import { b } from '../lib/b.ts';\nimport fs from 'node:fs';\nexport default [b, fs];"],
    ['tools/a.ts', "import { b } from '../lib/b.ts';\nexport default b;\nexport const more = 1;"],
    ['tools/a.ts', "import { b } from '../lib/b.ts';\nexport * from '../lib/b.ts';\nexport default b;"],
    ['tools/a.ts', "import { b } from '../lib/b.ts';\nexport default import(b);"],
    ['lib/b.ts', 'export const b: number = 1;'],
  ])('gives none where %s imports or exports something else: %s', async (file, text) => {
    await using before = await bundleProject(FILES);
    await using after = await bundleProject({ ...FILES, [file]: text });
    const graph = await before.graph();
    const { directory } = after;
    expect(await editModuleGraph({ ...graph, directory }, { files: [file], digestFile })).toBeUndefined();
  });

  it('gives none for a file that is not in it', async () => {
    await using project = await bundleProject({ ...FILES, 'lib/other.ts': '' });
    expect(await editModuleGraph(await project.graph(), { files: ['lib/other.ts'], digestFile })).toBeUndefined();
  });
});
