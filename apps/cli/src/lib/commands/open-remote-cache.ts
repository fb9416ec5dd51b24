import type { CacheEvent } from '@mcpgen/build-cache';
import { openRemoteTier, type RemoteTier } from '@mcpgen/build-cache/remote';
import { parseReference } from '@mcpgen/oci';
import { openRegistries } from '../build/open-registries.ts';
import type { CliContext } from '../context.ts';
import { usageError } from '../errors.ts';
import type { ProjectCache, ProjectCacheFlags } from './open-project-cache.ts';

export interface RemoteCacheFlags extends ProjectCacheFlags {
  readonly insecure: boolean;
}

/** A cache in a registry, opened for one command. */
export interface RemoteCache {
  readonly tier: RemoteTier;
  /** Why it could not be read or written, as soon as that is known. */
  problem(): string | undefined;
}

/** A person, or a script, waits for just this: longer than a build would, milliseconds. */
const PATIENCE = 30_000;

/** Opens the cache that a reference names. What signs stands in the environment: a private key has no place in a file. */
export function openRemoteCache(
  context: CliContext,
  { cache, publicKeys }: ProjectCache,
  options: { readonly reference: string; readonly insecure: boolean; readonly access: 'pull' | 'push' },
): RemoteCache {
  const { insecure, access } = options;
  const reference = parseReference(options.reference);
  if (reference.digest !== undefined) {
    throw usageError('Cannot use a digest as a cache: expected a tag', 'Write it like ghcr.io/owner/cache:main');
  }
  const failures: CacheEvent[] = [];
  const privateKey = access === 'push' ? context.environment.MCPGEN_CACHE_PRIVATE_KEY : undefined;
  const tier = openRemoteTier({
    open: (signal) =>
      openRegistries({ ...context, signal: AbortSignal.any([context.signal, signal]) }, { insecure })(
        reference,
        access,
      ),
    tag: reference.tag ?? 'latest',
    exchange: cache.exchange,
    publicKeys,
    ...(privateKey === undefined || privateKey === '' ? {} : { privateKey }),
    patience: PATIENCE,
    onEvent: (event) => void (event.type === 'failed' && failures.push(event)),
  });
  return {
    tier,
    problem: () => failures.flatMap((event) => (event.type === 'failed' ? [event.message] : []))[0],
  };
}
