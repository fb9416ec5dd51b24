import { eventRecorder, startRegistry } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { PLATFORM, writeTestImage } from '../../test/test-image.ts';
import { assembleIndex } from './assemble-index.ts';
import type { ContentReader, ImageStore } from './content-store.ts';
import { type CopyEvent, copyImage } from './copy-image.ts';
import { joinStores } from './join-stores.ts';
import { memoryStore } from './memory-store.ts';
import { readBase } from './read-base.ts';
import { openRegistry } from './registry/open-registry.ts';
import { validateImage } from './validate-image.ts';
import { writeIndex } from './write-image.ts';

/** A target that notes what is written to it, in order. */
function recording(store: ImageStore): ImageStore & { readonly story: string[] } {
  const story: string[] = [];
  return {
    ...store,
    story,
    async write(descriptor, open) {
      await store.write(descriptor, open);
      story.push(descriptor.mediaType.replace(/^.*\.image\.|\.v1.*$/g, ''));
    },
    async tag(descriptor, tag) {
      await store.tag(descriptor, tag);
      story.push(`tag ${tag}`);
    },
  };
}

describe('copyImage', () => {
  it('copies blobs, then the manifest, then tags', async () => {
    const source = memoryStore();
    const target = recording(memoryStore());
    const { descriptor } = await writeTestImage(source);
    const { onEvent, ...recorder } = eventRecorder<CopyEvent>();
    const result = await copyImage(source, descriptor, target, { tags: ['1', 'latest'], onEvent, concurrency: 1 });
    expect(result).toMatchObject({ copied: 3, mounted: 0, present: 0 });
    expect(target.story).toEqual(['layer', 'config', 'manifest', 'tag 1', 'tag latest']);
    expect(recorder.ofType('copy-progress').length).toBeGreaterThanOrEqual(3);
    expect(recorder.ofType('copy-tagged').map(({ tag }) => tag)).toEqual(['1', 'latest']);
    expect(await validateImage(target, descriptor)).toEqual([]);
  });

  it('skips what is there', async () => {
    const source = memoryStore();
    const target = recording(memoryStore());
    const first = await writeTestImage(source);
    await copyImage(source, first.descriptor, target, { tags: ['latest'] });
    target.story.length = 0;
    expect(await copyImage(source, first.descriptor, target, { tags: ['latest'] })).toMatchObject({
      copied: 0,
      present: 3,
      bytes: 0,
    });
    expect(target.story).toEqual([]);
  });

  it('asks a registry that has the tag one question', async () => {
    await using registry = await startRegistry();
    const source = memoryStore();
    const { descriptor } = await writeTestImage(source);
    await copyImage(source, descriptor, openRegistry(`${registry.host}/a`), { tags: ['latest'] });
    registry.clearLog();
    await copyImage(source, descriptor, openRegistry(`${registry.host}/a`), { tags: ['latest'] });
    expect(registry.log()).toEqual(['HEAD /v2/a/manifests/latest']);
  });

  it('sends only the layer that changed', async () => {
    await using registry = await startRegistry();
    const source = memoryStore();
    const base = await writeTestImage(source, { files: { big: 'base' } });
    const asBase = await readBase(source, { name: 'base', reference: base.descriptor.digest, platform: PLATFORM });
    const open = () => openRegistry(`${registry.host}/a`);
    await copyImage(source, (await writeTestImage(source, { base: asBase, files: { a: '1' } })).descriptor, open(), {
      tags: ['latest'],
    });
    const second = await writeTestImage(source, { base: asBase, files: { a: '2' } });
    registry.clearLog();
    expect(await copyImage(source, second.descriptor, open(), { tags: ['latest'] })).toMatchObject({
      copied: 3,
      present: 1,
    });
    expect(registry.log().filter((line) => line.startsWith('PUT'))).toHaveLength(4);
  });

  it('mounts the layers of a base from its repository, without reading them', async () => {
    await using registry = await startRegistry();
    const own = memoryStore();
    const baseImage = await writeTestImage(own, { files: { big: 'base' } });
    const baseRepository = openRegistry(`${registry.host}/library/base`);
    await copyImage(own, baseImage.descriptor, baseRepository, { tags: ['1'] });

    const base = await readBase(baseRepository, {
      name: `${registry.host}/library/base:1`,
      reference: '1',
      platform: PLATFORM,
    });
    const build = memoryStore();
    const { descriptor } = await writeTestImage(build, { base });
    registry.clearLog();
    const result = await copyImage(
      joinStores(build, base.source),
      descriptor,
      openRegistry(`${registry.host}/team/app`),
      { tags: ['1'] },
    );
    expect(result).toMatchObject({ copied: 3, mounted: 1 });
    expect(registry.log().filter((line) => line.includes('/library/base/'))).toEqual([]);
    expect(registry.log().filter((line) => line.includes('mount='))).toEqual([
      `POST /v2/team/app/blobs/uploads/?mount=${encodeURIComponent(baseImage.layers[0]?.digest ?? '')}&from=library%2Fbase`,
    ]);
    expect(await validateImage(openRegistry(`${registry.host}/team/app`), descriptor)).toEqual([]);
  });

  it('sends the layers of a base that lives in another registry', async () => {
    await using from = await startRegistry();
    await using to = await startRegistry();
    const own = memoryStore();
    await copyImage(
      own,
      (await writeTestImage(own, { files: { big: 'base' } })).descriptor,
      openRegistry(`${from.host}/base`),
      { tags: ['1'] },
    );
    const base = await readBase(openRegistry(`${from.host}/base`), {
      name: 'base',
      reference: '1',
      platform: PLATFORM,
    });
    const build = memoryStore();
    const { descriptor } = await writeTestImage(build, { base });
    const target = openRegistry(`${to.host}/app`);
    expect(await copyImage(joinStores(build, base.source), descriptor, target)).toMatchObject({
      copied: 4,
      mounted: 0,
    });
    expect(await validateImage(target, descriptor)).toEqual([]);
  });

  it('copies an index with its images, children first', async () => {
    const source = memoryStore();
    const images = [
      await writeTestImage(source, { platform: { os: 'linux', architecture: 'amd64' } }),
      await writeTestImage(source, { platform: { os: 'linux', architecture: 'arm64' } }),
    ];
    const index = assembleIndex(images);
    await writeIndex(source, index);
    const target = recording(memoryStore());
    await copyImage(source, index.descriptor, target, { tags: ['multi'], concurrency: 1 });
    expect(target.story).toEqual(['layer', 'config', 'config', 'manifest', 'manifest', 'index', 'tag multi']);
    expect(await validateImage(target, index.descriptor)).toEqual([]);
  });

  it('shows neither manifest nor tag when a blob fails, and stops the other blobs', async () => {
    const source = memoryStore();
    const { descriptor, layers } = await writeTestImage(source);
    const failure = new Error('broken');
    const broken: ContentReader = {
      ...source,
      async *read(wanted) {
        if (wanted.digest === layers[0]?.digest) throw failure;
        yield* source.read(wanted);
      },
    };
    const target = recording(memoryStore());
    await expect(copyImage(broken, descriptor, target, { tags: ['1'], concurrency: 1 })).rejects.toBe(failure);
    expect(target.story).toEqual([]);
  });

  it('ends with the reason of the signal', async () => {
    const source = memoryStore();
    const { descriptor } = await writeTestImage(source);
    const controller = new AbortController();
    const reason = new Error('enough');
    const target = recording(memoryStore());
    const onEvent = () => controller.abort(reason);
    await expect(
      copyImage(source, descriptor, target, { tags: ['1'], signal: controller.signal, onEvent }),
    ).rejects.toBe(reason);
    expect(target.story.filter((line) => line.startsWith('tag'))).toEqual([]);
  });
});
