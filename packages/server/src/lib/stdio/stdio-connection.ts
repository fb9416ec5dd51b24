import type { Writable } from 'node:stream';
import type { LegacyStdio } from '../legacy/legacy-stdio.ts';
import type { McpServer } from '../mcp-server.ts';
import { checkEnvelope, claimsModern, dispatchModern } from '../methods/dispatch-modern.ts';
import { internalError } from '../methods/run-method.ts';
import { type Answer, quote, Refusal, type RequestId, refuse } from '../protocol/answer.ts';
import { type ClientRequest, cancelExchange, type Exchange } from '../protocol/exchange.ts';
import { Lifetime } from '../protocol/lifetime.ts';
import {
  type Fields,
  idOf,
  isFields,
  isNotification,
  isRequest,
  type RequestMessage,
  refuseMessage,
} from '../protocol/message.ts';
import { parseMessage } from '../protocol/parse-message.ts';
import { INVALID_REQUEST, PARSE_ERROR } from '../protocol/protocol.ts';
import { StreamedAnswer } from '../protocol/streamed-answer.ts';
import type { LineProblem } from './line-reader.ts';

/** One client over a pair of streams. */
export class StdioConnection {
  readonly lifetime = new Lifetime();
  readonly #server: McpServer;
  readonly #output: Writable;
  readonly #running = new Map<RequestId, StdioExchange>();
  #outbox = '';
  #scheduled = false;
  /** Lines that are written while they are made, one after the other; the rest waits for the end of a line. */
  #lines: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #idle: (() => void) | undefined;
  #legacy: Promise<LegacyStdio> | undefined;

  constructor(server: McpServer, output: Writable) {
    this.#server = server;
    this.#output = output;
  }

  /** Answers that are there at once leave in one write. */
  receive(lines: readonly string[]): void {
    this.#scheduled = true;
    for (const line of lines) if (line !== '' && line !== '\r') this.#receiveLine(line);
    this.#flush();
  }

  refuseLine(problem: LineProblem): void {
    const message = problem === 'too-long' ? 'the line is longer than 16 MiB' : 'the line is not UTF-8';
    this.send(refuse(undefined, 400, PARSE_ERROR, `Parse error: ${message}`).json);
  }

  /** Sends one message, together with others of the same turn. */
  send(json: string): void {
    this.#outbox += `${json}\n`;
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#flush());
  }

  /** Asks for no more than the time given: what still runs then is cancelled. */
  close(timeout: number): Promise<void> {
    this.#closing ??= this.#close(timeout);
    return this.#closing;
  }

  async #close(timeout: number): Promise<void> {
    this.lifetime.end();
    // Requests of the 2025 era that came before its code are no less under way.
    await this.#legacy?.then(ignore, ignore);
    if (this.#running.size > 0) {
      const timer = setTimeout(() => this.#cancelAll(), timeout);
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
      clearTimeout(timer);
    }
    await this.#lines;
    this.#flush();
    await this.#write('');
  }

  #cancelAll(): void {
    for (const exchange of this.#running.values()) cancelExchange(exchange);
    this.#running.clear();
    this.#idle?.();
  }

  #flush(): void {
    this.#scheduled = false;
    if (this.#outbox === '' || this.#lines !== undefined) return;
    const text = this.#outbox;
    this.#outbox = '';
    this.#output.write(text);
  }

  #receiveLine(line: string): void {
    const parsed = parseMessage(line);
    if (parsed instanceof Refusal) this.#sendAnswer(parsed);
    else this.#receiveMessage(parsed.value);
  }

  #receiveMessage(message: unknown): void {
    if (!isFields(message)) this.#receiveOther(message);
    else if (isRequest(message)) this.#receiveRequest(message);
    else if (isNotification(message) && message.method === 'notifications/cancelled') this.#cancel(message.params);
    else this.#receiveOther(message);
  }

  /** Notifications, answers and batches: nothing of it is known in the stateless era. */
  #receiveOther(message: unknown): void {
    if (this.#legacy !== undefined) this.#receiveLegacy(message);
    else if (!isFields(message) || !isNotification(message)) this.send(refuseMessage(message).json);
  }

  #receiveRequest(message: RequestMessage): void {
    const { id, method, params } = message;
    if (this.#running.has(id)) {
      this.send(refuse(id, 400, INVALID_REQUEST, `Invalid request: id ${quote(String(id))} is in use`).json);
      return;
    }
    const opensLegacy = this.#legacy !== undefined || method === 'initialize' || method === 'ping';
    if (opensLegacy && !claimsModern(params)) {
      this.#receiveLegacy(message);
      return;
    }
    const exchange = new StdioExchange(this);
    this.settle(id, exchange, checkEnvelope(message) ?? dispatchModern(this.#server, message, exchange));
  }

  /** Sends an answer when it is there; until then the request can be cancelled. */
  settle(id: RequestId, exchange: StdioExchange, answer: Answer | Promise<Answer>): void {
    if (!(answer instanceof Promise)) {
      if (!(answer instanceof StreamedAnswer)) this.#sendAnswer(answer);
      return;
    }
    this.#running.set(id, exchange);
    answer.then(
      (ready) => this.#finish(id, exchange, ready),
      (error: unknown) => this.#finish(id, exchange, internalError(this.#server, { id, what: 'a request', error })),
    );
  }

  #finish(id: RequestId, exchange: StdioExchange, answer: Answer): void {
    if (this.#running.get(id) !== exchange) return;
    if (answer instanceof StreamedAnswer) {
      this.#sendParts(answer).then(() => this.#forget(id, exchange));
      return;
    }
    this.#sendAnswer(answer);
    this.#forget(id, exchange);
  }

  #forget(id: RequestId, exchange: StdioExchange): void {
    if (this.#running.get(id) !== exchange) return;
    this.#running.delete(id);
    if (this.#running.size === 0) this.#idle?.();
  }

  #sendAnswer(answer: Exclude<Answer, StreamedAnswer>): void {
    this.#server.metrics?.watch(answer);
    if (typeof answer === 'string') this.send(answer);
    else if (answer instanceof Refusal) this.send(answer.json);
    else if (answer === undefined) return;
    else if (typeof answer.rest === 'string' || this.#lines !== undefined) this.send(answer.text());
    else {
      this.#flush();
      for (const part of [answer.head, answer.rest, '\n']) this.#output.write(part);
    }
  }

  /** Writes one line as it is made: nothing else is written until it has ended. */
  async #sendParts(answer: StreamedAnswer): Promise<void> {
    this.#flush();
    const before = this.#lines;
    const line = this.#writeLine(answer, before);
    this.#lines = line;
    await line;
    if (this.#lines !== line) return;
    this.#lines = undefined;
    this.#flush();
  }

  async #writeLine(answer: StreamedAnswer, before: Promise<void> | undefined): Promise<void> {
    await before;
    // A stream in memory hands on what it is given, which the next part would overwrite.
    const keeps = !('fd' in this.#output);
    for (let part = await answer.next(); part !== undefined; part = await answer.next()) {
      await this.#write(keeps ? Buffer.from(part) : part);
    }
    await this.#write('\n');
  }

  /** Settles when the text was taken, or never will be. */
  #write(text: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#output.write(text, () => resolve());
    });
  }

  #receiveLegacy(message: unknown): void {
    this.#legacy ??= import('../rare-features.ts').then(({ LegacyStdio }) => new LegacyStdio(this.#server, this));
    this.#legacy
      .then((legacy) => legacy.receive(message))
      .catch((error: unknown) => {
        const id = idOf(message);
        const refusal = internalError(this.#server, { id, what: 'a request', error });
        if (id !== undefined) this.send(refusal.json);
      });
  }

  #cancel(params: Fields | undefined): void {
    const id = params?.requestId;
    if (typeof id !== 'string' && typeof id !== 'number') return;
    if (this.#running.has(id)) this.#cancelRunning(id);
    // What came before, in the 2025 era, may still wait for that era's code.
    else this.#legacy?.then(() => this.#cancelRunning(id), ignore);
  }

  #cancelRunning(id: RequestId): void {
    const exchange = this.#running.get(id);
    if (exchange !== undefined) cancelExchange(exchange);
  }
}

/** Whoever sent the message that needed the code is told. */
function ignore(): void {}

/** A request over stdio: what is sent ahead of its answer shares the one channel. */
export class StdioExchange implements Exchange {
  readonly caller = undefined;
  cancel: (() => void) | undefined;
  cancelled = false;
  readonly streams = true;
  ask: ((request: ClientRequest) => Promise<unknown>) | undefined;
  readonly lifetime: Lifetime;
  readonly #connection: StdioConnection;

  constructor(connection: StdioConnection) {
    this.lifetime = connection.lifetime;
    this.#connection = connection;
  }

  notify(json: string): void {
    this.#connection.send(json);
  }
}
