import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, createGzip, createZstdCompress, createZstdDecompress } from 'node:zlib';
import type { Content } from './content-store.ts';
import type { Compression } from './media-type.ts';

/** How to compress. The level is the algorithm's own: 1 to 9 for gzip (default 6), 1 to 19 for zstd (default 3). */
export interface CompressionOptions {
  readonly compression: Compression;
  readonly level?: number | undefined;
}

const OUTPUT_CHUNK = 256 * 1024;

/** Where a gzip header names the operating system (RFC 1952); 255 is "unknown". */
const GZIP_OS_OFFSET = 9;

/**
 * Compresses on Node's thread pool. The same input in the same pieces gives the same bytes in every directory and at every
 * time, for one version of Node; zstd does so on every processor, gzip where the processors have the same instructions.
 */
export async function* compress(
  content: Content,
  { compression, level }: CompressionOptions,
): AsyncGenerator<Uint8Array> {
  switch (compression) {
    case 'none':
      yield* content;
      return;
    case 'gzip':
      yield* withoutSystem(through(content, createGzip({ level: level ?? 6, chunkSize: OUTPUT_CHUNK })));
      return;
    case 'zstd': {
      // More workers than none would be quicker still, but Node 24.21 fails on them: "stream.push() after EOF".
      const params = { [constants.ZSTD_c_compressionLevel]: level ?? 3 };
      yield* through(content, createZstdCompress({ params, chunkSize: OUTPUT_CHUNK }));
      return;
    }
    default:
      compression satisfies never;
  }
}

/** Gives the tar of a layer from its bytes as they are stored. */
export async function* decompress(content: Content, compression: Compression): AsyncGenerator<Uint8Array> {
  if (compression === 'none') yield* content;
  else yield* through(content, compression === 'gzip' ? createGunzip() : createZstdDecompress());
}

async function* through(content: Content, transform: Transform): AsyncGenerator<Buffer> {
  const feeding = pipeline(Readable.from(content, { objectMode: false, highWaterMark: OUTPUT_CHUNK }), transform);
  feeding.catch(() => {}); // The iteration below throws the same error; this keeps it from being reported twice.
  yield* transform;
  await feeding;
}

async function* withoutSystem(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let offset = 0;
  for await (const chunk of content) {
    const index = GZIP_OS_OFFSET - offset;
    if (index >= 0 && index < chunk.length) chunk[index] = 255;
    offset += chunk.length;
    yield chunk;
  }
}
