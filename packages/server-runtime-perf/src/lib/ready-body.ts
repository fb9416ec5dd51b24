import { CompressedVariants } from './compressed-variants.ts';
import { type ContentEncoding, zlib } from './content-encoding.ts';

/** A whole compressed body in two pieces, to be written one after the other. */
export interface ReadyParts {
  readonly start: Uint8Array;
  readonly end: Uint8Array;
}

/** A body of which only the last few bytes differ from answer to answer. */
export interface ReadyBody {
  /**
   * The body with this ending, without compressing anything again. Only who asks for an encoding first waits.
   * `undefined` for an ending of more than 1,000 bytes.
   */
  encode(encoding: ContentEncoding, ending: string): ReadyParts | undefined | Promise<ReadyParts>;
  /** Compresses at the highest level before anybody asks. */
  prepare(encoding: ContentEncoding): Promise<void>;
}

/** What all three formats can hold in one uncompressed block after a window of the least size. */
const ENDING_LIMIT = 1000;

interface Start {
  readonly bytes: Uint8Array;
  /** Of what was compressed. */
  readonly size: number;
  readonly checksum: number;
}

/**
 * A body that is compressed once for all its answers: the beginning up to a byte boundary, and each answer's own ending
 * follows as it is, in an uncompressed block of the same format. So what a client chose (the id of its request) never
 * meets the compressor.
 * @param read gives the beginning that all answers share, one byte at least; called when an encoding is asked for.
 */
export function createReadyBody(read: () => Uint8Array): ReadyBody {
  const variants = new CompressedVariants<Start>(read, 'start', (bytes, beginning) => ({
    bytes,
    size: beginning.length,
    checksum: zlib().crc32(beginning),
  }));
  return {
    encode: (encoding, ending) => {
      const last = Buffer.from(ending);
      if (last.length > ENDING_LIMIT) return undefined;
      const join = (start: Start): ReadyParts => ({ start: start.bytes, end: END_OF[encoding](last, start) });
      const start = variants.get(encoding);
      return start instanceof Promise ? start.then(join) : join(start);
    },
    prepare: async (encoding) => {
      await variants.best(encoding);
    },
  };
}

const END_OF: Readonly<Record<ContentEncoding, (last: Buffer, start: Start) => Uint8Array>> = {
  br: brotliEnd,
  gzip: gzipEnd,
  zstd: zstdEnd,
};

/**
 * RFC 1951, 3.2.4: 01 (final, stored) | length | its complement | bytes. Then RFC 1952, 2.3.1: the CRC-32 of the whole,
 * continued from that of the beginning | length of the whole.
 */
function gzipEnd(last: Buffer, { size, checksum }: Start): Uint8Array {
  const { length } = last;
  const end = Buffer.allocUnsafe(5 + length + 8);
  end[0] = 1;
  end.writeUInt16LE(length, 1);
  end.writeUInt16LE(0xffff ^ length, 3);
  last.copy(end, 5);
  end.writeUInt32LE(zlib().crc32(last, checksum), 5 + length);
  end.writeUInt32LE((size + length) % 2 ** 32, 9 + length);
  return end;
}

/**
 * RFC 7932, 9.2, from the lowest bit: 0 (not the last) | 00 (length in 16 bits) | length - 1 | 1 (uncompressed) | 0000 up
 * to the byte | bytes. Then 11: the last meta-block, and empty.
 */
function brotliEnd(last: Buffer, _start: Start): Uint8Array {
  const { length } = last;
  if (length === 0) return Buffer.of(3);
  const end = Buffer.allocUnsafe(3 + length + 1);
  end.writeUIntLE(((length - 1) << 3) | (1 << 19), 0, 3);
  last.copy(end, 3);
  end[3 + length] = 3;
  return end;
}

/** RFC 8878, 3.1.1.2: 1 (the last) | 00 (raw) | length in 21 bits | bytes. The frame has no checksum and names no size. */
function zstdEnd(last: Buffer, _start: Start): Uint8Array {
  const end = Buffer.allocUnsafe(3 + last.length);
  end.writeUIntLE(1 | (last.length << 3), 0, 3);
  last.copy(end, 3);
  return end;
}
