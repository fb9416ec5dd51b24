import type { ContentEncoding, createReadyBody, ReadyBody, ReadyParts } from '@mcpgen/server-runtime-perf/compression';
import { idJson, type RequestId, resultHead } from '../protocol/answer.ts';

/** A result without its message's head, ready to be sent any number of times. */
export class ReadyResult {
  readonly #parts: readonly (string | Uint8Array)[];
  /** Text for small results, which go out in one write with the head of the response; bytes for large ones. */
  #rest: string | Buffer | undefined;
  #compressed: ReadyBody | undefined;

  /** Its parts in order: bytes stay bytes, so that a list of a thousand tools is not decoded to be encoded again. */
  constructor(...parts: readonly (string | Uint8Array)[]) {
    this.#parts = parts;
  }

  message(id: RequestId): ReadyMessage {
    return new ReadyMessage(this, id);
  }

  /** The result, and the brace that closes its message. */
  get rest(): string | Buffer {
    this.#rest ??= join([...this.#parts, '}']);
    return this.#rest;
  }

  /** Compressed once for all messages: their ids come last, where they can be put uncompressed. */
  compressed(create: typeof createReadyBody): ReadyBody {
    this.#compressed ??= create(() => Buffer.concat(['{"jsonrpc":"2.0","result":', ...this.#parts].map(asBytes)));
    return this.#compressed;
  }
}

/** The message that carries a ready result to one request. */
export class ReadyMessage {
  readonly #result: ReadyResult;
  readonly #id: RequestId;

  constructor(result: ReadyResult, id: RequestId) {
    this.#result = result;
    this.#id = id;
  }

  /** Begins the message; `rest` follows. */
  get head(): string {
    return resultHead(this.#id);
  }

  get rest(): string | Buffer {
    return this.#result.rest;
  }

  text(): string {
    return this.head + asText(this.rest);
  }

  /** The message compressed, its members in another order; `undefined` where its id is too long for that. */
  encode(encoding: ContentEncoding, create: typeof createReadyBody): ReadyParts | undefined | Promise<ReadyParts> {
    return this.#result.compressed(create).encode(encoding, `,"id":${idJson(this.#id)}}`);
  }
}

const LARGE = 16 * 1024;

function join(parts: readonly (string | Uint8Array)[]): string | Buffer {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  return size < LARGE ? parts.map(asText).join('') : Buffer.concat(parts.map(asBytes));
}

function asText(part: string | Uint8Array): string {
  return typeof part === 'string' ? part : Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString();
}

function asBytes(part: string | Uint8Array): Uint8Array {
  return typeof part === 'string' ? Buffer.from(part) : part;
}

/** Pages of a list by their cursor; the first has none. */
export type ListPages = ReadonlyMap<string | undefined, ReadyResult>;
