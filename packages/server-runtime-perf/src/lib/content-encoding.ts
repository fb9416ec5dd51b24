import type { Transform } from 'node:stream';
import type { BrotliOptions, ZlibOptions, ZstdOptions } from 'node:zlib';

/** What Node compresses and clients ask for. `deflate` is left out: clients disagree about what it is (RFC 9110, 8.4.1.2). */
export type ContentEncoding = 'br' | 'gzip' | 'zstd';

/** Best first for a body that is compressed for one answer: fewest bytes for the CPU it takes. */
export const CONTENT_ENCODINGS: readonly ContentEncoding[] = ['zstd', 'br', 'gzip'];

/** How something is compressed. */
export interface Compression {
  /** `once`: for one answer. `soon`: somebody waits, and it will be replaced. `best`: for all answers to come. */
  readonly effort: 'once' | 'soon' | 'best';
  /**
   * `whole`: a body from beginning to end. `start`: up to a byte boundary, where more can follow. `parts`: written in parts,
   * of which each can be read as soon as it was written.
   */
  readonly form: 'whole' | 'start' | 'parts';
  /** Bytes. The window is no larger, since readers allocate it. */
  readonly size: number;
}

interface Format {
  compress(body: Uint8Array, compression: Compression): Uint8Array;
  open(compression: Compression): Transform;
}

// Not by `import`: a server that nobody asks for compression never loads it.
export const zlib = (): typeof import('node:zlib') => process.getBuiltinModule('node:zlib');

export const FORMATS: Readonly<Record<ContentEncoding, Format>> = {
  br: {
    compress: (body, compression) => zlib().brotliCompressSync(body, brotliOptions(compression)),
    open: (compression) => zlib().createBrotliCompress(brotliOptions(compression)),
  },
  gzip: {
    compress: (body, compression) => zlib().gzipSync(body, gzipOptions(compression)),
    open: (compression) => zlib().createGzip(gzipOptions(compression)),
  },
  zstd: {
    compress: (body, compression) => zlib().zstdCompressSync(body, zstdOptions(compression)),
    open: (compression) => zlib().createZstdCompress(zstdOptions(compression)),
  },
};

function brotliOptions({ effort, form, size }: Compression): BrotliOptions {
  const { constants } = zlib();
  const { BROTLI_OPERATION_PROCESS: none, BROTLI_OPERATION_FLUSH: flush, BROTLI_OPERATION_FINISH: finish } = constants;
  return {
    ...flushing(form, { none, flush, finish }),
    params: {
      [constants.BROTLI_PARAM_QUALITY]: { once: form === 'parts' ? 4 : 1, soon: 5, best: 11 }[effort],
      [constants.BROTLI_PARAM_LGWIN]: windowBits(size, 22),
      [constants.BROTLI_PARAM_SIZE_HINT]: size,
    },
  };
}

function gzipOptions({ effort, form, size }: Compression): ZlibOptions {
  const { Z_NO_FLUSH: none, Z_SYNC_FLUSH: flush, Z_FINISH: finish } = zlib().constants;
  const bits = windowBits(size, 15);
  return {
    ...flushing(form, { none, flush, finish }),
    level: { once: 1, soon: 6, best: 9 }[effort],
    windowBits: bits,
    memLevel: bits - 7,
  };
}

/**
 * Its tables are as large as the size lets them be: at the highest level some 80 MB where none is known. What more follows is
 * not told it, since the size would be written ahead. Readers need not take a window of more than 8 MiB (RFC 9659).
 */
function zstdOptions({ effort, form, size }: Compression): ZstdOptions {
  const { constants } = zlib();
  const { ZSTD_e_continue: none, ZSTD_e_flush: flush, ZSTD_e_end: finish } = constants;
  return {
    ...flushing(form, { none, flush, finish }),
    ...(form === 'parts' ? {} : { pledgedSrcSize: size }),
    params: {
      [constants.ZSTD_c_compressionLevel]: { once: form === 'parts' ? 1 : 3, soon: 3, best: 19 }[effort],
      [constants.ZSTD_c_windowLog]: windowBits(size, 23),
      [constants.ZSTD_c_contentSizeFlag]: form === 'start' ? 0 : 1,
    },
  };
}

function windowBits(size: number, most: number): number {
  return Math.min(most, Math.max(10, Math.ceil(Math.log2(size))));
}

interface Flush {
  readonly none: number;
  readonly flush: number;
  readonly finish: number;
}

/** Of output: what a whole body has between two looks at whether anybody still waits, and an event at most has at once. */
const CHUNK = { whole: 64 * 1024, start: 64 * 1024, parts: 4 * 1024 };

function flushing(form: Compression['form'], { none, flush, finish }: Flush) {
  return {
    flush: form === 'parts' ? flush : none,
    finishFlush: form === 'start' ? flush : finish,
    chunkSize: CHUNK[form],
  };
}
