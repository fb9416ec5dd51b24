import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Lazy, lazy } from '@mcpgen/server-runtime-perf/lazy';
import { type Auth, type Authenticate, challengeOf, isCaller } from '../authoring/auth.ts';
import type { Caller } from '../authoring/define.ts';
import { duration, isThenable } from '../calls/run-handler.ts';
import type { McpServer } from '../mcp-server.ts';
import { DEFAULT_DEADLINE } from '../protocol/protocol.ts';
import { refuseHttp } from './refuse-http.ts';

export interface HttpAuthOptions {
  /** Instead of what the server itself says. */
  readonly authenticate?: Authenticate | undefined;
  readonly challenge?: string | undefined;
}

/** Who may call over HTTP, and what those are told who may not. */
export class HttpAuth {
  readonly #server: McpServer;
  readonly #own: Lazy<Auth> | undefined;
  readonly #challenge: string | undefined;

  constructor(server: McpServer, { authenticate, challenge }: HttpAuthOptions) {
    this.#server = server;
    this.#own = authenticate && lazy(async () => ({ authenticate }));
    this.#challenge = challenge;
  }

  /** `undefined` where everybody may call. It is asked for at each request, since a server's catalogue may be replaced. */
  get current(): Lazy<Auth> | undefined {
    return this.#own ?? this.#server.catalogue.auth;
  }

  /** Who sends a request; nobody, where its credentials could not be checked, or not within the server's deadline. */
  async identify(auth: Lazy<Auth>, { headers }: IncomingMessage): Promise<Caller | undefined> {
    const ask = ({ authenticate }: Auth) => authenticate({ headers });
    try {
      const loaded = auth.peek();
      const found = loaded === undefined ? auth.get().then(ask) : ask(loaded);
      const { deadline = DEFAULT_DEADLINE } = this.#server.catalogue.options;
      const caller = isThenable(found) ? await inTime(found, deadline) : found;
      if (caller === undefined || isCaller(caller)) return caller;
      throw new TypeError('authenticate() gave something that is no caller: it has an issuer, a subject and scopes');
    } catch (error) {
      this.#server.onEvent?.({ type: 'handler-failed', what: 'authenticate', error });
      return undefined;
    }
  }

  refuse(request: IncomingMessage, response: ServerResponse, cors: readonly string[]): void {
    const auth = this.current?.peek();
    const challenge = this.#challenge ?? (auth === undefined ? 'Bearer' : challengeOf(auth));
    refuseHttp(request, response, 401, 'No valid credentials', ['WWW-Authenticate', challenge, ...cors]);
  }
}

function inTime<T>(work: PromiseLike<T>, milliseconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(new Error(`no answer within ${duration(milliseconds)}`));
    const timer = setTimeout(giveUp, milliseconds).unref();
    const end =
      <V>(settle: (value: V) => void) =>
      (value: V): void => {
        clearTimeout(timer);
        settle(value);
      };
    work.then(end(resolve), end(reject));
  });
}
