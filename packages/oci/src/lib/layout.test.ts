import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory, writeTree } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { writeTestImage } from '../../test/test-image.ts';
import { digestBytes } from './digest.ts';
import { createLayout, openLayout } from './layout.ts';
import { MEDIA_TYPE } from './media-type.ts';
import { collectContent } from './verify-content.ts';

describe('createLayout', () => {
  it('makes a layout as the specification has it', async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, 'a/b');
    await createLayout(path);
    expect(JSON.parse(await readFile(join(path, 'oci-layout'), 'utf8'))).toEqual({ imageLayoutVersion: '1.0.0' });
    expect(JSON.parse(await readFile(join(path, 'index.json'), 'utf8'))).toEqual({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.index,
      manifests: [],
    });
  });

  it('keeps what is there', async () => {
    await using directory = await temporaryDirectory();
    const image = await writeTestImage(await createLayout(directory.path), { tags: ['latest'] });
    const again = await createLayout(directory.path);
    expect((await again.resolve('latest')).digest).toBe(image.descriptor.digest);
  });
});

describe('openLayout', () => {
  it.each([
    ['is no layout', {}, 'it has no file "oci-layout"'],
    ['has another version', { 'oci-layout': '{"imageLayoutVersion":"2.0.0"}' }, 'its version is not 1.0.0'],
  ])('refuses a directory that %s', async (_, tree, problem) => {
    await using directory = await temporaryDirectory();
    await writeTree(directory.path, tree);
    await expect(openLayout(directory.path)).rejects.toMatchObject({
      code: 'LAYOUT_INVALID',
      message: expect.stringContaining(problem),
    });
  });

  it('refuses an index that is damaged or missing when it is read', async () => {
    await using directory = await temporaryDirectory();
    await writeTree(directory.path, { 'oci-layout': '{"imageLayoutVersion":"1.0.0"}' });
    const layout = await openLayout(directory.path);
    await expect(layout.resolve('latest')).rejects.toMatchObject({ code: 'LAYOUT_INVALID' });
    await writeTree(directory.path, { 'index.json': '{"schemaVersion":2,' });
    await expect(layout.resolve('latest')).rejects.toMatchObject({ code: 'DOCUMENT_INVALID' });
  });
});

describe('Layout', () => {
  it('never uses a digest that is none as a path', async () => {
    await using directory = await temporaryDirectory();
    const layout = await createLayout(directory.path);
    const digest = 'sha256:../../../etc/passwd' as const;
    expect(() => layout.blobPath(digest)).toThrow(expect.objectContaining({ code: 'DIGEST_INVALID' }));
    await expect(layout.has({ mediaType: MEDIA_TYPE.layer, digest, size: 1 })).rejects.toMatchObject({
      code: 'DIGEST_INVALID',
    });
  });

  it('notices a blob that was damaged on disk, and heals when it is written again', async () => {
    await using directory = await temporaryDirectory();
    const layout = await createLayout(directory.path);
    const bytes = Buffer.from('content');
    const { digest, size } = await layout.ingest([bytes]);
    const descriptor = { mediaType: MEDIA_TYPE.layer, digest, size };
    await writeFile(layout.blobPath(digest), 'CONTENT');
    await expect(collectContent(layout.read(descriptor))).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    await writeFile(layout.blobPath(digest), 'short');
    expect(await layout.has(descriptor)).toBe(false);
    await layout.ingest([bytes]);
    expect((await collectContent(layout.read(descriptor))).toString()).toBe('content');
  });

  it('keeps all tags that are set at once', async () => {
    await using directory = await temporaryDirectory();
    const layout = await createLayout(directory.path);
    const { descriptor } = await writeTestImage(layout);
    const tags = Array.from({ length: 10 }, (_, i) => `v${i}`);
    await Promise.all(tags.map((tag) => layout.tag(descriptor, tag)));
    const listed = await layout.list();
    expect(listed.map(({ annotations }) => annotations?.['org.opencontainers.image.ref.name'])).toEqual(tags);
  });

  it('names the tags it has when one is missing', async () => {
    await using directory = await temporaryDirectory();
    const layout = await createLayout(directory.path);
    await writeTestImage(layout, { tags: ['v1'] });
    await expect(layout.resolve('v2')).rejects.toMatchObject({ code: 'TAG_NOT_FOUND', hint: 'It has "v1".' });
  });

  it('prunes what no tag needs, and what interrupted writes left', async () => {
    await using directory = await temporaryDirectory();
    const layout = await createLayout(directory.path);
    const old = await writeTestImage(layout, { tags: ['latest'], files: { a: 'old' } });
    const kept = await writeTestImage(layout, { tags: ['latest'], files: { a: 'new' } });
    await writeTree(directory.path, { '.mcpgen-tmp-left': 'half', 'README.txt': 'not ours' });
    const { removed } = await layout.prune();
    expect(removed).toBe(4);
    expect(await layout.has(old.descriptor)).toBe(false);
    expect((await readdir(directory.path)).sort()).toEqual(['README.txt', 'blobs', 'index.json', 'oci-layout']);
    const blobs = [kept.descriptor, kept.manifest.config, ...kept.layers].map(({ digest }) => digest.slice(7));
    expect((await readdir(join(directory.path, 'blobs/sha256'))).sort()).toEqual(blobs.sort());
  });

  it('tells what to do when the disk refuses', async () => {
    await using directory = await temporaryDirectory();
    const layout = await createLayout(directory.path);
    // A file where the folder of the blobs should be: what also root may not do.
    await writeTree(directory.path, { blobs: 'in the way' });
    await expect(layout.ingest([Buffer.from('x')])).rejects.toMatchObject({
      code: 'WRITE_FAILED',
      facts: { path: layout.blobPath(digestBytes(Buffer.from('x'))) },
    });
    expect((await readdir(directory.path)).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});
