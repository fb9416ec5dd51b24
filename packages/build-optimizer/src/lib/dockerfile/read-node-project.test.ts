import { join } from 'node:path';
import { temporaryDirectory, writeTree } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { readNodeProject } from './read-node-project.ts';

async function readTree(tree: Readonly<Record<string, string | null>>, folder = '.') {
  await using directory = await temporaryDirectory();
  await writeTree(directory.path, tree);
  return readNodeProject(join(directory.path, folder));
}

describe('readNodeProject', () => {
  it.each([
    [{ 'package-lock.json': '' }, {}, 'npm', undefined],
    [{ 'pnpm-lock.yaml': '' }, { packageManager: 'pnpm@10.4.1+sha512.ab' }, 'pnpm', '10.4.1'],
    [{ 'yarn.lock': '# yarn lockfile v1\n' }, {}, 'yarn', undefined],
    [{ 'yarn.lock': '__metadata:\n  version: 8\n' }, {}, 'yarn-berry', undefined],
    [{ 'yarn.lock': '' }, { packageManager: 'yarn@4.1.0' }, 'yarn-berry', '4.1.0'],
    [{ 'bun.lock': '' }, {}, 'bun', undefined],
    [{ 'package-lock.json': '', 'pnpm-lock.yaml': '' }, { packageManager: 'npm@11.0.0' }, 'npm', '11.0.0'],
    [{}, {}, 'npm', undefined],
    [{}, { packageManager: 'pnpm@9.1.0; rm -rf /' }, 'pnpm', '9.1.0'],
  ])('tells the package manager by %j and %j', async (files, manifest, manager, version) => {
    const { install } = await readTree({ ...files, 'package.json': JSON.stringify(manifest) });
    expect(install).toMatchObject({ manager, locked: Object.keys(files).length > 0 });
    expect(install.version).toBe(version);
  });

  it('names what an installation reads: local packages, patches, settings', async () => {
    const dependencies = { a: 'file:./vendor/a.tgz', b: 'file:local/b', c: 'file:../c', d: '^1.0.0', e: 'file:gone' };
    const project = await readTree({
      'package.json': JSON.stringify({ name: 'demo', dependencies, scripts: { prepare: 'husky' } }),
      'pnpm-lock.yaml': '',
      'pnpm-workspace.yaml': '',
      '.npmrc': '',
      'vendor/a.tgz': '',
      'local/b/package.json': '{}',
      'patches/d.patch': '',
    });
    expect(project.install).toEqual({
      manager: 'pnpm',
      files: ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'patches/', 'vendor/a.tgz', 'local/b/'],
      locked: true,
      npmrc: true,
      prepare: true,
    });
  });

  it.each([
    [{ scripts: { start: 'NODE_ENV=production node --enable-source-maps ./dist/index.js' } }, 'dist/index.js'],
    [{ scripts: { start: 'next start' }, main: './lib/a.js' }, 'lib/a.js'],
    [{ bin: { a: 'cli.js' } }, 'cli.js'],
    [{ scripts: { start: 'nodemon x.js' } }, undefined],
    [{ main: 5, bin: [], scripts: 'x' }, undefined],
  ])('finds what %j starts', async (manifest, main) => {
    expect((await readTree({ 'package.json': JSON.stringify(manifest) })).main).toBe(main);
  });

  it('knows a package of a workspace, which has no lockfile of its own', async () => {
    const tree = { 'package.json': '{"workspaces":["a"]}', 'package-lock.json': '', 'a/package.json': '{}' };
    expect((await readTree(tree, 'a')).workspace).toBeDefined();
    expect((await readTree({ ...tree, 'package.json': '{}' }, 'a')).workspace).toBeUndefined();
  });

  it.each([
    [{}, 'there is no such file'],
    [{ 'package.json': null }, 'it is no file that can be read'],
    [{ 'package.json': '{' }, 'it is not JSON'],
    [{ 'package.json': '[]' }, 'it is not an object'],
  ])('says what is wrong with %j', async (tree, state) => {
    await expect(readTree(tree)).rejects.toMatchObject({
      code: 'DOCKERFILE_PROJECT_UNREADABLE',
      message: expect.stringContaining(state),
    });
  });
});
