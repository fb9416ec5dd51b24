import type { CacheConfig } from '../config/config.ts';
import { milliseconds } from '../config/duration.ts';

/** Which caches lie behind the local one. None of it changes what a build makes. */
export interface RemoteCacheSettings {
  /** Asked in this order for what is not here. */
  readonly from: readonly string[];
  /** Gets what the build made. */
  readonly to: string | undefined;
  /** Ed25519: what none of them signed is refused; with none, anybody's is believed. */
  readonly publicKeys: readonly string[];
  /** Tags, with `*` for any text, that a build without a private key believes unsigned and writes unsigned. */
  readonly unsignedTags: readonly string[];
  /** Milliseconds that a build waits for a remote at which nothing moves. */
  readonly patience: number;
}

export interface RemoteCacheFlags {
  /** Several, or one with commas. None: as configured; an empty text: nowhere. */
  readonly cacheFrom?: readonly string[];
  /** An empty text: nowhere, whatever else is configured. */
  readonly cacheTo?: string;
}

const PATIENCE = 5000;

/** Flags over environment over configuration: a pipeline says where it reads and writes, the project whom it trusts. */
export function resolveRemoteCache(
  { cacheFrom = [], cacheTo }: RemoteCacheFlags,
  environment: Readonly<Record<string, string | undefined>>,
  { from = [], to, publicKeys = [], unsignedTags = [], patience = PATIENCE }: CacheConfig = {},
): RemoteCacheSettings {
  const { MCPGEN_CACHE_FROM, MCPGEN_CACHE_TO } = environment;
  const named =
    cacheFrom.length > 0 ? cacheFrom.flatMap((text) => text.split(',')) : MCPGEN_CACHE_FROM?.split(/[\s,]+/);
  const places = named ?? (typeof from === 'string' ? [from] : from);
  const target = (cacheTo ?? MCPGEN_CACHE_TO ?? to ?? '').trim();
  return {
    from: [...new Set(places.map((place) => place.trim()).filter((place) => place !== ''))],
    to: target === '' ? undefined : target,
    publicKeys,
    unsignedTags,
    patience: milliseconds(patience),
  };
}
