import type { ServerResponse } from 'node:http';
import { endEvents } from './end-response.ts';
import type { EventOutput } from './event-output.ts';
import type { HttpExchange } from './http-exchange.ts';

/** What is kept for a reader that comes back. */
const KEPT_EVENTS = 100;
const UNREAD_LIMIT = 1024 * 1024;
const KEEP_ALIVE = 15_000;

/** A stream of server-sent events that outlives its connections: a reader that lost one goes on after the last event it saw. */
export class EventStream {
  readonly #kept: { readonly id: number; readonly text: string }[] = [];
  #lastId = 0;
  #reader: { readonly response: ServerResponse; readonly output: EventOutput } | undefined;
  #keepAlive: NodeJS.Timeout | undefined;

  /** Serves one reader at a time; a new one takes the place of the old. */
  open(exchange: HttpExchange, lastEventId: string | undefined): void {
    const { response } = exchange;
    this.end();
    // The stream is the last of its connection, so that a server that stops need not wait for another request.
    response.shouldKeepAlive = false;
    const output = exchange.openEvents();
    response.flushHeaders();
    this.#reader = { response, output };
    response.once('close', () => {
      if (this.#reader?.response === response) this.#leave();
    });
    const after = lastEventId === undefined ? this.#lastId : Number(lastEventId);
    for (const { id, text } of this.#kept) if (id > after) output.write(text);
    this.#keepAlive = setInterval(() => output.write(':\n\n'), KEEP_ALIVE).unref();
  }

  send(json: string): void {
    const id = ++this.#lastId;
    const text = `id: ${id}\nevent: message\ndata: ${json}\n\n`;
    this.#kept.push({ id, text });
    if (this.#kept.length > KEPT_EVENTS) this.#kept.shift();
    if (this.#reader === undefined) return;
    const { response, output } = this.#reader;
    output.write(text);
    if (output.writableLength > UNREAD_LIMIT) response.destroy();
  }

  end(): void {
    if (this.#reader !== undefined) endEvents(this.#reader.response, this.#reader.output);
    this.#leave();
  }

  #leave(): void {
    clearInterval(this.#keepAlive);
    this.#reader = undefined;
  }
}
