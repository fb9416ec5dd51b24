import { temporaryDirectory, writeTree } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { readWorkspace } from './read-workspace.ts';

const FOLDERS = ['', 'packages/a', 'packages/a/deep', 'packages/b', 'apps/web', 'test/fixture', 'packages/none'];

const SHAPES: readonly (readonly [string, Readonly<Record<string, string>>, readonly string[]])[] = [
  ['one package', { 'package.json': '{}' }, ['']],
  ['names', { 'package.json': '{"workspaces":["./packages/a/","apps/web"]}' }, ['', 'packages/a', 'apps/web']],
  ['a star', { 'package.json': '{"workspaces":["packages/*"]}' }, ['', 'packages/a', 'packages/b']],
  [
    'stars for folders',
    { 'package.json': '{"workspaces":["packages/**"]}' },
    ['', 'packages/a', 'packages/a/deep', 'packages/b'],
  ],
  ['stars before', { 'package.json': '{"workspaces":["**/deep"]}' }, ['', 'packages/a/deep']],
  ['braces', { 'package.json': '{"workspaces":["{packages,apps}/{a,web}"]}' }, ['', 'packages/a', 'apps/web']],
  ['exceptions', { 'package.json': '{"workspaces":["packages/*","!packages/b"]}' }, ['', 'packages/a']],
  ["Yarn's older form", { 'package.json': '{"workspaces":{"packages":["apps/w?b"]}}' }, ['', 'apps/web']],
  ['letters of patterns', { 'package.json': '{"workspaces":["(", "[", "packages/{a", "a+"]}' }, ['']],
  ['a damaged package.json', { 'package.json': '{' }, ['']],
  [
    'pnpm',
    { 'package.json': '{}', 'pnpm-workspace.yaml': '' },
    ['', 'packages/a', 'packages/a/deep', 'packages/b', 'apps/web', 'test/fixture'],
  ],
];

describe('readWorkspace', () => {
  it.each(SHAPES)('knows the folders of %s', async (_, files, expected) => {
    await using directory = await temporaryDirectory();
    const packages = FOLDERS.filter((folder) => folder !== '' && folder !== 'packages/none');
    await writeTree(directory.path, {
      ...Object.fromEntries(packages.map((folder) => [`${folder}/package.json`, '{}'])),
      ...files,
    });
    expect(FOLDERS.filter(readWorkspace(directory.path))).toEqual(expected);
  });
});
