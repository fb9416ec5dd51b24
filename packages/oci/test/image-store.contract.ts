import { describe, expect, it } from 'vitest';
import { type Descriptor, digestBytes, type ImageStore, MEDIA_TYPE } from '../src/index.ts';
import { collectContent } from '../src/lib/verify-content.ts';

/** A store to be tested, and how to get rid of it. */
export interface StoreUnderTest extends AsyncDisposable {
  readonly store: ImageStore;
}

/** What every place for images does, whatever is behind it. */
export function describeImageStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} as an image store`, () => {
    it('has no content at first', async () => {
      await using test = await open();
      expect(await test.store.has(blob('a'))).toBe(false);
      await expect(collectContent(test.store.read(blob('a')))).rejects.toMatchObject({ code: 'BLOB_NOT_FOUND' });
      await expect(test.store.resolve('latest')).rejects.toMatchObject({ code: 'TAG_NOT_FOUND' });
    });

    it('gives back what was written', async () => {
      await using test = await open();
      await test.store.write(blob('hello'), () => [Buffer.from('hel'), Buffer.from('lo')]);
      expect(await test.store.has(blob('hello'))).toBe(true);
      expect((await collectContent(test.store.read(blob('hello')))).toString()).toBe('hello');
    });

    it('takes empty content', async () => {
      await using test = await open();
      await test.store.write(blob(''), () => []);
      expect((await collectContent(test.store.read(blob('')))).length).toBe(0);
    });

    it('takes content of several MiB', async () => {
      await using test = await open();
      const bytes = Buffer.alloc(3 * 1024 * 1024 + 7, 'content');
      const descriptor = { mediaType: MEDIA_TYPE.layer, digest: digestBytes(bytes), size: bytes.length };
      await test.store.write(descriptor, () => [bytes.subarray(0, 1024 * 1024), bytes.subarray(1024 * 1024)]);
      expect((await collectContent(test.store.read(descriptor))).equals(bytes)).toBe(true);
    });

    it.each([
      ['other bytes', 'hellO', 'DIGEST_MISMATCH'],
      ['too few', 'hell', 'SIZE_MISMATCH'],
      ['too many', 'hello!', 'SIZE_MISMATCH'],
      ['none', '', 'SIZE_MISMATCH'],
    ])('refuses %s than the descriptor says, and shows nothing of it', async (_, content, code) => {
      await using test = await open();
      await expect(test.store.write(blob('hello'), () => [Buffer.from(content)])).rejects.toMatchObject({ code });
      expect(await test.store.has(blob('hello'))).toBe(false);
    });

    it('passes on the error of the content, and shows nothing of it', async () => {
      await using test = await open();
      const failure = new Error('the source broke');
      const broken = async function* () {
        yield Buffer.from('hel');
        throw failure;
      };
      await expect(test.store.write(blob('hello'), broken)).rejects.toBe(failure);
      expect(await test.store.has(blob('hello'))).toBe(false);
    });

    it('takes the same content twice, also at once', async () => {
      await using test = await open();
      const write = () => test.store.write(blob('hello'), () => [Buffer.from('hello')]);
      await Promise.all([write(), write(), write()]);
      await write();
      expect((await collectContent(test.store.read(blob('hello')))).toString()).toBe('hello');
    });

    it('finds a manifest by tag and by digest', async () => {
      await using test = await open();
      const descriptor = await writeManifest(test.store, 'first');
      await test.store.tag(descriptor, 'v1');
      expect(await test.store.resolve('v1')).toEqual(descriptor);
      expect(await test.store.resolve(descriptor.digest)).toEqual(descriptor);
    });

    it('moves a tag and keeps the others', async () => {
      await using test = await open();
      const first = await writeManifest(test.store, 'first');
      const second = await writeManifest(test.store, 'second');
      await test.store.tag(first, 'latest');
      await test.store.tag(first, 'v1');
      await test.store.tag(second, 'latest');
      expect(await test.store.resolve('latest')).toEqual(second);
      expect(await test.store.resolve('v1')).toEqual(first);
    });

    it('does not tag what is not there', async () => {
      await using test = await open();
      await expect(test.store.tag({ ...blob('nothing'), mediaType: MEDIA_TYPE.manifest }, 'v1')).rejects.toMatchObject({
        code: 'BLOB_NOT_FOUND',
      });
    });
  });
}

function blob(text: string): Descriptor {
  const bytes = Buffer.from(text);
  return { mediaType: MEDIA_TYPE.layer, digest: digestBytes(bytes), size: bytes.length };
}

/** Writes the smallest manifest there is: an empty configuration and no layer. */
async function writeManifest(store: ImageStore, name: string): Promise<Descriptor> {
  const configBytes = Buffer.from('{}');
  const config = { mediaType: MEDIA_TYPE.empty, digest: digestBytes(configBytes), size: configBytes.length };
  await store.write(config, () => [configBytes]);
  const annotations = { 'org.opencontainers.image.title': name };
  const manifest = { schemaVersion: 2, mediaType: MEDIA_TYPE.manifest, config, layers: [], annotations };
  const bytes = Buffer.from(JSON.stringify(manifest));
  const descriptor = { mediaType: MEDIA_TYPE.manifest, digest: digestBytes(bytes), size: bytes.length };
  await store.write(descriptor, () => [bytes]);
  return descriptor;
}
