import type { ContentReader } from './content-store.ts';
import { blobNotFound } from './errors.ts';

/**
 * Reads from the first of several stores that has the content: the layout of a build, then the registry of its base. So a
 * base that the target can mount is never downloaded.
 */
export function joinStores(...stores: readonly ContentReader[]): ContentReader {
  const location = stores.map((store) => store.location).join(' or ');
  return {
    location,
    async has(descriptor) {
      for (const store of stores) if (await store.has(descriptor)) return true;
      return false;
    },
    async *read(descriptor) {
      for (const store of stores) {
        if (await store.has(descriptor)) {
          yield* store.read(descriptor);
          return;
        }
      }
      throw blobNotFound(location, descriptor.digest);
    },
    async origin(descriptor) {
      for (const store of stores) {
        if (store.origin && (await store.has(descriptor))) return store.origin(descriptor);
      }
      return undefined;
    },
  };
}
