import type { Digest } from '../digest.ts';

/** Points to content: media type, address, length. */
export interface RemoteDescriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** In bytes. */
  readonly size: number;
}

/**
 * What a remote tier needs of a place that keeps content by digest and names for manifests. `openRegistry` of
 * `@mcpgen/oci` gives one for a repository of a registry; so do its layouts and its store in memory. Errors that say
 * with `code` `TAG_NOT_FOUND` that there is no such name are an empty cache, those with `BLOB_NOT_FOUND` a damaged one; all
 * others are trouble.
 */
export interface RemoteStore {
  /** For messages: `registry "ghcr.io/a/b"`. */
  readonly location: string;
  resolve(tag: string): Promise<RemoteDescriptor>;
  has(descriptor: RemoteDescriptor): Promise<boolean>;
  /** The content; throws at its end at the latest where it is not what the descriptor says. */
  read(descriptor: RemoteDescriptor): AsyncIterable<Uint8Array>;
  write(descriptor: RemoteDescriptor, open: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void>;
  tag(descriptor: RemoteDescriptor, tag: string): Promise<void>;
}
