import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundleProject, installed } from '../../../test/bundle-project.ts';
import { runBuilt } from '../../../test/run-built.ts';

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

  it.each([
    ['another version of a package below', installed('below', { 'index.js': '' }, { version: '1.0.1' })],
    ['another version further below', installed('deep', { 'index.js': '' }, { version: '1.0.1' })],
    ['a part for another platform', installed('native-musl', { 'index.js': '' })],
  ])('sees under a package that it leaves alone %s', async (_, tree) => {
    await using project = await bundleProject({
      'tools/a.ts': "import native from 'native';\nexport default native;",
      ...installed(
        'native',
        { 'index.js': "module.exports = require('below');", 'binding.gyp': '' },
        { dependencies: { below: '1' }, optionalDependencies: { 'native-musl': '1' } },
      ),
      ...installed('below', { 'index.js': "module.exports = require('deep');" }, { dependencies: { deep: '1' } }),
      ...installed('deep', { 'index.js': 'module.exports = 1;' }, { peerDependencies: { native: '1' } }),
    });
    const before = (await project.plan()).dependencies;
    expect((await project.plan()).dependencies.code).toBe(before.code);
    await project.write(tree);
    const { code, digest, external } = (await project.plan()).dependencies;
    expect(code).not.toBe(before.code);
    expect({ digest, external }).toEqual({ digest: before.digest, external: before.external });
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
    expect(await runBuilt(project)).toBe('[2,1]');
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
    expect(await runBuilt(project)).toBe('1');
    await project.write({ 'workspace/linked/part.ts': 'export const a: number = 2;' });
    expect((await project.plan()).dependencies.digest).not.toBe(before.digest);
    expect(await runBuilt(project)).toBe('2');
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
