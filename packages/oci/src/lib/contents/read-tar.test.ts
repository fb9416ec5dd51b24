import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { chmod, link, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryDirectory, writeTree } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { layerTar } from '../layer-tar.ts';
import { collectContent } from '../verify-content.ts';
import { fileSource, streamSource } from './byte-source.ts';
import { readTar } from './read-tar.ts';

const run = promisify(execFile);
const LONG = `${'directory/'.repeat(20)}${'name'.repeat(30)}`;

async function membersOf(archive: Buffer) {
  const members: string[][] = [];
  for await (const member of readTar(streamSource([archive]), 'the archive')) {
    const text = (await collectContent(member.content())).toString();
    const target = member.target === undefined ? [] : ([member.target] as const);
    members.push([member.path, member.kind, text, ...target]);
  }
  return members;
}

describe('readTar', () => {
  it('reads what layers are written as', async () => {
    const entries = [
      { kind: 'file', path: `app/${LONG}`, source: Buffer.from('long') },
      { kind: 'file', path: 'app/ünïcode', source: Buffer.from('text'), mode: 0o755 },
      { kind: 'symlink', path: 'app/link', target: 'main.js' },
    ] as const;
    const members = await membersOf(Buffer.concat([...layerTar(entries)]));
    expect(members.filter(([, kind]) => kind !== 'directory')).toEqual([
      [`app/${LONG}`, 'file', 'long'],
      ['app/link', 'symlink', '', 'main.js'],
      ['app/ünïcode', 'file', 'text'],
    ]);
  });

  it.each(['gnu', 'pax', 'ustar', 'v7', 'oldgnu'])('reads what tar writes as %s', async (format) => {
    await using directory = await temporaryDirectory();
    const root = join(directory.path, 'root');
    const long = format === 'gnu' || format === 'pax' || format === 'oldgnu' ? LONG : 'short';
    await writeTree(root, { 'a/file': 'content', [long]: 'long', 'a/tool': 'x'.repeat(1500) });
    await chmod(join(root, 'a/tool'), 0o755);
    await symlink('file', join(root, 'a/link'));
    await link(join(root, 'a/file'), join(root, 'b'));
    const file = join(directory.path, 'out.tar');
    await run('tar', ['--sort=name', `--format=${format}`, '-cf', file, '-C', root, '.']);
    const members = await membersOf(await readFile(file));
    const found = new Map(members.map(([path, ...rest]) => [path, rest]));
    expect(found.get('a')).toEqual(['directory', '']);
    expect(found.get('a/file')).toEqual(['file', 'content']);
    expect(found.get('a/link')).toEqual(['symlink', '', 'file']);
    expect(found.get('b')).toEqual(['hardlink', '', './a/file']);
    expect(found.get('a/tool')?.[1]).toHaveLength(1500);
    expect(found.get(long)).toEqual(['file', 'long']);
  });

  it('finds the same places in a file as in a stream', async () => {
    await using directory = await temporaryDirectory();
    await writeTree(directory.path, { 'root/a': 'x'.repeat(2000), 'root/b': 'y' });
    const file = join(directory.path, 'out.tar');
    await run('tar', ['-cf', file, '-C', join(directory.path, 'root'), '.']);
    const places = async (source: Parameters<typeof readTar>[0]) => {
      const found: unknown[] = [];
      for await (const { path, offset, size } of readTar(source, 'the archive')) found.push([path, offset, size]);
      return found;
    };
    await using seeking = await fileSource(file);
    expect(await places(seeking)).toEqual(await places(streamSource(createReadStream(file))));
  });

  it('skips content that nobody reads', async () => {
    const entries = ['a', 'b'].map((path) => ({ kind: 'file', path, source: Buffer.alloc(3000, path) }) as const);
    const paths: string[] = [];
    for await (const { path } of readTar(streamSource([...layerTar(entries)]), 'the archive')) paths.push(path);
    expect(paths).toEqual(['a', 'b']);
  });

  const archive = Buffer.concat([...layerTar([{ kind: 'file', path: 'a', source: Buffer.alloc(600, 'a') }])]);
  it.each([
    ['no tar at all', Buffer.alloc(1024, 'x'), 'it is no tar archive'],
    ['a header that was changed', Buffer.from(archive).fill('b', 0, 1), 'it is no tar archive'],
    ['half a header', archive.subarray(0, 100), 'ends within a header'],
    ['half a file', archive.subarray(0, 700), 'ends within "a"'],
  ])('refuses %s', async (_, bytes, problem) => {
    await expect(membersOf(bytes)).rejects.toMatchObject({
      code: 'DOCUMENT_INVALID',
      message: expect.stringContaining(problem),
    });
  });

  it('refuses an extended header that would fill memory', async () => {
    const head = Buffer.from(archive.subarray(0, 512));
    head.write('77777777777\0', 124, 'latin1');
    head.write('x', 156, 'latin1');
    head.write('        ', 148, 'latin1');
    const sum = head.reduce((total, byte) => total + byte, 0);
    head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    await expect(membersOf(head)).rejects.toMatchObject({ message: expect.stringContaining('more than 1 MiB') });
  });
});
