import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cp, mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ALIASES, type BundleProject, bundleProject, installed } from '../../../test/bundle-project.ts';
import { runBuilt, showDefault } from '../../../test/run-built.ts';
import { runNode } from '../../../test/run-node.ts';
import { createBundler } from './create-bundler.ts';
import { createPackageFinder } from './installed-package.ts';

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
    const source = await runNode(project.directory, showDefault('./tools/a.ts'));
    expect(await runBuilt(project)).toBe(source);
  });

  it('traces packages through a node_modules that is a symbolic link', async () => {
    await using project = await bundleProject({
      'tools/a.ts':
        "import { crc32 } from '@node-rs/crc32';\nimport pino from 'pino';\nexport default [crc32('abc'), typeof pino];",
    });
    expect(await runBuilt(project)).toBe('[891568578,"function"]');
  });

  it('fails where nothing of an external package can be found', async () => {
    await using project = await bundleProject({
      'tools/a.ts': "import 'broken';",
      ...installed('broken', { 'binding.gyp': '' }, { main: 'not-built.js' }),
    });
    await expect(runBuilt(project)).rejects.toMatchObject({
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
