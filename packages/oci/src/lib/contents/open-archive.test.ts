import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { temporaryDirectory, writeTree } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { writeTestImage } from '../../../test/test-image.ts';
import { writeImageArchive } from '../image-archive.ts';
import { createLayout } from '../layout.ts';
import { memoryStore } from '../memory-store.ts';
import { assembleReferrer, writeReferrer } from '../referrers/assemble-referrer.ts';
import { validateImage } from '../validate-image.ts';
import { openArchive } from './open-archive.ts';

const run = promisify(execFile);

describe('openArchive', () => {
  it('reads what writeImageArchive wrote', async () => {
    await using directory = await temporaryDirectory();
    const store = memoryStore();
    const { descriptor } = await writeTestImage(store);
    const file = join(directory.path, 'image.tar');
    await writeImageArchive(store, descriptor, { file, references: ['example/app:1.0'] });
    const archive = await openArchive(file);
    const found = await archive.resolve('1.0');
    expect(found.digest).toBe(descriptor.digest);
    expect(await validateImage(archive, found)).toEqual([]);
    await expect(archive.resolve('2.0')).rejects.toMatchObject({ code: 'TAG_NOT_FOUND', hint: 'It has "1.0".' });
  });

  it('reads a layout that tar packed, with its referrers', async () => {
    await using directory = await temporaryDirectory();
    const layout = await createLayout(join(directory.path, 'layout'));
    const { descriptor } = await writeTestImage(layout, { tags: ['latest'] });
    const sbom = assembleReferrer({ subject: descriptor, mediaType: 'text/x', content: Buffer.from('{}') });
    await writeReferrer(layout, sbom);
    const file = join(directory.path, 'image.tar');
    await run('tar', ['-cf', file, '-C', layout.directory, '.']);
    const archive = await openArchive(file);
    expect(await archive.referrers(descriptor.digest)).toEqual([sbom.descriptor]);
    expect(await validateImage(archive, await archive.resolve('latest'))).toEqual([]);
  });

  it.each([
    ['is not there', undefined, 'there is no such file'],
    ['is no tar', Buffer.alloc(2048, 'x'), 'it is no tar archive'],
    ['is empty', Buffer.alloc(0), 'it has no "index.json"'],
    ['is compressed', gzipSync('x'), 'it is compressed'],
  ])('refuses a file that %s', async (_, bytes, problem) => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'image.tar');
    if (bytes !== undefined) await writeFile(file, bytes);
    await expect(openArchive(file)).rejects.toMatchObject({
      code: 'ARCHIVE_INVALID',
      message: expect.stringContaining(problem),
    });
  });

  it('refuses what Docker wrote before version 25, and an archive that was cut', async () => {
    await using directory = await temporaryDirectory();
    await writeTree(join(directory.path, 'old'), { 'manifest.json': '[]' });
    const old = join(directory.path, 'old.tar');
    await run('tar', ['-cf', old, '-C', join(directory.path, 'old'), 'manifest.json']);
    await expect(openArchive(old)).rejects.toMatchObject({ message: expect.stringContaining('before version 25') });
    const store = memoryStore();
    const { descriptor } = await writeTestImage(store, { files: { a: 'x'.repeat(5000) }, compression: 'none' });
    const file = join(directory.path, 'image.tar');
    await writeImageArchive(store, descriptor, { file });
    await writeFile(file, (await readFile(file)).subarray(0, 3000));
    await expect(openArchive(file)).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' });
  });
});
