import type { Transform } from 'node:stream';
import { type Compression, type ContentEncoding, FORMATS } from './content-encoding.ts';

export interface CompressBodyOptions {
  readonly encoding: ContentEncoding;
  /** Ends the work on a large body: whoever waited for it has left. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Up to here a body is compressed at once. It takes at most half a millisecond, about what its making took; by way of another
 * thread it would be twice the CPU, since each thread's memory is taken anew.
 */
const AT_ONCE = 64 * 1024;

/**
 * Compresses the body of one answer, a large one off the event loop. `undefined` where it would not get smaller.
 * @throws the signal's reason, by the promise.
 */
export function compressBody(
  body: Uint8Array,
  { encoding, signal }: CompressBodyOptions,
): Uint8Array | undefined | Promise<Uint8Array | undefined> {
  const compression: Compression = { effort: 'once', form: 'whole', size: body.length };
  const ifSmaller = (bytes: Uint8Array): Uint8Array | undefined => (bytes.length < body.length ? bytes : undefined);
  if (body.length <= AT_ONCE) return ifSmaller(FORMATS[encoding].compress(body, compression));
  return compressAside(body, encoding, { ...compression, signal }).then(ifSmaller);
}

/** A limit on what is in the thread pool at once, in the order of coming. */
class Lane {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(width: number) {
    this.#free = width;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}

/**
 * Two answers and one body at the highest level at a time: of the pool's four threads one is left to others. With 16 at once
 * each would take three times the CPU, for memory that none of them leaves to the next.
 */
const answers = new Lane(2);
const best = new Lane(1);

/** Compresses in the thread pool, in its turn. */
export function compressAside(
  body: Uint8Array,
  encoding: ContentEncoding,
  { signal, ...compression }: Compression & { readonly signal?: AbortSignal | undefined },
): Promise<Uint8Array> {
  return (compression.effort === 'best' ? best : answers).run(async () => {
    signal?.throwIfAborted();
    return runThrough(FORMATS[encoding].open(compression), body, signal);
  });
}

function runThrough(stream: Transform, body: Uint8Array, signal: AbortSignal | undefined): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const leave = (): void => {
      stream.destroy();
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', leave, { once: true });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.once('error', reject);
    stream.once('end', () => {
      signal?.removeEventListener('abort', leave);
      resolve(Buffer.concat(chunks));
    });
    stream.end(body);
  });
}
