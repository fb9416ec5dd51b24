import type { ServerResponse } from 'node:http';
import { endResponse } from './end-response.ts';

/** What is kept for a reader that comes back. */
const KEPT_EVENTS = 100;
const UNREAD_LIMIT = 1024 * 1024;
const KEEP_ALIVE = 15_000;

/** A stream of server-sent events that outlives its connections: a reader that lost one goes on after the last event it saw. */
export class EventStream {
  readonly #kept: { readonly id: number; readonly text: string }[] = [];
  #lastId = 0;
  #reader: ServerResponse | undefined;
  #keepAlive: NodeJS.Timeout | undefined;

  /** Serves one reader at a time; a new one takes the place of the old. */
  open(response: ServerResponse, headers: readonly string[], lastEventId: string | undefined): void {
    this.end();
    // The stream is the last of its connection, so that a server that stops need not wait for another request.
    response.shouldKeepAlive = false;
    response.writeHead(200, [
      'Content-Type',
      'text/event-stream',
      'Cache-Control',
      'no-cache',
      'X-Accel-Buffering',
      'no',
      ...headers,
    ]);
    response.flushHeaders();
    this.#reader = response;
    response.once('close', () => {
      if (this.#reader === response) this.#leave();
    });
    const after = lastEventId === undefined ? this.#lastId : Number(lastEventId);
    for (const { id, text } of this.#kept) if (id > after) response.write(text);
    this.#keepAlive = setInterval(() => response.write(':\n\n'), KEEP_ALIVE).unref();
  }

  send(json: string): void {
    const id = ++this.#lastId;
    const text = `id: ${id}\nevent: message\ndata: ${json}\n\n`;
    this.#kept.push({ id, text });
    if (this.#kept.length > KEPT_EVENTS) this.#kept.shift();
    this.#reader?.write(text);
    if ((this.#reader?.writableLength ?? 0) > UNREAD_LIMIT) this.#reader?.destroy();
  }

  end(): void {
    if (this.#reader !== undefined) endResponse(this.#reader, '');
    this.#leave();
  }

  #leave(): void {
    clearInterval(this.#keepAlive);
    this.#reader = undefined;
  }
}
