import type { ServerResponse } from 'node:http';
import type { Transform } from 'node:stream';
import {
  CONTENT_ENCODINGS,
  type ContentEncoding,
  compressBody,
  createEventCompressor,
  createNegotiator,
  createReadyBody,
} from '@mcpgen/server-runtime-perf/compression';
import type { ReadyMessage } from '../catalogue/ready-result.ts';
import type { EncodedBody } from './answer-compression.ts';
import type { EventOutput } from './event-output.ts';

/** Fewest bytes first: what was compressed once costs every request the same. */
const LISTS_ORDER: readonly ContentEncoding[] = ['br', 'zstd', 'gzip'];
/** Least memory first: a stream keeps its compressor for as long as it lasts. */
const STREAMS_ORDER: readonly ContentEncoding[] = ['zstd', 'gzip', 'br'];

/** Bytes: a body that is sent in parts is long. */
const PARTS_WINDOW = 256 * 1024;

interface EncodeOptions {
  /** `Accept-Encoding`. */
  readonly accept: string;
  /** To be compressed only where the client refuses anything else. */
  readonly small: boolean;
  /** When it closes, nobody waits for the body any more. */
  readonly response: ServerResponse;
}

/** Compresses answers; loaded when the first client asks for that. */
export class AnswerEncoder {
  readonly #encodings: readonly ContentEncoding[] | undefined;
  readonly #negotiate = createNegotiator();

  constructor(encodings: readonly ContentEncoding[] | undefined) {
    this.#encodings = encodings;
  }

  encode(
    body: string | ReadyMessage,
    { accept, small, response }: EncodeOptions,
  ): EncodedBody | undefined | Promise<EncodedBody | undefined> {
    const order = typeof body === 'string' ? CONTENT_ENCODINGS : LISTS_ORDER;
    const { encoding, required } = this.#negotiate(accept, this.#encodings ?? order);
    if (encoding === undefined || (small && !required)) return undefined;
    return typeof body === 'string' ? encodeText(body, encoding, response) : encodeReady(body, encoding);
  }

  /** An output that compresses each event by itself; `undefined` where the client asks for nothing of the kind. */
  openEvents(accept: string, response: ServerResponse): EncodedOutput | undefined {
    const { encoding } = this.#negotiate(accept, this.#encodings ?? STREAMS_ORDER);
    return encoding && { encoding, output: new CompressedOutput(response, createEventCompressor(encoding)) };
  }

  /** The same for a body that is sent as it is made. */
  openParts(accept: string | undefined, response: ServerResponse): EncodedOutput | undefined {
    const { encoding } = this.#negotiate(accept, this.#encodings ?? CONTENT_ENCODINGS);
    const compressor = encoding && createEventCompressor(encoding, { window: PARTS_WINDOW });
    return compressor && { encoding, output: new CompressedOutput(response, compressor) };
  }
}

export interface EncodedOutput {
  readonly encoding: ContentEncoding;
  readonly output: EventOutput;
}

function encodeReady(body: ReadyMessage, encoding: ContentEncoding): EncodedBody | undefined | Promise<EncodedBody> {
  const parts = body.encode(encoding, createReadyBody);
  if (parts instanceof Promise) return parts.then(({ start, end }) => ({ encoding, start, rest: end }));
  return parts && { encoding, start: parts.start, rest: parts.end };
}

function encodeText(
  text: string,
  encoding: ContentEncoding,
  response: ServerResponse,
): EncodedBody | undefined | Promise<EncodedBody | undefined> {
  const controller = new AbortController();
  const encoded = compressBody(Buffer.from(text), { encoding, signal: controller.signal });
  const toBody = (start: Uint8Array | undefined): EncodedBody | undefined =>
    start && { encoding, start, rest: undefined };
  if (!(encoded instanceof Promise)) return toBody(encoded);
  const leave = (): void => controller.abort();
  response.once('close', leave);
  return encoded.then((bytes) => {
    response.off('close', leave);
    return toBody(bytes);
  });
}

/** What is written reaches its reader piece by piece, compressed. */
class CompressedOutput implements EventOutput {
  readonly #response: ServerResponse;
  readonly #compressor: Transform;

  constructor(response: ServerResponse, compressor: Transform) {
    this.#response = response;
    this.#compressor = compressor;
    // What the response does not take stays in the compressor, and counts as unread.
    compressor.pipe(response);
    compressor.once('error', () => response.destroy());
    response.once('close', () => compressor.destroy());
  }

  get writableLength(): number {
    return this.#compressor.writableLength + this.#compressor.readableLength + this.#response.writableLength;
  }

  write(text: string | Uint8Array, taken?: () => void): void {
    this.#compressor.write(text, taken);
  }

  end(text: string): void {
    this.#compressor.end(text);
  }
}
