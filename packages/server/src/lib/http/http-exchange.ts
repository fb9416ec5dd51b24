import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from '../authoring/define.ts';
import type { ReadyMessage } from '../catalogue/ready-result.ts';
import { type Answer, Refusal } from '../protocol/answer.ts';
import { type ClientRequest, cancelExchange, type Exchange } from '../protocol/exchange.ts';
import type { Lifetime } from '../protocol/lifetime.ts';
import { StreamedAnswer } from '../protocol/streamed-answer.ts';
import type { AnswerCompression, EncodedBody } from './answer-compression.ts';
import { endEvents, endResponse } from './end-response.ts';
import { type EventOutput, openEvents } from './event-output.ts';

/** A reader that leaves more than this unread has gone away without saying so. */
const UNREAD_LIMIT = 4 * 1024 * 1024;
const KEEP_ALIVE = 15_000;

export interface HttpExchangeOptions {
  readonly caller: Caller | undefined;
  readonly lifetime: Lifetime;
  readonly extraHeaders: readonly string[];
  /** Milliseconds that a reader may take nothing of an answer before it is cut off. */
  readonly stallLimit?: number | undefined;
  /** Absent: nothing is compressed. */
  readonly compression?: AnswerCompression | undefined;
}

/** One request over HTTP: answered by a JSON body, or by a stream of events where something is sent ahead of the answer. */
export class HttpExchange implements Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly caller: Caller | undefined;
  readonly lifetime: Lifetime;
  cancel: (() => void) | undefined;
  cancelled = false;
  readonly streams = true;
  ask: ((request: ClientRequest) => Promise<unknown>) | undefined;
  /** Headers that every answer to this request carries, as a flat list. */
  extraHeaders: readonly string[];
  readonly #stallLimit: number | undefined;
  readonly #compression: AnswerCompression | undefined;
  #events: EventOutput | undefined;
  /** The answer is there, or on its way in parts or through a compressor: nothing more may come. */
  #answered = false;
  #keepAlive: NodeJS.Timeout | undefined;
  #parts: Exchange[] | undefined;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    { caller, lifetime, extraHeaders, stallLimit, compression }: HttpExchangeOptions,
  ) {
    this.request = request;
    this.response = response;
    this.caller = caller;
    this.lifetime = lifetime;
    this.extraHeaders = extraHeaders;
    this.#stallLimit = stallLimit;
    this.#compression = compression;
  }

  /** Whether the client can be told something ahead of the answer. */
  get takesEvents(): boolean {
    const { accept } = this.request.headers;
    return accept === undefined || accept.includes('text/event-stream') || accept.includes('*/*');
  }

  notify(json: string): void {
    if (this.#isOver) return;
    if (this.#events === undefined) {
      if (!this.takesEvents) return;
      const events = this.openEvents();
      this.#events = events;
      this.#keepAlive = setInterval(() => events.write(':\n\n'), KEEP_ALIVE).unref();
    }
    this.#events.write(`event: message\ndata: ${json}\n\n`);
    if (this.#events.writableLength > UNREAD_LIMIT) this.response.destroy();
  }

  /** Sends the head of a stream of events. */
  openEvents(): EventOutput {
    return openEvents(this, this.extraHeaders, this.#compression);
  }

  /** The same request as one of several in a batch, whose answers go out together: nothing is sent ahead. It ends with the whole. */
  alone(): Exchange {
    const { caller, lifetime, cancelled } = this;
    const part: Exchange = { caller, lifetime, cancelled, cancel: undefined, notify: () => {} };
    this.#parts ??= [];
    this.#parts.push(part);
    return part;
  }

  /**
   * Sends the answer, once it is there. Work goes on only as long as the client waits for it.
   * @param failed gives the answer where there will be none.
   */
  settle(answer: Answer | Promise<Answer>, failed: (error: unknown) => Answer): void {
    if (!(answer instanceof Promise)) {
      this.send(answer);
      return;
    }
    if (this.response.destroyed) this.#left();
    else this.response.once('close', () => this.#left());
    answer.then(
      (ready) => this.send(ready),
      (error: unknown) => this.send(failed(error)),
    );
  }

  #left(): void {
    cancelExchange(this);
    for (const part of this.#parts ?? []) cancelExchange(part);
  }

  send(answer: Answer): void {
    clearInterval(this.#keepAlive);
    if (answer instanceof StreamedAnswer) this.#sendParts(answer);
    else if (!this.#isOver) this.#sendWhole(answer);
  }

  #sendWhole(answer: Exclude<Answer, StreamedAnswer>): void {
    this.#answered = true;
    if (this.#events !== undefined) this.#endEvents(this.#events, answer);
    else if (answer === undefined) this.#sendNothing();
    else if (answer instanceof Refusal) this.#write(answer.status, answer.json, Buffer.byteLength(answer.json));
    else this.#sendMessage(answer);
  }

  get #isOver(): boolean {
    return this.#answered || this.response.destroyed || this.response.writableEnded;
  }

  #sendMessage(message: string | ReadyMessage): void {
    const length = lengthOf(message);
    const encoded = this.#compression?.encode(message, length, this);
    if (!(encoded instanceof Promise)) this.#writeMessage(message, length, encoded);
    else {
      encoded.then(
        (body) => this.#writeMessage(message, length, body),
        () => this.#writeMessage(message, length, undefined),
      );
    }
  }

  #writeMessage(message: string | ReadyMessage, length: number, encoded: EncodedBody | undefined): void {
    if (encoded === undefined) this.#write(200, message, length);
    else if (!this.response.destroyed) this.#writeEncoded(encoded);
  }

  /** A body that goes out in one write with the head of the response. */
  #write(status: number, body: string | ReadyMessage, length: number): void {
    const { response } = this;
    if (response.destroyed) return;
    const varies = this.#compression?.covers(body, length, this.caller) === true;
    this.#writeHead(status, length, varies ? VARY : NO_HEADERS);
    if (typeof body === 'string') endResponse(response, body, this.#stallLimit);
    else if (typeof body.rest === 'string') endResponse(response, body.head + body.rest, this.#stallLimit);
    else {
      response.write(body.head);
      endResponse(response, body.rest, this.#stallLimit);
    }
  }

  #writeEncoded({ encoding, start, rest }: EncodedBody): void {
    const { response } = this;
    const length = start.length + (rest?.length ?? 0);
    this.#writeHead(200, length, ['Content-Encoding', encoding, ...VARY]);
    if (rest !== undefined) response.write(start);
    endResponse(response, rest ?? start, this.#stallLimit);
  }

  #writeHead(status: number, length: number, more: readonly string[]): void {
    const { response, extraHeaders } = this;
    if (this.lifetime.hasEnded) response.shouldKeepAlive = false;
    const headers = ['Content-Type', 'application/json', 'Content-Length', String(length), ...more];
    response.writeHead(status, extraHeaders.length === 0 ? headers : headers.concat(extraHeaders));
  }

  async #sendParts(answer: StreamedAnswer): Promise<void> {
    this.#answered = true;
    const { sendParts } = await import('../rare-features.ts');
    const compression = this.#compression;
    await sendParts(this, answer, { events: this.#events, compression, stallLimit: this.#stallLimit });
  }

  #sendNothing(): void {
    if (this.lifetime.hasEnded) this.response.shouldKeepAlive = false;
    this.response.writeHead(202, ['Content-Length', '0', ...this.extraHeaders]);
    this.response.end();
  }

  #endEvents(events: EventOutput, answer: Exclude<Answer, StreamedAnswer>): void {
    const { response } = this;
    // Its head has said that the connection is kept: when all is sent, it is closed all the same.
    if (this.lifetime.hasEnded) response.once('finish', () => this.request.socket.destroySoon());
    const last = answer === undefined ? '' : `event: message\ndata: ${textOf(answer)}\n\n`;
    endEvents(response, events, { last, stallLimit: this.#stallLimit });
  }
}

const NO_HEADERS: readonly string[] = [];
const VARY: readonly string[] = ['Vary', 'Accept-Encoding'];

function lengthOf(message: string | ReadyMessage): number {
  if (typeof message === 'string') return Buffer.byteLength(message);
  return Buffer.byteLength(message.head) + Buffer.byteLength(message.rest);
}

function textOf(answer: Exclude<Answer, StreamedAnswer | undefined>): string {
  if (answer instanceof Refusal) return answer.json;
  return typeof answer === 'string' ? answer : answer.text();
}
