import { describe, expect, it } from 'vitest';
import { bundleProject, digestFile } from '../../../test/bundle-project.ts';
import { readModuleGraph } from './read-module-graph.ts';

describe('readModuleGraph', () => {
  it('reads what a file imports, without what only types need', async () => {
    await using project = await bundleProject({
      'tools/a.ts': [
        "import { type Shape, shape as make } from '../lib/shape.ts';",
        "import type { Other } from './missing.ts';",
        "import { Unused } from '../lib/unused.ts';",
        "import def, * as all from 'pkg/sub';",
        "import fs from 'fs';",
        "export { z } from 'zod';",
        'const shape: Shape = make();',
        "export default async () => [shape, def, all, fs, await import('../lib/lazy.ts')];",
      ].join('\n'),
      'lib/shape.ts': 'export interface Shape {}\nexport const shape = (): Shape => ({});',
      'lib/unused.ts': 'export interface Unused {}',
      'lib/lazy.ts': '',
    });
    const { modules } = await project.graph();
    expect([...modules.keys()]).toEqual(['lib/lazy.ts', 'lib/shape.ts', 'tools/a.ts']);
    const seen = modules.get('tools/a.ts')?.imports.map(({ column, kind, line, names, target }) => {
      return [`${line}:${column}`, kind, names, target];
    });
    expect(seen).toEqual([
      ['1:43', 'static', ['shape'], { kind: 'file', file: 'lib/shape.ts' }],
      ['4:27', 'static', 'all', { kind: 'package', name: 'pkg' }],
      ['5:16', 'static', ['default'], { kind: 'builtin', name: 'node:fs' }],
      ['6:19', 'static', ['z'], { kind: 'package', name: 'zod' }],
      ['8:63', 'dynamic', 'all', { kind: 'file', file: 'lib/lazy.ts' }],
    ]);
  });

  it('follows re-exports, tsx, JSON and what a file requires', async () => {
    await using project = await bundleProject({
      'tools/a.ts':
        "export * from '../lib/b.js';\nimport data from '../data.json' with { type: 'json' };\nexport default data;",
      'lib/b.ts': "export const c = require('./c.ts'); // require('./no.ts')",
      'lib/c.ts': 'export const c = 1;',
      'data.json': '{"a":1}',
      'tsconfig.json': '{"compilerOptions":{"jsx":"react","jsxFactory":"h"}}',
      'tools/view.tsx': "import { h } from '../lib/h.ts';\nexport default () => <p/>;",
      'lib/h.ts': 'export const h = (name: string) => name;',
    });
    const { modules } = await project.graph();
    expect([...modules.keys()]).toEqual([
      'data.json',
      'lib/b.ts',
      'lib/c.ts',
      'lib/h.ts',
      'tools/a.ts',
      'tools/view.tsx',
    ]);
    expect(modules.get('lib/b.ts')?.imports).toMatchObject([{ specifier: './c.ts', kind: 'require' }]);
  });

  it('names the folders in which another file could be what an import leads to', async () => {
    await using project = await bundleProject({
      'tools/a.ts': "import '../lib/b';\nimport '~/c';\nimport 'node:fs';",
      'lib/b/index.ts': '',
      'late/c.ts': '',
      'tsconfig.json': '{"compilerOptions":{"paths":{"~/*":["./early/*.ts","./late/*.ts"]}}}',
    });
    const { directory, folders } = await project.graph();
    expect(folders).toEqual(
      expect.arrayContaining(['early', 'late', 'lib', 'lib/b', 'tools'].map((name) => `${directory}/${name}`)),
    );
  });

  it.each([
    ['./x.ts', 'tools/x.ts'],
    ['./x.js', 'tools/x.ts'],
    ['./x', 'tools/x.ts'],
    ['./y.js', 'tools/y.tsx'],
    ['./m.mjs', 'tools/m.mts'],
    ['./only.js', 'tools/only.js'],
    ['./dir', 'tools/dir/index.ts'],
    ['./dir/', 'tools/dir/index.ts'],
    ['.', 'tools/index.ts'],
    ['./dotted.name', 'tools/dotted.name.ts'],
    ['~/x', 'tools/x.ts'],
    ['#x', 'tools/x.ts'],
  ])('resolves "%s" as TypeScript does', async (specifier, file) => {
    await using project = await bundleProject({
      'tools/main.ts': `import ${JSON.stringify(specifier)};`,
      'package.json': '{"type":"module","imports":{"#x":"./tools/x.ts"}}',
      'tsconfig.json': '{"extends":"./base.json"}',
      'base.json': '{"compilerOptions":{"paths":{"~/*":["./tools/*"]}}}',
      'tools/x.ts': '',
      'tools/x.js': '',
      'tools/y.tsx': '',
      'tools/m.mts': '',
      'tools/only.js': '',
      'tools/dir/index.ts': '',
      'tools/index.ts': '',
      'tools/dotted.name.ts': '',
    });
    const { configFiles, directory, modules } = await project.graph(['tools/main.ts']);
    expect(modules.get('tools/main.ts')?.imports[0]?.target).toEqual({ kind: 'file', file });
    expect(configFiles).toEqual(['package.json', 'base.json', 'tsconfig.json'].map((name) => `${directory}/${name}`));
  });

  it('parses a file once for each content, and none where nothing changed', async () => {
    await using project = await bundleProject({ 'tools/a.ts': "import '../lib/b.ts';", 'lib/b.ts': '' });
    await project.graph();
    await project.graph();
    expect(project.events).toEqual([
      { type: 'scanned', files: ['tools/a.ts'] },
      { type: 'scanned', files: ['lib/b.ts'] },
    ]);
    await project.write({ 'lib/b.ts': 'export {};' });
    await project.graph();
    expect(project.events.at(-1)).toEqual({ type: 'scanned', files: ['lib/b.ts'] });
    await project.write({ 'tsconfig.json': '{"compilerOptions":{"verbatimModuleSyntax":true}}' });
    await project.graph();
    expect(project.events.slice(3)).toHaveLength(2);
  });

  it('does not remember what was edited while it was read', async () => {
    await using project = await bundleProject({ 'tools/a.ts': '' });
    let calls = 0;
    const { directory, scans } = project;
    const digest = () => `sha256:${calls++}` as const;
    await readModuleGraph({ directory, entries: ['tools/a.ts'], digestFile: digest, remember: scans });
    expect(scans.entries.size).toBe(0);
  });

  it('stops when it is aborted', async () => {
    await using project = await bundleProject({ 'tools/a.ts': '' });
    const { directory, scans } = project;
    const signal = AbortSignal.abort(new Error('stopped'));
    const graph = readModuleGraph({ directory, entries: ['tools/a.ts'], digestFile, remember: scans, signal });
    await expect(graph).rejects.toThrow('stopped');
  });

  it('warns of what the build cannot follow', async () => {
    await using project = await bundleProject({
      'tools/a.ts': [
        'export default (name: string) => import(name);',
        "export const page = new URL('./page.html', import.meta.url);",
        'export const here = import.meta.dirname;',
      ].join('\n'),
    });
    await project.graph();
    expect(project.events.filter(({ type }) => type === 'warning')).toMatchObject([
      { file: 'tools/a.ts', line: 1, message: expect.stringMatching(/^A computed import/) },
      { file: 'tools/a.ts', line: 2, message: expect.stringMatching(/^A file named by new URL/) },
      { file: 'tools/a.ts', line: 3, message: expect.stringMatching(/import\.meta\.dirname/) },
    ]);
  });
});

describe('readModuleGraph, given what is wrong', () => {
  it.each([
    [
      'a missing file',
      { 'tools/x.ts': "\n\nimport db from '../connectors/db.ts';\nexport default db;" },
      {
        code: 'IMPORT_NOT_FOUND',
        message: 'Cannot resolve "../connectors/db.ts" imported by tools/x.ts:3:16',
        file: 'tools/x.ts',
        line: 3,
        column: 16,
        hint: 'Create that file, or correct the path: it is relative to the file that imports it.',
      },
    ],
    [
      'another case',
      { 'tools/x.ts': "import '../lib/DB.ts';", 'lib/db.ts': '' },
      { code: 'IMPORT_NOT_FOUND', hint: 'Did you mean "../lib/db.ts"?' },
    ],
    [
      'a syntax error',
      { 'tools/x.ts': 'export default {\n  a: 1,\n  b: ;\n};' },
      { code: 'SYNTAX_ERROR', message: 'Cannot parse "tools/x.ts:3:6": Unexpected ";"', line: 3, column: 6 },
    ],
    [
      'an export that is not there',
      {
        'tools/x.ts': "import { a,\n b } from '../lib/y.ts';\nexport default [a, b];",
        'lib/y.ts': 'export const a = 1;',
      },
      {
        code: 'EXPORT_NOT_FOUND',
        message: 'Cannot import "b" from "lib/y.ts" in tools/x.ts:2:11: it has no such export',
      },
    ],
    [
      'a computed path to the author’s own files',
      { 'tools/x.ts': `export default (n: string) => import(\`./parts/\${n}.ts\`);` },
      { code: 'IMPORT_UNSUPPORTED', line: 1, column: 38 },
    ],
    [
      'a computed path, added up',
      { 'tools/x.ts': `export default (n: string) => import('./parts/' + n);` },
      { code: 'IMPORT_UNSUPPORTED', line: 1, column: 38 },
    ],
    ['a URL', { 'tools/x.ts': "import 'https://example.org/x.js';" }, { code: 'IMPORT_UNSUPPORTED', line: 1 }],
    [
      'a file that is neither code nor JSON',
      { 'tools/x.ts': "import text from '../data.txt';\nexport default text;", 'data.txt': '' },
      {
        code: 'IMPORT_UNSUPPORTED',
        message: 'Cannot import "../data.txt" in tools/x.ts:1:18: a server is built from code and JSON only',
        hint: 'Put what it holds into a file that ends in .ts, .tsx, .mts, .js, .mjs, .json: a text can be its default export.',
      },
    ],
    [
      'a module of CommonJS by name',
      { 'tools/x.ts': "import y from './y.cjs';\nexport default y;", 'tools/y.cjs': '' },
      { code: 'IMPORT_UNSUPPORTED', line: 1 },
    ],
    [
      'an entry of imports that is neither code nor JSON',
      {
        'tools/x.ts': "import text from '#text';\nexport default text;",
        'data.txt': '',
        'package.json': '{"imports":{"#text":"./data.txt"}}',
      },
      { code: 'IMPORT_UNSUPPORTED', line: 1 },
    ],
    ['a missing entry of imports', { 'tools/x.ts': "import '#db';" }, { code: 'IMPORT_NOT_FOUND', line: 1, column: 8 }],
    [
      'a tsconfig.json that extends nothing',
      { 'tools/x.ts': '', 'tsconfig.json': '{"extends":"./no.json"}' },
      { code: 'TSCONFIG_INVALID' },
    ],
  ])('names the place of %s', async (_, tree, expected) => {
    await using project = await bundleProject(tree);
    await expect(project.graph(['tools/x.ts'])).rejects.toMatchObject({ name: 'BundleError', ...expected });
  });

  it('names an entry that is not there', async () => {
    await using project = await bundleProject({});
    await expect(project.graph(['tools/x.ts'])).rejects.toMatchObject({ code: 'ENTRY_NOT_FOUND', file: 'tools/x.ts' });
  });

  it.each([
    ['through export *', { 'lib/y.ts': "export * from './z.ts';", 'lib/z.ts': 'export const b = 1;' }],
    ['through export * of a package', { 'lib/y.ts': "export * from 'pkg';" }],
    [
      'through a cycle of export *',
      { 'lib/y.ts': "export * from './z.ts';", 'lib/z.ts': "export * from './y.ts'; export const b = 1;" },
    ],
    ['in CommonJS', { 'lib/y.js': 'module.exports = { b: 1 };' }],
  ])('accepts an export that is there %s', async (_, tree) => {
    await using project = await bundleProject({ 'tools/x.ts': "import { b } from '../lib/y.js';\nb();", ...tree });
    await expect(project.graph()).resolves.toBeDefined();
  });
});
