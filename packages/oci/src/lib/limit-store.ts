import type { ContentReader } from './content-store.ts';
import type { Descriptor } from './descriptor.ts';
import { blobNotFound } from './errors.ts';

/**
 * A store that is asked for nothing but the content named, which it is taken to have: for the layers of a base, whose
 * manifest has told that they are there, so that no request asks again.
 */
export function limitStore(store: ContentReader, content: readonly Pick<Descriptor, 'digest'>[]): ContentReader {
  const digests = new Set(content.map(({ digest }) => digest));
  return {
    location: store.location,
    has: async ({ digest }) => digests.has(digest),
    async *read(descriptor) {
      if (!digests.has(descriptor.digest)) throw blobNotFound(store.location, descriptor.digest);
      yield* store.read(descriptor);
    },
    origin: async (descriptor) => (digests.has(descriptor.digest) ? store.origin?.(descriptor) : undefined),
  };
}
