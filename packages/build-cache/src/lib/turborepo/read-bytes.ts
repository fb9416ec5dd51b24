/** A stream has fewer bytes than were announced. */
export class EndedEarly extends Error {}

/** Takes bytes from a stream in the portions that a format has. */
export interface ByteReader {
  /** Exactly so many bytes. Throws `EndedEarly`. */
  take(size: number): Promise<Buffer>;
  /** The same in pieces, for what does not fit into memory. Throws `EndedEarly`. */
  pieces(size: number): AsyncGenerator<Uint8Array>;
  /** Whether nothing is left. */
  atEnd(): Promise<boolean>;
}

export function readBytes(source: AsyncIterable<Uint8Array>): ByteReader {
  const iterator = source[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array();

  /** Makes `rest` non-empty, unless the stream has ended. */
  async function fill(): Promise<boolean> {
    while (rest.length === 0) {
      const { done, value } = await iterator.next();
      if (done === true) return false;
      rest = value;
    }
    return true;
  }

  async function* pieces(size: number): AsyncGenerator<Uint8Array> {
    for (let left = size; left > 0; ) {
      if (!(await fill())) throw new EndedEarly();
      const piece = rest.subarray(0, left);
      rest = rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  return {
    pieces,
    async take(size) {
      const taken: Uint8Array[] = [];
      for await (const piece of pieces(size)) taken.push(piece);
      return Buffer.concat(taken, size);
    },
    atEnd: async () => !(await fill()),
  };
}
