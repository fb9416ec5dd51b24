import { type RequestId, resultHead } from './answer.ts';

/** A result without its message's head, ready to be sent any number of times. */
export class ReadyResult {
  readonly #text: string;
  #bytes: Buffer | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** Text for small results, which go out in one write with the head of the response; bytes for large ones. */
  message(id: RequestId): string | Uint8Array {
    const head = resultHead(id);
    if (this.#text.length < LARGE) return `${head}${this.#text}}`;
    this.#bytes ??= Buffer.from(`${this.#text}}`);
    return Buffer.concat([Buffer.from(head), this.#bytes]);
  }
}

const LARGE = 16 * 1024;

/** Pages of a list by their cursor; the first has none. */
export type ListPages = ReadonlyMap<string | undefined, ReadyResult>;
