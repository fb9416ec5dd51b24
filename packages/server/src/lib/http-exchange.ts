import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, Refusal } from './answer.ts';
import type { Caller } from './define.ts';
import { endResponse } from './end-response.ts';
import { type ClientRequest, cancelExchange, type Exchange } from './exchange.ts';
import type { Lifetime } from './lifetime.ts';
import { StreamedAnswer } from './streamed-answer.ts';

/** A reader that leaves more than this unread has gone away without saying so. */
const UNREAD_LIMIT = 4 * 1024 * 1024;
const KEEP_ALIVE = 15_000;

export interface HttpExchangeOptions {
  readonly caller: Caller | undefined;
  readonly lifetime: Lifetime;
  readonly extraHeaders: readonly string[];
  /** Milliseconds that a reader may take nothing of an answer before it is cut off. */
  readonly stallLimit?: number | undefined;
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
  #keepAlive: NodeJS.Timeout | undefined;
  #parts: Exchange[] | undefined;
  /** An answer goes out in parts, and nothing may come between them. */
  #sendsParts = false;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    { caller, lifetime, extraHeaders, stallLimit }: HttpExchangeOptions,
  ) {
    this.request = request;
    this.response = response;
    this.caller = caller;
    this.lifetime = lifetime;
    this.extraHeaders = extraHeaders;
    this.#stallLimit = stallLimit;
  }

  notify(json: string): void {
    if (this.response.destroyed || this.response.writableEnded || this.#sendsParts) return;
    if (!this.response.headersSent && !this.#openStream()) return;
    this.response.write(`event: message\ndata: ${json}\n\n`);
    if (this.response.writableLength > UNREAD_LIMIT) this.response.destroy();
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
    const { response } = this;
    if (answer instanceof StreamedAnswer) {
      this.#sendParts(answer);
      return;
    }
    if (response.destroyed || response.writableEnded) return;
    if (response.headersSent) {
      this.#endStream(answer);
      return;
    }
    if (this.lifetime.hasEnded) response.shouldKeepAlive = false;
    if (answer === undefined) this.#sendNothing();
    else if (answer instanceof Refusal) this.#sendBody(answer.status, answer.json);
    else this.#sendBody(200, answer);
  }

  /** A body that goes out in one write with the head of the response. */
  #sendBody(status: number, body: string | Uint8Array): void {
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
    const headers = ['Content-Type', 'application/json', 'Content-Length', String(length)];
    this.response.writeHead(status, this.extraHeaders.length === 0 ? headers : headers.concat(this.extraHeaders));
    endResponse(this.response, body, this.#stallLimit);
  }

  async #sendParts(answer: StreamedAnswer): Promise<void> {
    const { response } = this;
    this.#sendsParts = true;
    const { sendParts } = await import('./rare-features.ts');
    if (this.lifetime.hasEnded) response.shouldKeepAlive = false;
    const isEvent = response.headersSent;
    if (!isEvent) response.writeHead(200, ['Content-Type', 'application/json', ...this.extraHeaders]);
    await sendParts(response, answer, { isEvent, stallLimit: this.#stallLimit });
    if (this.lifetime.hasEnded) response.once('finish', () => this.request.socket.destroySoon());
  }

  #sendNothing(): void {
    this.response.writeHead(202, ['Content-Length', '0', ...this.extraHeaders]);
    this.response.end();
  }

  #openStream(): boolean {
    if (!acceptsEvents(this.request.headers.accept)) return false;
    this.response.writeHead(200, [
      'Content-Type',
      'text/event-stream',
      'Cache-Control',
      'no-cache',
      'X-Accel-Buffering',
      'no',
      ...this.extraHeaders,
    ]);
    this.#keepAlive = setInterval(() => this.response.write(':\n\n'), KEEP_ALIVE).unref();
    return true;
  }

  #endStream(answer: Exclude<Answer, StreamedAnswer>): void {
    const { response } = this;
    // Its head has said that the connection is kept: when all is sent, it is closed all the same.
    if (this.lifetime.hasEnded) response.once('finish', () => this.request.socket.destroySoon());
    const json = answer instanceof Refusal ? answer.json : answer;
    const text = typeof json === 'string' || json === undefined ? json : Buffer.from(json).toString();
    endResponse(response, text === undefined ? '' : `event: message\ndata: ${text}\n\n`, this.#stallLimit);
  }
}

function acceptsEvents(accept: string | undefined): boolean {
  return accept === undefined || accept.includes('text/event-stream') || accept.includes('*/*');
}
