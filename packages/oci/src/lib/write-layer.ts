import { createHash, type Hash } from 'node:crypto';
import { type CompressionOptions, compress } from './compress.ts';
import type { ContentIngester } from './content-store.ts';
import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';
import type { LayerEntry } from './layer-entry.ts';
import { layerTar } from './layer-tar.ts';
import { layerMediaType } from './media-type.ts';

/** A layer: its blob, and the digest of the tar inside. */
export interface Layer extends Pick<Descriptor, 'mediaType' | 'digest' | 'size'> {
  /** The digest of the uncompressed tar, which the image's configuration names. */
  readonly diffId: Digest;
}

/** How and where to write a layer. */
export interface WriteLayerOptions extends CompressionOptions {
  /** Takes the blob: a layout on disk or a memory store. */
  readonly target: ContentIngester;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes entries as one layer. The same entries give the same bytes in every directory and at every time; their order does
 * not matter. Files are streamed: memory stays at a few MiB whatever their size.
 *
 * @throws {OciError} `LAYER_ENTRY_INVALID`, `SOURCE_CHANGED`, `WRITE_FAILED`
 */
export async function writeLayer(entries: readonly LayerEntry[], options: WriteLayerOptions): Promise<Layer> {
  const { target, compression, level, signal } = options;
  const hash = createHash('sha256');
  const tar = hashing(layerTar(entries), hash, signal);
  const { digest, size } = await target.ingest(compress(tar, { compression, level }));
  return { mediaType: layerMediaType(compression), digest, size, diffId: `sha256:${hash.digest('hex')}` };
}

function* hashing(tar: Iterable<Buffer>, hash: Hash, signal: AbortSignal | undefined): Generator<Buffer> {
  for (const chunk of tar) {
    signal?.throwIfAborted();
    hash.update(chunk);
    yield chunk;
  }
}
