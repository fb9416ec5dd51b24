import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { writeTestImage } from '../../test/test-image.ts';
import { assembleImage, type ImageParts, scratchBase } from './assemble-image.ts';
import { assembleIndex } from './assemble-index.ts';
import type { Descriptor } from './descriptor.ts';
import { digestBytes } from './digest.ts';
import { MEDIA_TYPE } from './media-type.ts';
import { type MemoryStore, memoryStore } from './memory-store.ts';
import { validateImage } from './validate-image.ts';
import { writeImage, writeIndex } from './write-image.ts';

const platform = { os: 'linux', architecture: 'amd64' };

/** Stores a document as it is, and describes it. */
async function put(store: MemoryStore, value: object | Buffer, mediaType: string): Promise<Descriptor> {
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value));
  const descriptor = { mediaType, digest: digestBytes(bytes), size: bytes.length };
  await store.write(descriptor, () => [bytes]);
  return descriptor;
}

const problems = async (store: MemoryStore, root: Descriptor) =>
  (await validateImage(store, root)).map(({ problem }) => problem);

describe('validateImage', () => {
  it.each(['gzip', 'zstd', 'none'] as const)('finds nothing wrong with an image of %s layers', async (compression) => {
    const store = memoryStore();
    expect(await validateImage(store, (await writeTestImage(store, { compression })).descriptor)).toEqual([]);
  });

  it('reports all that is wrong, not only the first', async () => {
    const store = memoryStore();
    const layer = await put(store, gzipSync('not what it says'), MEDIA_TYPE.layerGzip);
    const broken = await put(store, Buffer.from('not gzip at all'), MEDIA_TYPE.layerGzip);
    const missing = { mediaType: MEDIA_TYPE.layerGzip, digest: digestBytes(Buffer.from('x')), size: 1 };
    const config = await put(
      store,
      {
        os: 'linux',
        architecture: 'arm64',
        rootfs: { type: 'layers', diff_ids: [layer.digest, layer.digest] },
        history: [{ created_by: 'x' }],
      },
      MEDIA_TYPE.config,
    );
    const layers = [layer, broken, missing];
    const manifest = await put(
      store,
      { schemaVersion: 2, mediaType: MEDIA_TYPE.manifest, config, layers },
      MEDIA_TYPE.manifest,
    );
    expect(await problems(store, { ...manifest, platform })).toEqual([
      'it has 3 layers, its configuration names 2',
      'its history tells of 1 layers, it names 2',
      'it is listed for linux/amd64, its configuration says linux/arm64',
      expect.stringMatching(/^it unpacks to "sha256:[0-9a-f]+", its configuration names "sha256:/),
      'incorrect header check',
      `Cannot read "${missing.digest}" from memory: it is not there`,
    ]);
  });

  it('reports a configuration that cannot be read, and goes on with the layers', async () => {
    const store = memoryStore();
    const config = await put(store, { os: 'linux' }, MEDIA_TYPE.config);
    const layer = await put(store, Buffer.from('x'), 'text/plain');
    const manifest = await put(
      store,
      { schemaVersion: 2, mediaType: MEDIA_TYPE.manifest, config, layers: [layer] },
      MEDIA_TYPE.manifest,
    );
    expect(await problems(store, manifest)).toEqual([
      'Cannot read the image configuration: it must name "os" and "architecture"',
      expect.stringContaining('"text/plain" is not a layer of a file system'),
    ]);
  });

  it('stops unpacking a bomb', async () => {
    const store = memoryStore();
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024), { level: 9 });
    const layer = await put(store, bomb, MEDIA_TYPE.layerGzip);
    const parts: ImageParts = {
      base: scratchBase,
      platform,
      config: {},
      layers: [{ createdBy: 'bomb', layer: { ...layer, diffId: layer.digest } }],
    };
    const image = assembleImage(parts);
    await writeImage(store, image);
    expect(await problems(store, image.descriptor)).toEqual([
      expect.stringContaining('it unpacks to more than 100 times its size'),
    ]);
  });

  it('looks into each image of an index, and at the platforms', async () => {
    const store = memoryStore();
    const index = assembleIndex([await writeTestImage(store), await writeTestImage(store, { files: { b: 'b' } })]);
    await writeIndex(store, index);
    expect(await problems(store, index.descriptor)).toEqual(['it lists linux/amd64 more than once']);
  });

  it('takes attestations in an index for what they are', async () => {
    const store = memoryStore();
    const image = await writeTestImage(store);
    const statement = await put(store, { _type: 'https://in-toto.io/Statement/v1' }, 'application/vnd.in-toto+json');
    const config = await put(
      store,
      { os: 'unknown', architecture: 'unknown', rootfs: { type: 'layers', diff_ids: [statement.digest] } },
      MEDIA_TYPE.config,
    );
    const attestation = await put(
      store,
      { schemaVersion: 2, mediaType: MEDIA_TYPE.manifest, config, layers: [statement] },
      MEDIA_TYPE.manifest,
    );
    const manifests = [image.descriptor, { ...attestation, platform: { os: 'unknown', architecture: 'unknown' } }];
    const index = await put(store, { schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests }, MEDIA_TYPE.index);
    expect(await problems(store, index)).toEqual([]);
  });

  it('says so when the root is no image, or not there', async () => {
    const store = memoryStore();
    const layer = await put(store, Buffer.from('x'), MEDIA_TYPE.layer);
    expect(await problems(store, layer)).toEqual([`"${MEDIA_TYPE.layer}" is neither a manifest nor an index`]);
    const nothing = { mediaType: MEDIA_TYPE.manifest, digest: digestBytes(Buffer.from('n')), size: 1 };
    expect(await problems(store, nothing)).toEqual([expect.stringContaining('it is not there')]);
  });
});
