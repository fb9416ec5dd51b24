import { randomUUID } from 'node:crypto';
import type { Caller } from '../authoring/define.ts';
import { EventStream } from '../http/event-stream.ts';
import type { McpServer } from '../mcp-server.ts';
import type { Answer, RequestId } from '../protocol/answer.ts';
import { cancelExchange, type Exchange } from '../protocol/exchange.ts';
import type { Lifetime } from '../protocol/lifetime.ts';
import { StreamedAnswer } from '../protocol/streamed-answer.ts';
import { LegacyChannel } from './legacy-channel.ts';

/** Most sessions at once; the one that was idle longest makes room. */
const SESSION_LIMIT = 1000;
/** How long a session lives without a request, milliseconds. */
const SESSION_LIFE = 30 * 60 * 1000;

/** A client of the 2025 era over HTTP. */
export class Session {
  readonly id = randomUUID();
  /** Carries what belongs to no request: changes of lists and of resources. */
  readonly events = new EventStream();
  readonly channel: LegacyChannel;
  readonly owner: string;
  lastUse: number;
  readonly #running = new Map<RequestId, Exchange>();

  constructor(server: McpServer, owner: string, now: number) {
    this.channel = new LegacyChannel(server, (json) => this.events.send(json));
    this.owner = owner;
    this.lastUse = now;
  }

  /** Remembers a request while it runs, so that the client can cancel it. */
  track(id: RequestId, exchange: Exchange, answer: Answer | Promise<Answer>): Answer | Promise<Answer> {
    if (!(answer instanceof Promise)) return answer;
    this.#running.set(id, exchange);
    const forget = (): boolean => this.#running.delete(id);
    return answer.then(
      (ready) => {
        if (ready instanceof StreamedAnswer) ready.ended.then(forget);
        else forget();
        return ready;
      },
      (error: unknown) => {
        forget();
        throw error;
      },
    );
  }

  cancel(id: unknown): void {
    const exchange = typeof id === 'string' || typeof id === 'number' ? this.#running.get(id) : undefined;
    if (exchange !== undefined) cancelExchange(exchange);
  }

  close(): void {
    this.channel.close();
    this.events.end();
  }
}

/** The sessions of one server: bounded in number, given up when unused, each for the user that began it. */
export class Sessions {
  readonly #server: McpServer;
  readonly #sessions = new Map<string, Session>();

  constructor(server: McpServer, lifetime: Lifetime) {
    this.#server = server;
    lifetime.onEnd(() => this.closeAll());
  }

  begin(caller: Caller | undefined): Session {
    this.#makeRoom();
    const session = new Session(this.#server, ownerOf(caller), this.#server.wallClock());
    this.#sessions.set(session.id, session);
    return session;
  }

  /** The session of that id, if it is the caller's own. */
  find(id: string, caller: Caller | undefined): Session | undefined {
    const session = this.#sessions.get(id);
    if (session === undefined || session.owner !== ownerOf(caller)) return undefined;
    const now = this.#server.wallClock();
    if (now - session.lastUse > SESSION_LIFE) {
      this.end(session);
      return undefined;
    }
    session.lastUse = now;
    // A Map keeps its order of insertion: the first entry is the one unused longest.
    this.#sessions.delete(id);
    this.#sessions.set(id, session);
    return session;
  }

  end(session: Session): void {
    this.#sessions.delete(session.id);
    session.close();
  }

  closeAll(): void {
    for (const session of [...this.#sessions.values()]) this.end(session);
  }

  #makeRoom(): void {
    const now = this.#server.wallClock();
    for (const session of this.#sessions.values()) {
      const expired = now - session.lastUse > SESSION_LIFE;
      if (!expired && this.#sessions.size < SESSION_LIMIT) return;
      this.end(session);
    }
  }
}

function ownerOf(caller: Caller | undefined): string {
  return caller === undefined ? 'anonymous' : JSON.stringify([caller.issuer, caller.subject, caller.clientId ?? '']);
}
