import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ContentEncoding } from '@mcpgen/server-runtime-perf/compression';
import { type Lazy, lazy } from '@mcpgen/server-runtime-perf/lazy';
import type { Caller } from '../authoring/define.ts';
import type { CompressionOptions } from '../catalogue/manifest.ts';
import { ReadyMessage } from '../catalogue/ready-result.ts';
import { DEFAULT_COMPRESSION_THRESHOLD } from '../protocol/protocol.ts';
import type { AnswerEncoder, EncodedOutput } from './answer-encoder.ts';

/** An answer's body in an encoding. */
export interface EncodedBody {
  readonly encoding: ContentEncoding;
  /** Goes out before the rest, if there is a rest. */
  readonly start: Uint8Array;
  readonly rest: Uint8Array | undefined;
}

/** One request and its response, and who sent it. */
export interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly caller: Caller | undefined;
}

/**
 * `undefined` where nothing is to be compressed.
 * @throws RangeError for a threshold that is no number of bytes.
 */
export function answerCompression(options: false | CompressionOptions = {}): AnswerCompression | undefined {
  return options === false ? undefined : new AnswerCompression(options);
}

/** Decides which answers are compressed. What compresses is loaded with the first client that asks for it. */
export class AnswerCompression {
  readonly #threshold: number;
  readonly #results: NonNullable<CompressionOptions['results']>;
  readonly #streams: boolean;
  readonly encoder: Lazy<AnswerEncoder>;

  constructor({
    threshold = DEFAULT_COMPRESSION_THRESHOLD,
    encodings,
    results = 'anonymous',
    streams = false,
  }: CompressionOptions) {
    if (!(threshold >= 0)) throw new RangeError(`Threshold ${threshold} is no number of bytes`);
    this.#threshold = threshold;
    this.#results = results;
    this.#streams = streams;
    this.encoder = lazy(async () => {
      const { AnswerEncoder } = await import('./answer-encoder.ts');
      return new AnswerEncoder(encodings);
    });
  }

  /** Loads what streams need, since they are opened in the same turn as their first event. */
  async prepare(): Promise<void> {
    if (this.#streams) await this.encoder.get();
  }

  /** Whether it depends on `Accept-Encoding` how this body goes out. */
  covers(body: string | ReadyMessage, length: number, caller: Caller | undefined): boolean {
    return length >= this.#threshold && this.#mayEncode(body, caller);
  }

  /** The body as its client likes it best; `undefined`: as it is. */
  encode(
    body: string | ReadyMessage,
    length: number,
    asked: Asked,
  ): EncodedBody | undefined | Promise<EncodedBody | undefined> {
    const accept = asked.request.headers['accept-encoding'];
    if (accept === undefined || !this.#mayEncode(body, asked.caller)) return undefined;
    const small = length < this.#threshold;
    // Only who refuses a body as it is gets a small one compressed.
    if (small && !accept.includes('=0')) return undefined;
    const encoder = this.encoder.peek();
    if (encoder !== undefined) return encoder.encode(body, { accept, small, response: asked.response });
    return this.encoder.get().then((loaded) => loaded.encode(body, { accept, small, response: asked.response }));
  }

  /** Whether streams depend on `Accept-Encoding`. */
  coversStreams(caller: Caller | undefined): boolean {
    return this.#streams && this.coversResults(caller);
  }

  /** The stream's output, if its client asks for a compressed one. */
  openEvents({ request, response, caller }: Asked): EncodedOutput | undefined {
    const accept = request.headers['accept-encoding'];
    if (accept === undefined || !this.coversStreams(caller)) return undefined;
    return this.encoder.peek()?.openEvents(accept, response);
  }

  /** Whether results for this caller depend on `Accept-Encoding`. */
  coversResults(caller: Caller | undefined): boolean {
    return this.#mayEncode('', caller);
  }

  #mayEncode(body: string | ReadyMessage, caller: Caller | undefined): boolean {
    if (body instanceof ReadyMessage || this.#results === 'all') return true;
    return this.#results === 'anonymous' && caller === undefined;
  }
}
