import { readdirSync, symlinkSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory, writeTree } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { removeUnpublished } from './remove-unpublished.ts';

const TREE = { 'main.js': '', 'notes.txt': '', 'own/a.js': '', 'modules/a.js': '', 'modules/x/b.js': '' };

async function server() {
  const directory = await temporaryDirectory();
  const path = join(directory.path, 'server');
  await mkdir(path);
  await writeTree(path, TREE);
  const list = (): readonly string[] =>
    readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
      .sort();
  return { path, list, outside: directory.path, [Symbol.asyncDispose]: () => directory.remove() };
}

describe('removeUnpublished', () => {
  it('removes what is known to be published, with the folders that it leaves empty', async () => {
    await using at = await server();
    const known = new Set(['main.js', 'modules/x/b.js', 'modules/gone.js', 'gone/too.js']);
    removeUnpublished(at.path, { known, wanted: new Set(['main.js']) });
    expect(at.list()).toEqual(['main.js', 'modules/a.js', 'notes.txt', 'own/a.js']);
    expect(readdirSync(join(at.path, 'modules'))).toEqual(['a.js']);
  });

  it('keeps to the folders of a server where nothing is known', async () => {
    await using at = await server();
    removeUnpublished(at.path, { known: undefined, wanted: new Set(['modules/a.js']) });
    expect(at.list()).toEqual(['main.js', 'modules/a.js', 'notes.txt', 'own/a.js']);
  });

  it.each([
    ['that the server is', 'link'],
    ['in the server', 'server/deps'],
  ])('never follows a link %s', async (_what, link) => {
    await using at = await server();
    await writeTree(at.outside, { 'theirs/a.js': '', 'theirs/modules/b.js': '' });
    symlinkSync(join(at.outside, 'theirs'), join(at.outside, link));
    const directory = link === 'link' ? join(at.outside, link) : at.path;
    removeUnpublished(directory, { known: new Set(['a.js', 'deps/a.js', 'modules/b.js']), wanted: new Set() });
    removeUnpublished(directory, { known: undefined, wanted: new Set() });
    expect(readdirSync(join(at.outside, 'theirs')).sort()).toEqual(['a.js', 'modules']);
    expect(readdirSync(join(at.outside, 'theirs/modules'))).toEqual(['b.js']);
  });
});
