import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from './temporary-directory.ts';
import { writeTree } from './write-tree.ts';

describe('writeTree', () => {
  it('writes text, bytes and empty directories', async () => {
    await using directory = await temporaryDirectory();
    await writeTree(directory.path, { 'a/b/c.txt': 'text', 'raw.bin': new Uint8Array([0, 255]), empty: null });
    expect(await readFile(join(directory.path, 'a/b/c.txt'), 'utf8')).toBe('text');
    expect([...(await readFile(join(directory.path, 'raw.bin')))]).toEqual([0, 255]);
    expect((await stat(join(directory.path, 'empty'))).isDirectory()).toBe(true);
  });

  it('keeps files that the tree does not name', async () => {
    await using directory = await temporaryDirectory();
    await writeTree(directory.path, { a: '1', b: '1' });
    await writeTree(directory.path, { b: '2' });
    expect(await readFile(join(directory.path, 'a'), 'utf8')).toBe('1');
    expect(await readFile(join(directory.path, 'b'), 'utf8')).toBe('2');
  });

  it.each(['../out', '/etc/out', 'a/../../out'])('refuses the path %s', async (path) => {
    await using directory = await temporaryDirectory();
    await expect(writeTree(directory.path, { [path]: '' })).rejects.toThrow(RangeError);
  });
});
