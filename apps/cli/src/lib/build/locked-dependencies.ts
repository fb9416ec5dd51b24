import { type BuildCache, type Digest, digestOf } from '@mcpgen/build-cache';
import type { DependencyFacts, LockedDependencyMemory } from '@mcpgen/build-optimizer/bundle';

const STEP = 'dependencies';

/** Raised when the facts have another form. */
const VERSION = 2;

/**
 * What is known of packages by the project's lockfile, in the build cache: a machine that has the same lockfile and a remote
 * cache need not install them to plan.
 */
export function lockedDependencies(
  cache: BuildCache,
  options: { readonly directory: string; readonly eager: boolean },
): LockedDependencyMemory {
  const keyOf = (key: Digest): Digest => digestOf(`${STEP}@${VERSION} ${key}`);
  return {
    eager: options.eager,
    // The key and its version vouch for the form.
    get: async (key) => (await cache.lookup(keyOf(key), STEP))?.entry.value as DependencyFacts | undefined,
    async set(key, facts) {
      const { directory } = options;
      if ((await cache.lookup(keyOf(key), STEP)) !== undefined) return;
      await cache.store({ key: keyOf(key), step: STEP, directory, paths: [], value: facts, duration: 0 });
    },
  };
}
