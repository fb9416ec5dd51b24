import type { CacheEvent } from '@mcpgen/build-cache';
import type { RemoteTier } from '@mcpgen/build-cache/remote';
import { openTier } from '../build/open-tier.ts';
import type { CliContext } from '../context.ts';
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

/** Opens the cache that a reference names. */
export function openRemoteCache(
  context: CliContext,
  { cache, trust }: ProjectCache,
  options: { readonly reference: string; readonly insecure: boolean; readonly access: 'pull' | 'push' },
): RemoteCache {
  const { reference, ...reach } = options;
  const failures: CacheEvent[] = [];
  const tier = openTier(context, reference, {
    ...reach,
    ...trust,
    exchange: cache.exchange,
    patience: PATIENCE,
    onEvent: (event) => void (event.type === 'failed' && failures.push(event)),
  });
  return {
    tier,
    problem: () => failures.flatMap((event) => (event.type === 'failed' ? [event.message] : []))[0],
  };
}
