import { describe, expect, it } from 'vitest';
import { PLATFORM, writeTestImage } from '../../test/test-image.ts';
import { assembleIndex } from './assemble-index.ts';
import { digestBytes } from './digest.ts';
import { MEDIA_TYPE } from './media-type.ts';
import { memoryStore } from './memory-store.ts';
import { readBase } from './read-base.ts';
import { readImages } from './read-images.ts';
import { writeIndex } from './write-image.ts';

const ARM = { os: 'linux', architecture: 'arm64', variant: 'v8' };

async function storeWithIndex() {
  const store = memoryStore();
  const images = [await writeTestImage(store), await writeTestImage(store, { platform: ARM, files: { arm: 'arm' } })];
  const index = assembleIndex(images);
  await writeIndex(store, index, { tags: ['1'] });
  return { store, images, index };
}

describe('readBase', () => {
  it('reads an image', async () => {
    const store = memoryStore();
    const image = await writeTestImage(store, { tags: ['1'] });
    const base = await readBase(store, { name: 'base:1', reference: '1', platform: PLATFORM });
    expect(base).toMatchObject({
      name: 'base:1',
      descriptor: image.descriptor,
      platform: PLATFORM,
      layers: image.layers,
    });
    expect(base.config.Entrypoint).toEqual(['/usr/local/bin/node']);
  });

  it.each([
    [PLATFORM, 0],
    [{ os: 'linux', architecture: 'arm64' }, 1],
    [ARM, 1],
  ])('picks the platform %j from an index', async (platform, position) => {
    const { store, images } = await storeWithIndex();
    const base = await readBase(store, { name: 'base', reference: '1', platform });
    expect(base.descriptor.digest).toBe(images[position]?.descriptor.digest);
  });

  it('lists what there is when the platform is missing', async () => {
    const { store } = await storeWithIndex();
    await expect(
      readBase(store, { name: 'base:1', reference: '1', platform: { os: 'linux', architecture: 's390x' } }),
    ).rejects.toMatchObject({
      code: 'PLATFORM_NOT_FOUND',
      message: 'Cannot use "base:1" as a base: it has no image for linux/s390x',
      hint: 'It has linux/amd64, linux/arm64/v8.',
    });
    await writeTestImage(store, { tags: ['single'] });
    await expect(readBase(store, { name: 'base', reference: 'single', platform: ARM })).rejects.toMatchObject({
      code: 'PLATFORM_NOT_FOUND',
    });
  });

  it('goes by the digest once the tag is resolved', async () => {
    const store = memoryStore();
    const first = await writeTestImage(store, { tags: ['1'] });
    let resolved = 0;
    const moving = {
      ...store,
      async resolve(reference: string) {
        resolved += 1;
        const found = await store.resolve(reference);
        await writeTestImage(store, { tags: ['1'], files: { evil: 'evil' } });
        return found;
      },
    };
    const base = await readBase(moving, { name: 'base', reference: '1', platform: PLATFORM });
    expect(resolved).toBe(1);
    expect(base.descriptor.digest).toBe(first.descriptor.digest);
    expect(base.layers).toEqual(first.layers);
  });

  it('refuses an image whose layers and configuration disagree', async () => {
    const store = memoryStore();
    const image = await writeTestImage(store);
    const bytes = Buffer.from(JSON.stringify({ ...image.manifest, layers: [] }));
    const descriptor = { mediaType: MEDIA_TYPE.manifest, digest: digestBytes(bytes), size: bytes.length };
    await store.write(descriptor, () => [bytes]);
    await store.tag(descriptor, 'odd');
    await expect(readBase(store, { name: 'base', reference: 'odd', platform: PLATFORM })).rejects.toMatchObject({
      code: 'BASE_INVALID',
      message: 'Cannot build on the base "base": it has 0 layers but its configuration names 1',
    });
  });
});

describe('readImages', () => {
  it('gives back what was written', async () => {
    const { store, images, index } = await storeWithIndex();
    expect(await readImages(store, index.descriptor)).toEqual(images);
    const [first] = images;
    expect(await readImages(store, first?.descriptor ?? index.descriptor)).toEqual([first]);
  });

  it('refuses what is no image', async () => {
    const store = memoryStore();
    const { layers } = await writeTestImage(store);
    const [layer] = layers;
    await expect(readImages(store, layer ?? { mediaType: '', digest: 'sha256:', size: 0 })).rejects.toMatchObject({
      code: 'DOCUMENT_INVALID',
    });
  });
});
