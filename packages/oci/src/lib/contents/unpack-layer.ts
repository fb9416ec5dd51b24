import { decompress } from '../compress.ts';
import type { ContentReader } from '../content-store.ts';
import type { Descriptor } from '../descriptor.ts';
import { documentInvalid } from '../errors.ts';
import { layerTooLarge } from '../image-errors.ts';
import { compressionOf } from '../media-type.ts';

/** How much a layer may grow when it is unpacked; real ones stay below 20. */
const MAX_RATIO = 100;
/** Below this a high ratio is no danger: an empty tar of 10 KiB compresses to 45 bytes. */
const ALWAYS_ALLOWED = 16 * 1024 * 1024;

/**
 * The tar of a layer. Its digest has been checked when the iteration has ended.
 *
 * @throws {OciError} `LAYER_TOO_LARGE` when it grows more than a hundredfold, `DOCUMENT_INVALID` when it is no layer of
 * a file system, and what reading throws.
 */
export async function* unpackLayer(store: ContentReader, layer: Descriptor): AsyncGenerator<Uint8Array> {
  const compression = compressionOf(layer.mediaType);
  if (compression === undefined) {
    throw documentInvalid(
      `"${layer.digest}" from ${store.location}`,
      `"${layer.mediaType}" is not a layer of a file system`,
    );
  }
  let unpacked = 0;
  for await (const chunk of decompress(store.read(layer), compression)) {
    unpacked += chunk.length;
    if (unpacked > ALWAYS_ALLOWED && unpacked > layer.size * MAX_RATIO) throw layerTooLarge(layer.digest, MAX_RATIO);
    yield chunk;
  }
}
