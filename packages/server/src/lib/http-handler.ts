import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, Refusal, refuse } from './answer.ts';
import type { Caller } from './define.ts';
import { checkMeta, checkVersion, claimsModern, dispatchModern, unsupportedVersion } from './dispatch-modern.ts';
import { HttpExchange } from './http-exchange.ts';
import { HttpGuard } from './http-guard.ts';
import { Lifetime } from './lifetime.ts';
import type { McpServer } from './mcp-server.ts';
import { isFields, isNotification, isRequest, type RequestMessage, refuseMessage } from './message.ts';
import { parseMessage } from './parse-message.ts';
import {
  ALL_VERSIONS,
  DEFAULT_BODY_LIMIT,
  DEFAULT_PATH,
  INVALID_REQUEST,
  MODERN_VERSION,
  PARSE_ERROR,
} from './protocol.ts';
import { type Body, readBody } from './read-body.ts';
import { checkRoutingHeaders, checkVersionHeader } from './routing-headers.ts';

/** Says who sends a request, from its headers. */
export type Authenticate = (request: {
  readonly headers: IncomingMessage['headers'];
}) => Caller | undefined | Promise<Caller | undefined>;

export interface HandlerOptions {
  readonly path?: string | undefined;
  readonly allowedHosts?: readonly string[] | undefined;
  readonly allowedOrigins?: readonly string[] | undefined;
  readonly bodyLimit?: number | undefined;
  readonly authenticate?: Authenticate | undefined;
  readonly challenge?: string | undefined;
}

const NO_HEADERS: readonly string[] = [];

/** The way of one HTTP request: guard, route, caller, body, message, answer. Each step may end it. */
export class HttpHandler {
  readonly path: string;
  readonly #server: McpServer;
  readonly #guard: HttpGuard;
  readonly #bodyLimit: number;
  readonly #authenticate: Authenticate | undefined;
  readonly #challenge: string;
  readonly #lifetime = new Lifetime();
  #draining = false;

  constructor(server: McpServer, options: HandlerOptions) {
    const own = server.catalogue.options;
    this.#server = server;
    this.path = options.path ?? own.path ?? DEFAULT_PATH;
    this.#guard = new HttpGuard({
      allowedHosts: [...(own.allowedHosts ?? []), ...(options.allowedHosts ?? [])],
      allowedOrigins: [...(own.allowedOrigins ?? []), ...(options.allowedOrigins ?? [])],
    });
    this.#bodyLimit = options.bodyLimit ?? own.bodyLimit ?? DEFAULT_BODY_LIMIT;
    this.#authenticate = options.authenticate;
    this.#challenge = options.challenge ?? 'Bearer';
  }

  /** From now on each answer is the last of its connection. */
  drain(): void {
    this.#draining = true;
    this.#lifetime.end();
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    if (this.#draining) response.shouldKeepAlive = false;
    const problem = this.#guard.check(request);
    if (problem !== undefined) refuseHttp(request, response, 403, problem);
    else if (this.#isEndpoint(request.url)) this.#enter(request, response);
    else handleOther(request, response);
  }

  #enter(request: IncomingMessage, response: ServerResponse): void {
    const cors = this.#corsHeaders(request);
    if (request.method === 'OPTIONS' && cors.length > 0) preflight(response, cors);
    else if (this.#authenticate === undefined) this.#route(this.#exchange(request, response, undefined, cors));
    else this.#identify(request, response, cors);
  }

  #isEndpoint(url: string | undefined): boolean {
    return url === this.path || url?.split('?', 1)[0] === this.path;
  }

  #identify(request: IncomingMessage, response: ServerResponse, cors: readonly string[]): void {
    const known = (caller: Caller | undefined): void => {
      if (caller === undefined) this.#unauthorized(request, response);
      else this.#route(this.#exchange(request, response, caller, cors));
    };
    const ask = async (): Promise<Caller | undefined> => this.#authenticate?.({ headers: request.headers });
    ask().then(known, (error: unknown) => {
      this.#server.onEvent?.({ type: 'handler-failed', what: 'authenticate', error });
      this.#unauthorized(request, response);
    });
  }

  #exchange(
    request: IncomingMessage,
    response: ServerResponse,
    caller: Caller | undefined,
    extraHeaders: readonly string[],
  ): HttpExchange {
    return new HttpExchange(request, response, { caller, lifetime: this.#lifetime, extraHeaders });
  }

  #unauthorized(request: IncomingMessage, response: ServerResponse): void {
    refuseHttp(request, response, 401, 'No valid credentials', ['WWW-Authenticate', this.#challenge]);
  }

  #corsHeaders({ headers }: IncomingMessage): readonly string[] {
    const origin = this.#guard.readable(headers.origin);
    if (origin === undefined) return NO_HEADERS;
    return ['Access-Control-Allow-Origin', origin, 'Access-Control-Expose-Headers', 'Mcp-Session-Id', 'Vary', 'Origin'];
  }

  #route(exchange: HttpExchange): void {
    const { request, response } = exchange;
    if (request.method !== 'POST') {
      this.#routeSession(exchange);
      return;
    }
    const {
      'content-type': type,
      'content-encoding': encoding = 'identity',
      'content-length': length,
    } = request.headers;
    if (!isJson(type)) refuseHttp(request, response, 415, 'Content-Type must be application/json');
    else if (encoding !== 'identity') refuseHttp(request, response, 415, 'Content-Encoding is not supported');
    else if (Number(length) > this.#bodyLimit) this.#tooLarge(exchange);
    else readBody(request, this.#bodyLimit, (body) => this.#receive(exchange, body));
  }

  /** GET and DELETE exist in the 2025 era alone, and there for servers that need sessions. */
  #routeSession(exchange: HttpExchange): void {
    const { request, response } = exchange;
    const { asks, subscribes } = this.#server.catalogue.traits();
    if ((request.method === 'GET' || request.method === 'DELETE') && (asks || subscribes)) {
      import('./rare-features.ts').then(({ sessionRequest }) => sessionRequest(this.#server, exchange));
      return;
    }
    refuseHttp(request, response, 405, 'Method not allowed', ['Allow', 'POST']);
  }

  #tooLarge({ request, response }: HttpExchange): void {
    refuseHttp(request, response, 413, `Body exceeds ${this.#bodyLimit} bytes`);
  }

  #receive(exchange: HttpExchange, body: Body): void {
    if ('text' in body) exchange.settle(this.#answer(exchange, body.text));
    else if (body.problem === 'too-large') this.#tooLarge(exchange);
    else if (body.problem === 'not-utf8') {
      exchange.send(refuse(undefined, 400, PARSE_ERROR, 'Parse error: the body is not UTF-8'));
    }
  }

  #answer(exchange: HttpExchange, text: string): Answer | Promise<Answer> {
    const parsed = parseMessage(text);
    if (parsed instanceof Refusal) return parsed;
    const message = parsed.value;
    const version = exchange.request.headers['mcp-protocol-version'];
    const modern = version === MODERN_VERSION;
    if (isFields(message) && isRequest(message)) {
      if (modern || claimsModern(message.params)) return this.#answerModern(exchange, message);
    } else if (modern) {
      return isFields(message) && isNotification(message) ? undefined : refuseMessage(message);
    }
    if (version !== undefined && !ALL_VERSIONS.includes(String(version)))
      return unsupportedVersion(undefined, String(version));
    return import('./rare-features.ts').then(({ answerLegacy }) => answerLegacy(this.#server, exchange, message));
  }

  #answerModern(exchange: HttpExchange, message: RequestMessage): Answer | Promise<Answer> {
    const { headers } = exchange.request;
    if (message.method === 'initialize' && !claimsModern(message.params)) {
      return refuse(
        message.id,
        400,
        INVALID_REQUEST,
        `Invalid request: revision ${MODERN_VERSION} has no "initialize"`,
      );
    }
    return (
      checkMeta(message) ??
      checkVersionHeader(message, headers) ??
      checkVersion(message) ??
      checkRoutingHeaders(message, headers, this.#server.catalogue) ??
      dispatchModern(this.#server, message, exchange)
    );
  }
}

function handleOther(request: IncomingMessage, response: ServerResponse): void {
  if (request.url !== '/healthz') refuseHttp(request, response, 404, 'Not found');
  else if (request.method !== 'GET' && request.method !== 'HEAD') {
    refuseHttp(request, response, 405, 'Method not allowed', ['Allow', 'GET, HEAD']);
  } else {
    response.writeHead(200, ['Content-Type', 'text/plain', 'Content-Length', '3']);
    response.end('ok\n');
  }
}

function preflight(response: ServerResponse, cors: readonly string[]): void {
  response.writeHead(204, [
    ...cors,
    'Access-Control-Allow-Methods',
    'POST, GET, DELETE',
    'Access-Control-Allow-Headers',
    'Authorization, Content-Type, Mcp-Protocol-Version, Mcp-Method, Mcp-Name, Mcp-Session-Id, Last-Event-ID',
    'Access-Control-Max-Age',
    '600',
  ]);
  response.end();
}

/** Refuses before the body was read: what the client still sends is not waited for. */
export function refuseHttp(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  message: string,
  headers: readonly string[] = NO_HEADERS,
): void {
  const { json } = refuse(undefined, status, INVALID_REQUEST, message);
  if (!request.complete) response.shouldKeepAlive = false;
  response.writeHead(status, ['Content-Type', 'application/json', 'Content-Length', String(json.length), ...headers]);
  response.end(json);
}

function isJson(type: string | undefined): boolean {
  return type === 'application/json' || /^application\/json\s*(?:;|$)/i.test(type ?? '');
}
