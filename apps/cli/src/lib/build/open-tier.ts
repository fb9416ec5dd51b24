import type { CacheEvent, EntryExchange } from '@mcpgen/build-cache';
import { openRemoteTier, type RemoteTier } from '@mcpgen/build-cache/remote';
import { parseReference } from '@mcpgen/oci';
import type { CliContext } from '../context.ts';
import { usageError } from '../errors.ts';
import { openRegistries } from './open-registries.ts';
import { isTurborepoPlace, openTurborepoPlace } from './open-turborepo-place.ts';
import type { RemoteCacheSettings } from './remote-cache-settings.ts';

export interface TierOptions extends Pick<RemoteCacheSettings, 'publicKeys' | 'unsignedTags' | 'patience'> {
  /** The local store. */
  readonly exchange: EntryExchange;
  readonly access: 'pull' | 'push';
  /** Registries are reached over plain HTTP. */
  readonly insecure: boolean;
  readonly onEvent: (event: CacheEvent) => void;
}

/**
 * Opens the remote cache that a person named. Which kind it is, its form says: a URL is a server of the Turborepo API, a
 * reference is a registry.
 * Reading begins at once. Throws a usage error for what is no place of a cache.
 */
export function openTier(context: CliContext, place: string, options: TierOptions): RemoteTier {
  return isTurborepoPlace(place)
    ? openTurborepoPlace(context, place, options)
    : openRegistryTier(context, place, options);
}

/** The tag is the scope. What signs stands in the environment: a private key has no place in a file. */
function openRegistryTier(context: CliContext, place: string, options: TierOptions): RemoteTier {
  const { exchange, access, insecure, unsignedTags, patience, onEvent } = options;
  const reference = parseReference(place);
  if (reference.digest !== undefined) {
    throw usageError('Cannot use a digest as a cache: expected a tag', 'Write it like ghcr.io/owner/cache:main');
  }
  const tag = reference.tag ?? 'latest';
  const privateKey = context.environment.MCPGEN_CACHE_PRIVATE_KEY || undefined;
  const unsigned = privateKey === undefined && unsignedTags.some((pattern) => matches(pattern, tag));
  return openRemoteTier({
    open: (signal) =>
      openRegistries({ ...context, signal: AbortSignal.any([context.signal, signal]) }, { insecure })(
        reference,
        access,
      ),
    tag,
    name: place,
    exchange,
    publicKeys: unsigned ? [] : options.publicKeys,
    ...(privateKey === undefined ? {} : { privateKey }),
    patience,
    onEvent,
  });
}

/** `pr-*` matches `pr-7`; the schema of the configuration leaves nothing else to escape. */
function matches(pattern: string, tag: string): boolean {
  return new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`).test(tag);
}
