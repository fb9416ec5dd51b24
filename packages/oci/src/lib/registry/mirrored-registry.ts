import type { ContentReader, TagStore } from '../content-store.ts';
import { OciError } from '../errors.ts';
import type { RegistryStore } from './open-registry.ts';

/** What a mirror may fail of without that its registry is not asked. */
const PASSED_OVER: ReadonlySet<string> = new Set([
  'BLOB_NOT_FOUND',
  'DIGEST_MISMATCH',
  'REALM_REFUSED',
  'REDIRECT_REFUSED',
  'REGISTRY_DENIED',
  'REGISTRY_REFUSED',
  'REGISTRY_RESPONSE_INVALID',
  'REGISTRY_UNAVAILABLE',
  'SIZE_MISMATCH',
  'TAG_NOT_FOUND',
]);

/**
 * Reads a repository from its mirrors, in order, and from itself where they fail. What is written goes to the repository
 * itself. A mirror is believed in what a tag stands for; content is checked by digest, whoever gives it.
 */
export function mirroredRegistry(origin: RegistryStore, mirrors: readonly RegistryStore[]): RegistryStore {
  const all: readonly (ContentReader & TagStore)[] = [...mirrors, origin];

  async function first<T>(ask: (store: ContentReader & TagStore) => Promise<T>): Promise<T> {
    for (const mirror of mirrors) {
      try {
        return await ask(mirror);
      } catch (error) {
        if (!isPassedOver(error)) throw error;
      }
    }
    return ask(origin);
  }

  return {
    ...origin,
    resolve: (reference) => first((store) => store.resolve(reference)),
    has: async (descriptor) => {
      const there = await first(async (store) => (await store.has(descriptor)) || undefined);
      return there ?? origin.has(descriptor);
    },
    async *read(descriptor) {
      for (const store of all) {
        let begun = false;
        try {
          for await (const chunk of store.read(descriptor)) {
            begun = true;
            yield chunk;
          }
          return;
        } catch (error) {
          // What was handed on cannot be taken back.
          if (begun || store === origin || !isPassedOver(error)) throw error;
        }
      }
    },
  };
}

function isPassedOver(error: unknown): boolean {
  return error instanceof OciError && PASSED_OVER.has(error.code);
}
