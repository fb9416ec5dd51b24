import { type RequestId, resultHead } from './answer.ts';

/** A result without its message's head, ready to be sent any number of times. */
export class ReadyResult {
  readonly #parts: readonly (string | Uint8Array)[];
  readonly #text: string | undefined;
  #bytes: Buffer | undefined;

  /** Its parts in order: bytes stay bytes, so that a list of a thousand tools is not decoded to be encoded again. */
  constructor(...parts: readonly (string | Uint8Array)[]) {
    this.#parts = parts;
    const size = parts.reduce((sum, part) => sum + part.length, 0);
    this.#text = size < LARGE ? parts.map(asText).join('') : undefined;
  }

  /** Text for small results, which go out in one write with the head of the response; bytes for large ones. */
  message(id: RequestId): string | Uint8Array {
    const head = resultHead(id);
    if (this.#text !== undefined) return `${head}${this.#text}}`;
    if (this.#bytes === undefined) {
      // Joined once: the first answer needs no copy of a copy.
      this.#bytes = Buffer.concat([...this.#parts, '}'].map(asBytes));
    }
    return Buffer.concat([Buffer.from(head), this.#bytes]);
  }
}

const LARGE = 16 * 1024;

function asText(part: string | Uint8Array): string {
  return typeof part === 'string' ? part : Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString();
}

function asBytes(part: string | Uint8Array): Uint8Array {
  return typeof part === 'string' ? Buffer.from(part) : part;
}

/** Pages of a list by their cursor; the first has none. */
export type ListPages = ReadonlyMap<string | undefined, ReadyResult>;
