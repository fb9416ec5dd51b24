import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, Refusal } from './answer.ts';
import type { Caller } from './define.ts';
import type { ClientRequest, Exchange } from './exchange.ts';
import type { Lifetime } from './lifetime.ts';

/** A reader that leaves more than this unread has gone away without saying so. */
const UNREAD_LIMIT = 4 * 1024 * 1024;
const KEEP_ALIVE = 15_000;

export interface HttpExchangeOptions {
  readonly caller: Caller | undefined;
  readonly lifetime: Lifetime;
  readonly extraHeaders: readonly string[];
}

/** One request over HTTP: answered by a JSON body, or by a stream of events where something is sent ahead of the answer. */
export class HttpExchange implements Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly caller: Caller | undefined;
  readonly lifetime: Lifetime;
  cancel: (() => void) | undefined;
  ask: ((request: ClientRequest) => Promise<unknown>) | undefined;
  /** Headers that every answer to this request carries, as a flat list. */
  extraHeaders: readonly string[];
  #keepAlive: NodeJS.Timeout | undefined;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    { caller, lifetime, extraHeaders }: HttpExchangeOptions,
  ) {
    this.request = request;
    this.response = response;
    this.caller = caller;
    this.lifetime = lifetime;
    this.extraHeaders = extraHeaders;
  }

  notify(json: string): void {
    if (this.response.destroyed || this.response.writableEnded) return;
    if (!this.response.headersSent && !this.#openStream()) return;
    this.response.write(`event: message\ndata: ${json}\n\n`);
    if (this.response.writableLength > UNREAD_LIMIT) this.response.destroy();
  }

  /** The same request as one of several in a batch, whose answers go out together: nothing is sent ahead. */
  alone(): Exchange {
    return { caller: this.caller, lifetime: this.lifetime, cancel: undefined, notify: () => {} };
  }

  /** Sends the answer, once it is there. Work goes on only as long as the client waits for it. */
  settle(answer: Answer | Promise<Answer>): void {
    if (!(answer instanceof Promise)) {
      this.send(answer);
      return;
    }
    this.response.once('close', () => this.cancel?.());
    answer.then((ready) => this.send(ready));
  }

  send(answer: Answer): void {
    clearInterval(this.#keepAlive);
    const { response } = this;
    if (response.destroyed || response.writableEnded) return;
    if (response.headersSent) this.#endStream(answer);
    else if (answer === undefined) this.#sendNothing();
    else if (answer instanceof Refusal) this.#sendBody(answer.status, answer.json);
    else this.#sendBody(200, answer);
  }

  /** A body that goes out in one write with the head of the response. */
  #sendBody(status: number, body: string | Uint8Array): void {
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
    const headers = ['Content-Type', 'application/json', 'Content-Length', String(length)];
    this.response.writeHead(status, this.extraHeaders.length === 0 ? headers : headers.concat(this.extraHeaders));
    this.response.end(body);
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

  #endStream(answer: Answer): void {
    const json = answer instanceof Refusal ? answer.json : answer;
    if (json === undefined) this.response.end();
    else
      this.response.end(`event: message\ndata: ${typeof json === 'string' ? json : Buffer.from(json).toString()}\n\n`);
  }
}

function acceptsEvents(accept: string | undefined): boolean {
  return accept === undefined || accept.includes('text/event-stream') || accept.includes('*/*');
}
