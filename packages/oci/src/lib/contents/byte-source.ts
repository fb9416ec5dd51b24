import { open } from 'node:fs/promises';
import type { Content } from '../content-store.ts';

/** Bytes that are taken in order, or left out. */
export interface ByteSource {
  /** Bytes taken or skipped so far. */
  readonly position: number;
  /** Exactly so many bytes; fewer only at the end. */
  take(count: number): Promise<Buffer>;
  /** The next bytes in pieces as they come. */
  pieces(count: number): AsyncGenerator<Uint8Array>;
  skip(count: number): Promise<void>;
}

/** Bytes that stream by: what is skipped is read and dropped. */
export function streamSource(content: Content): ByteSource & AsyncDisposable {
  const chunks = toAsync(content);
  let rest: Uint8Array = Buffer.alloc(0);
  let position = 0;

  async function* pieces(count: number): AsyncGenerator<Uint8Array> {
    for (let left = count; left > 0; ) {
      if (rest.length === 0) {
        const next = await chunks.next();
        if (next.done === true) return;
        rest = next.value;
        continue;
      }
      const piece = rest.subarray(0, left);
      rest = rest.subarray(piece.length);
      left -= piece.length;
      position += piece.length;
      yield piece;
    }
  }
  return {
    get position() {
      return position;
    },
    async take(count) {
      const taken: Uint8Array[] = [];
      for await (const piece of pieces(count)) taken.push(piece);
      return Buffer.concat(taken);
    },
    pieces,
    async skip(count) {
      for await (const _ of pieces(count));
    },
    // Ends a download that is not needed to its end.
    [Symbol.asyncDispose]: async () => void (await chunks.return(undefined)),
  };
}

/** Bytes of a file: what is skipped is not read. */
export async function fileSource(path: string): Promise<ByteSource & AsyncDisposable> {
  const file = await open(path, 'r');
  let position = 0;
  const take = async (count: number): Promise<Buffer> => {
    const buffer = Buffer.alloc(count);
    let taken = 0;
    while (taken < count) {
      const { bytesRead } = await file.read(buffer, taken, count - taken, position);
      if (bytesRead === 0) break;
      taken += bytesRead;
      position += bytesRead;
    }
    return buffer.subarray(0, taken);
  };
  return {
    get position() {
      return position;
    },
    take,
    async *pieces(count) {
      for (let left = count; left > 0; ) {
        const piece = await take(Math.min(left, READ_CHUNK));
        if (piece.length === 0) return;
        left -= piece.length;
        yield piece;
      }
    },
    skip: async (count) => {
      position += count;
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}

const READ_CHUNK = 256 * 1024;

async function* toAsync(content: Content): AsyncGenerator<Uint8Array> {
  yield* content;
}
