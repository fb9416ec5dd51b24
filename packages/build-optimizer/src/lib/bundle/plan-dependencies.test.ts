import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cp, mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ALIASES, type BundleProject, bundleProject, installed } from '../../../test/bundle-project.ts';
import { runNode } from '../../../test/run-node.ts';
import { createBundler } from './create-bundler.ts';
import { createPackageFinder } from './installed-package.ts';
import { traceExternals } from './trace-externals.ts';

describe('planDependencies', () => {
  it('joins the names that are imported of each module', async () => {
    await using project = await bundleProject({
      'tools/a.ts': "import { z } from 'zod';\nimport pg, { Pool } from 'pg';\nexport default [z, pg, Pool];",
      'tools/b.ts': "import { string, z } from 'zod';\nimport * as u from 'undici';\nexport default [string, z, u];",
      'tools/c.ts': "import { defineTool } from '@mcpgen/server';\nexport default defineTool({ handler: () => 1 });",
    });
    const { dependencies } = await project.plan();
    expect(dependencies.bundled.map(({ entry, names, specifier }) => [specifier, names, entry])).toEqual([
      ['@mcpgen/server', ['defineTool'], '@mcpgen/server.js'],
      ['pg', ['Pool', 'default'], 'pg.js'],
      ['undici', 'all', 'undici.js'],
      ['zod', ['string', 'z'], 'zod.js'],
    ]);
    expect(dependencies.external).toEqual([]);
    expect(dependencies.packages).toContainEqual(expect.stringMatching(/^pg-protocol@\d/));
  });

  it('leaves alone what cannot be bundled, also below another package', async () => {
    await using project = await bundleProject({
      'tools/a.ts': "import { crc32 } from '@node-rs/crc32';\nimport over from 'over';\nexport default [crc32, over];",
      ...installed('@node-rs/crc32', { 'index.js': '', 'crc32.linux-x64-gnu.node': '' }),
      ...installed('over', { 'index.js': "module.exports = require('below');" }),
      ...installed('below', { 'index.js': "exports.file = require('path').join(__dirname, 'a.txt');" }),
    });
    const { dependencies } = await project.plan();
    expect(dependencies.bundled.map(({ specifier }) => specifier)).toEqual(['over']);
    expect(dependencies.external.map(({ package: name, reason }) => [name, reason])).toEqual([
      ['@node-rs/crc32', 'it has a native addon (crc32.linux-x64-gnu.node)'],
      ['below', 'it looks for files beside its own (index.js uses __dirname)'],
    ]);
  });

  it('bundles a package whose unfit part is not used', async () => {
    await using project = await bundleProject({
      'tools/a.ts': "import { plain } from 'half';\nexport default plain;",
      ...installed(
        'half',
        {
          'index.js': "export { plain } from './plain.js';\nexport { placed } from './placed.js';",
          'plain.js': 'export const plain = 1;',
          'placed.js': 'export const placed = import.meta.url;',
        },
        { type: 'module', sideEffects: false },
      ),
    });
    expect((await project.plan()).dependencies.external).toEqual([]);
  });

  it('leaves a package alone that needs another version of an external one', async () => {
    await using project = await bundleProject({
      'tools/a.ts': "import native from 'native';\nimport old from 'old';\nexport default [native, old];",
      ...installed('native', { 'index.js': 'module.exports = 2;', 'binding.gyp': '' }, { version: '2.0.0' }),
      ...installed('old', { 'index.js': "module.exports = require('native');" }, { dependencies: { native: '1' } }),
      ...installed(
        'old/node_modules/native',
        { 'index.js': 'module.exports = 1;', 'binding.gyp': '' },
        { name: 'native' },
      ),
    });
    const { dependencies } = await project.plan();
    expect(dependencies.external.map(({ package: name, version }) => `${name}@${version}`)).toEqual([
      'native@2.0.0',
      'old@1.0.0',
    ]);
    expect(await run(project)).toBe('[2,1]');
  });

  it('does not load the bundler again as long as the packages are the same', async () => {
    await using project = await bundleProject(SMALL);
    const before = (await project.plan()).dependencies;
    const after = (await project.plan()).dependencies;
    expect(after).toEqual(before);
    expect(project.facts.entries.size).toBe(1);
  });

  it.each([
    ['a version', installed('small', { 'index.js': 'export const a = 3;' }, { version: '1.0.1', type: 'module' })],
    [
      'the version of a package below',
      installed('tiny', { 'index.js': 'export const b = 9;' }, { version: '2.0.0', type: 'module' }),
    ],
    ['the names that are imported', { 'tools/a.ts': "import { a, c } from 'small';\nexport default [a, c];" }],
    ['what was missing before', installed('optional', { 'index.js': '' })],
  ])('gives another digest after a change of %s', async (_, change) => {
    await using project = await bundleProject(SMALL);
    const before = (await project.plan()).dependencies;
    await project.write(change);
    expect((await project.plan()).dependencies.digest).not.toBe(before.digest);
  });

  it('keys a linked package by its content', async () => {
    await using project = await bundleProject({
      'tools/a.ts': "import { a } from 'linked';\nexport default a;",
      'workspace/linked/package.json': '{"name":"linked","version":"1.0.0","type":"module","main":"index.ts"}',
      'workspace/linked/index.ts': "export * from './part.ts';",
      'workspace/linked/part.ts': 'export const a: number = 1;',
      'node_modules/other/package.json': '{}',
    });
    await symlink('../workspace/linked', join(project.directory, 'node_modules/linked'));
    const before = (await project.plan()).dependencies;
    expect(await run(project)).toBe('1');
    await project.write({ 'workspace/linked/part.ts': 'export const a: number = 2;' });
    expect((await project.plan()).dependencies.digest).not.toBe(before.digest);
    expect(await run(project)).toBe('2');
  });

  it.each([
    [
      'a package that is not installed',
      "\nimport x from 'not-installed/sub';\nx();",
      {
        code: 'PACKAGE_NOT_FOUND',
        message: 'Cannot resolve package "not-installed" imported by tools/a.ts:2:15: it is not installed',
        hint: 'Add "not-installed" to the dependencies in package.json and install.',
      },
    ],
    [
      'a module that a package does not export',
      "import x from 'small/hidden';\nx();",
      { code: 'IMPORT_NOT_FOUND', file: 'tools/a.ts', line: 1, column: 15 },
    ],
    [
      'a name that a package does not export',
      "import { a } from 'small';\na;\n\nexport { gone } from 'small';",
      {
        code: 'EXPORT_NOT_FOUND',
        message: 'Cannot import "gone" from "small" in tools/a.ts:4:22: it has no such export',
      },
    ],
  ])('names the place of %s', async (_, code, expected) => {
    await using project = await bundleProject({ ...SMALL, 'tools/a.ts': code });
    await expect(project.plan()).rejects.toMatchObject({ name: 'BundleError', ...expected });
  });
});

describe('bundleDependencies', () => {
  it.each([
    ['names of an ES module', "import { z, string } from 'zod';", 'z.object({ a: string() }).parse({ a: "x", b: 1 })'],
    ['a namespace', "import * as z from 'zod';", '[z.string().parse("x"), typeof z.default]'],
    [
      'names and default of a wrapped package',
      "import pg, { Pool } from 'pg';",
      '[pg.Pool === Pool, Pool.name, pg.types.getTypeParser(23)("42")]',
    ],
    [
      'names of CommonJS',
      "import { MockAgent, errors } from 'undici';",
      '[MockAgent.name, Object.keys(errors).length]',
    ],
    ['default of CommonJS', "import undici from 'undici';", '[typeof undici, typeof undici.Agent]'],
    ['a namespace of CommonJS', "import * as undici from 'undici';", 'Object.keys(undici).sort()'],
    ['a module that is imported lazily', '', '[(await import("cjs-module-lexer")).parse("exports.a = 1").exports]'],
    [
      'default of CommonJS with __esModule',
      "import flagged from 'flagged';",
      '[Object.keys(flagged).sort(), flagged.default]',
    ],
    ['all of CommonJS with __esModule', "import * as flagged from 'flagged';", '[Object.keys(flagged).sort()]'],
    ['a getter that throws', "import { bad, fine } from 'throwing';", '[fine, typeof bad]'],
    ['builtins by require', "import cjs from 'requires';", 'cjs()'],
    ['JSON', "import data from 'flagged/data.json' with { type: 'json' };", 'data'],
    ['a module for its effect', "import 'effect';", 'globalThis.effect'],
    ['what is exported again', "export { a as again } from 'dual';", '1'],
    ['the module that Node means', "import { a } from 'dual';", 'a'],
    ['CommonJS that a package imports lazily', "import { lazy } from 'lazy';", 'await lazy()'],
    ['an optional package that is not there', "import optional from 'optional-user';", 'optional'],
    ['a native addon', "import { crc32 } from '@node-rs/crc32';", 'crc32("abc")'],
    ['a package with worker files', "import pino from 'pino';", 'typeof pino({ level: "silent" }).info'],
  ])('gives what the source gives: %s', async (_, imports, expression) => {
    await using project = await bundleProject({
      'tools/a.ts': `${imports}\nexport default (${expression});`,
      ...FORMS,
    });
    await linkPackages(project.directory, ['@node-rs/crc32', 'cjs-module-lexer', 'pg', 'pino', 'undici', 'zod']);
    const source = await runNode(project.directory, SHOW('./tools/a.ts'));
    expect(await run(project)).toBe(source);
  });

  it('traces packages through a node_modules that is a symbolic link', async () => {
    await using project = await bundleProject({
      'tools/a.ts':
        "import { crc32 } from '@node-rs/crc32';\nimport pino from 'pino';\nexport default [crc32('abc'), typeof pino];",
    });
    expect(await run(project)).toBe('[891568578,"function"]');
  });

  it('fails where nothing of an external package can be found', async () => {
    await using project = await bundleProject({
      'tools/a.ts': "import 'broken';",
      ...installed('broken', { 'binding.gyp': '' }, { main: 'not-built.js' }),
    });
    await expect(run(project)).rejects.toMatchObject({
      code: 'PACKAGE_UNREADABLE',
      message: 'Cannot trace "broken": none of its modules was found',
    });
  });

  it('writes the same bytes wherever packages are installed, and none of that', async () => {
    const tree = {
      'tools/a.ts': "import { z } from 'zod';\nimport pg from 'pg';\nexport default [z, pg];",
      'tools/b.ts':
        "import * as undici from 'undici';\nimport { parse } from 'cjs-module-lexer';\nexport default [undici, parse];",
    };
    await using linked = await bundleProject(tree);
    await using flat = await bundleProject({ ...tree, 'node_modules/.keep': '' }, { below: 'other/place' });
    await copyPackages(flat.directory, ['cjs-module-lexer', 'pg', 'undici', 'zod']);
    const [first, second] = [await bundleDependencies(linked), await bundleDependencies(flat)];
    expect(digests(second)).toEqual(digests(first));
    const text = Object.values(first).join('\n');
    const leaks = [linked.directory, '/node_modules', '.pnpm', HERE].filter((leak) => text.includes(leak));
    expect(leaks).toEqual([]);
  });

  it('writes the same bytes from the plan as from the planning', async () => {
    await using project = await bundleProject({
      'tools/a.ts': "import { z } from 'zod/mini';\nimport { Pool } from 'pg';\nexport default [z, Pool];",
      'tools/b.ts': "import { z } from 'zod';\nexport default z;",
    });
    const prepared = await bundleDependencies(project);
    expect(Object.keys(prepared).some((name) => name.startsWith('deps/_/'))).toBe(true);
    expect(digests(await bundleDependencies(project))).toEqual(digests(prepared));
  });
});

const SMALL = {
  'tools/a.ts': "import { a } from 'small';\nexport default a;",
  ...installed(
    'small',
    {
      'index.js':
        "import { b } from 'tiny';\nexport const a = b;\nexport const c = 1;\nimport('optional').catch(() => {});",
      'hidden.js': '',
    },
    { type: 'module', exports: './index.js' },
  ),
  ...installed('tiny', { 'index.js': 'export const b = 2;' }, { type: 'module' }),
};

const FORMS = {
  ...installed('flagged', {
    'index.js':
      'Object.defineProperty(exports, "__esModule", { value: true }); exports.default = 1; exports.named = 2;',
    'data.json': '{"a":[1]}',
  }),
  ...installed('throwing', {
    'index.js':
      'exports.fine = 1; exports.bad = 0; Object.defineProperty(exports, "bad", { get() { throw new Error("no"); } });',
  }),
  ...installed('requires', {
    'index.js': 'module.exports = () => [require("fs").existsSync("/"), require(["o", "s"].join("")).EOL];',
  }),
  ...installed(
    'lazy',
    {
      'index.js':
        'export const lazy = async () => [(await import("flagged")).named, Object.keys(await import("requires"))];',
    },
    { type: 'module' },
  ),
  ...installed('effect', { 'index.js': 'globalThis.effect = 42;' }),
  ...installed(
    'dual',
    { 'a.mjs': 'export const a = "import";', 'a.cjs': 'exports.a = "require";', 'm.js': 'export const a = "module";' },
    { exports: { '.': { module: './m.js', import: './a.mjs', require: './a.cjs' } } },
  ),
  ...installed('optional-user', {
    'index.js': 'try { module.exports = require("not-there"); } catch (error) { module.exports = error.code; }',
  }),
};

const SHOW = (path: string) => `console.log(JSON.stringify((await import(${JSON.stringify(path)})).default))`;

/** Builds the project, with its external packages, and shows the default export of its tool. */
async function run(project: BundleProject): Promise<string> {
  const { chunks, ...plan } = await project.plan();
  const outDirectory = join(project.directory, 'dist/server');
  const bundler = createBundler({ directory: project.directory, outDirectory, minify: false, sourcemap: false });
  await Promise.all([...chunks.chunks.values()].map((chunk) => bundler.bundleChunk(chunk, { chunks, ...plan })));
  await bundler.bundleDependencies(plan.dependencies);
  const { directory } = project;
  for (const { path, source } of await traceExternals({ directory, packages: plan.dependencies.external })) {
    await mkdir(dirname(join(outDirectory, path)), { recursive: true });
    await cp(source, join(outDirectory, path));
  }
  // Away from the project's own node_modules.
  await using elsewhere = await bundleProject({});
  await cp(outDirectory, join(elsewhere.directory, 'server'), { recursive: true });
  return await runNode(join(elsewhere.directory, 'server'), SHOW('./modules/tools/a.js'));
}

async function bundleDependencies(project: BundleProject): Promise<Record<string, string>> {
  const { dependencies } = await project.plan();
  const outDirectory = join(project.directory, 'dist/server');
  const bundler = createBundler({
    directory: project.directory,
    outDirectory,
    minify: false,
    sourcemap: false,
    aliases: ALIASES,
  });
  const { files } = await bundler.bundleDependencies(dependencies);
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(outDirectory, file), 'utf8')]));
}

/** Short enough to be printed where they differ. */
function digests(files: Readonly<Record<string, string>>): string[] {
  return Object.entries(files).map(([file, text]) => `${file} ${hash('sha256', text)}`);
}

const HERE = fileURLToPath(new URL('../../..', import.meta.url));

/** Installs packages as pnpm does: by symbolic links. */
async function linkPackages(directory: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const place = join(directory, 'node_modules', name);
    await mkdir(dirname(place), { recursive: true });
    await symlink(join(HERE, 'node_modules', name), place);
  }
}

/** Installs packages as npm does: copies of them and of all below them, side by side. */
async function copyPackages(directory: string, names: readonly string[]): Promise<void> {
  const packages = createPackageFinder();
  const found = new Set(names.flatMap((name) => packages.find(name, HERE) ?? []));
  for (const { directory: source, manifest } of found) {
    await cp(source, join(directory, 'node_modules', manifest.name), { recursive: true });
    for (const name of [...manifest.dependencies, ...manifest.optionalDependencies]) {
      const dependency = packages.find(name, source);
      if (dependency !== undefined) found.add(dependency);
    }
  }
}
