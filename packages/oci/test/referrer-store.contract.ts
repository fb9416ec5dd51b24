import { describe, expect, it } from 'vitest';
import { assembleReferrer, type ImageStore, type ReferrerStore, writeReferrer } from '../src/index.ts';
import type { ContentIngester } from '../src/lib/content-store.ts';
import { copyImage } from '../src/lib/copy-image.ts';
import { memoryStore } from '../src/lib/memory-store.ts';
import { collectContent } from '../src/lib/verify-content.ts';
import { writeTestImage } from './test-image.ts';

/** A store to be tested, and how to get rid of it. */
export interface ReferrersUnderTest extends AsyncDisposable {
  readonly store: ImageStore & ReferrerStore & Partial<ContentIngester>;
}

const SBOM = 'application/vnd.cyclonedx+json';

/** What every place that keeps documents about images does. */
export function describeReferrerStore(name: string, open: () => Promise<ReferrersUnderTest>): void {
  describe(`${name} as a store of referrers`, () => {
    it('has none at first', async () => {
      await using test = await open();
      expect(await test.store.referrers((await image(test.store)).digest)).toEqual([]);
    });

    it('lists what was attached, by its subject, each once and in one order', async () => {
      await using test = await open();
      const subject = await image(test.store);
      const other = await image(test.store, 'other');
      const documents = ['one', 'two'].map((text) =>
        assembleReferrer({ subject, mediaType: SBOM, content: Buffer.from(text), annotations: { text } }),
      );
      for (const document of [...documents, ...documents]) await writeReferrer(test.store, document);
      const listed = await test.store.referrers(subject.digest);
      const expected = documents.map(({ descriptor }) => descriptor).sort((a, b) => (a.digest < b.digest ? -1 : 1));
      expect(listed).toEqual(expected);
      expect(await test.store.referrers(other.digest)).toEqual([]);
      const [first] = documents;
      const blob = first?.blobs[1]?.descriptor;
      expect(blob && (await collectContent(test.store.read(blob))).toString()).toBe('one');
    });

    it('leaves the tags as they were', async () => {
      await using test = await open();
      const subject = await image(test.store);
      await writeReferrer(test.store, assembleReferrer({ subject, mediaType: SBOM, content: Buffer.from('{}') }));
      expect((await test.store.resolve('latest')).digest).toBe(subject.digest);
    });
  });
}

/** An image in the store, tagged `latest`. */
async function image(store: ImageStore, text = 'main') {
  const memory = memoryStore();
  const { descriptor } = await writeTestImage(memory, { files: { 'app/main.js': text } });
  await copyImage(memory, descriptor, store, { tags: text === 'main' ? ['latest'] : [] });
  return descriptor;
}
