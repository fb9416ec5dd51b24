import type { Content, ContentIngester, ImageStore, OpenContent, ReferrerStore } from './content-store.ts';
import type { Descriptor } from './descriptor.ts';
import { type Digest, digestBytes, isDigest } from './digest.ts';
import { blobNotFound, tagNotFound } from './errors.ts';
import { addDescriptor } from './referrers/add-descriptor.ts';
import { collectContent, verifyContent } from './verify-content.ts';

/** Images in memory: for tests and for images of a few MiB. */
export interface MemoryStore extends ImageStore, ContentIngester, ReferrerStore {
  /** How many blobs it holds. */
  readonly size: number;
}

/** An empty store in memory. */
export function memoryStore(): MemoryStore {
  const location = 'memory';
  const blobs = new Map<Digest, Buffer>();
  const manifests = new Map<string, Descriptor>();
  const referrers = new Map<Digest, readonly Descriptor[]>();

  return {
    location,
    get size() {
      return blobs.size;
    },
    has: async ({ digest, size }) => blobs.get(digest)?.length === size,
    async *read(descriptor) {
      const blob = blobs.get(descriptor.digest);
      if (blob === undefined) throw blobNotFound(location, descriptor.digest);
      yield* verifyContent([blob], descriptor, `"${descriptor.digest}" from ${location}`);
    },
    async write(descriptor: Descriptor, open: OpenContent) {
      const what = `"${descriptor.digest}" for ${location}`;
      blobs.set(descriptor.digest, await collectContent(verifyContent(open(), descriptor, what)));
      manifests.set(descriptor.digest, descriptor);
    },
    async ingest(content: Content) {
      const bytes = await collectContent(content);
      const digest = digestBytes(bytes);
      blobs.set(digest, bytes);
      return { digest, size: bytes.length };
    },
    async resolve(reference) {
      const found = manifests.get(reference);
      if (found !== undefined) return found;
      throw tagNotFound(
        location,
        reference,
        [...manifests.keys()].filter((name) => !isDigest(name)),
      );
    },
    async tag(descriptor, tag) {
      if (!blobs.has(descriptor.digest)) throw blobNotFound(location, descriptor.digest);
      manifests.set(tag, descriptor);
    },
    referrers: async (subject) => referrers.get(subject) ?? [],
    async attach(referrer, { digest }) {
      if (!blobs.has(referrer.digest)) throw blobNotFound(location, referrer.digest);
      referrers.set(digest, addDescriptor(referrers.get(digest) ?? [], referrer));
    },
  };
}
