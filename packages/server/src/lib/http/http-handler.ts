import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Lazy, lazy } from '@mcpgen/server-runtime-perf/lazy';
import type { Caller } from '../authoring/define.ts';
import type { CompressionOptions } from '../catalogue/manifest.ts';
import type { McpServer } from '../mcp-server.ts';
import {
  checkMeta,
  checkVersion,
  claimsModern,
  dispatchModern,
  unsupportedVersion,
} from '../methods/dispatch-modern.ts';
import { internalError } from '../methods/run-method.ts';
import { type Answer, Refusal, refuse } from '../protocol/answer.ts';
import { Lifetime } from '../protocol/lifetime.ts';
import { isFields, isNotification, isRequest, type RequestMessage, refuseMessage } from '../protocol/message.ts';
import { parseMessage } from '../protocol/parse-message.ts';
import {
  ALL_VERSIONS,
  DEFAULT_BODY_LIMIT,
  DEFAULT_PATH,
  INVALID_REQUEST,
  METADATA_PATH,
  MODERN_VERSION,
  PARSE_ERROR,
} from '../protocol/protocol.ts';
import { type AnswerCompression, answerCompression } from './answer-compression.ts';
import { answerHealth } from './answer-health.ts';
import type { HttpAuth, HttpAuthOptions } from './http-auth.ts';
import { HttpExchange } from './http-exchange.ts';
import { HttpGuard } from './http-guard.ts';
import { preflight } from './preflight.ts';
import { type Body, readBody } from './read-body.ts';
import { refuseExchange, refuseHttp } from './refuse-http.ts';
import { checkRoutingHeaders, checkVersionHeader } from './routing-headers.ts';

export interface HandlerOptions extends HttpAuthOptions {
  readonly path?: string | undefined;
  readonly allowedHosts?: readonly string[] | undefined;
  readonly allowedOrigins?: readonly string[] | undefined;
  readonly bodyLimit?: number | undefined;
  readonly stallLimit?: number | undefined;
  readonly compression?: false | CompressionOptions | undefined;
}

const NO_HEADERS: readonly string[] = [];
const EXPOSED = 'Mcp-Session-Id, WWW-Authenticate';

/** The way of one HTTP request: guard, route, caller, body, message, answer. Each step may end it. */
export class HttpHandler {
  readonly path: string;
  readonly #server: McpServer;
  readonly #guard: HttpGuard;
  readonly #bodyLimit: number;
  readonly #ownAuth: boolean;
  readonly #auth: Lazy<HttpAuth>;
  readonly #stallLimit: number | undefined;
  readonly #compression: AnswerCompression | undefined;
  readonly #lifetime = new Lifetime();
  /** What a client is told that would have no answer otherwise. */
  readonly #failed = (error: unknown): Refusal =>
    internalError(this.#server, { id: undefined, what: 'a request', error });

  constructor(server: McpServer, options: HandlerOptions) {
    const own = server.catalogue.options;
    this.#server = server;
    this.path = options.path ?? own.path ?? DEFAULT_PATH;
    this.#guard = new HttpGuard({
      allowedHosts: [...(own.allowedHosts ?? []), ...(options.allowedHosts ?? [])],
      allowedOrigins: [...(own.allowedOrigins ?? []), ...(options.allowedOrigins ?? [])],
    });
    this.#bodyLimit = options.bodyLimit ?? own.bodyLimit ?? DEFAULT_BODY_LIMIT;
    this.#ownAuth = options.authenticate !== undefined;
    this.#auth = lazy(async () => new (await import('../rare-features.ts')).HttpAuth(server, options));
    this.#stallLimit = options.stallLimit;
    this.#compression = answerCompression(options.compression ?? own.compression);
  }

  /** Before the first request, where there is something to wait for. */
  prepare(): Promise<void> | undefined {
    return this.#compression?.prepare();
  }

  /** From now on each answer is the last of its connection. */
  drain(): void {
    this.#lifetime.end();
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    if (this.#lifetime.hasEnded) response.shouldKeepAlive = false;
    const problem = this.#guard.check(request);
    if (problem !== undefined) refuseHttp(request, response, 403, problem);
    else if (this.#isEndpoint(request.url)) this.#enter(request, response);
    else if (request.url === '/metrics' && this.#server.metrics !== undefined)
      this.#rarely(request, response, 'metrics');
    else if (request.url?.startsWith(METADATA_PATH)) this.#rarely(request, response, 'protected-resource');
    else answerHealth(request, response);
  }

  #rarely(request: IncomingMessage, response: ServerResponse, what: 'metrics' | 'protected-resource'): void {
    const cors = this.#corsHeaders(request);
    Promise.all([import('../rare-features.ts'), this.#auth.get()])
      .then(([{ answerMetrics, answerProtectedResource }, auth]) =>
        what === 'metrics'
          ? answerMetrics(this.#server, { request, response, cors, auth })
          : answerProtectedResource({ request, response, cors, auth, path: this.path }),
      )
      .catch((error) => this.#giveUp(request, response, error));
  }

  #giveUp(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    this.#failed(error);
    if (response.headersSent) response.destroy();
    else refuseHttp(request, response, 500, 'Internal error: the server knows why');
  }

  #enter(request: IncomingMessage, response: ServerResponse): void {
    const cors = this.#corsHeaders(request);
    const isOpen = !this.#ownAuth && this.#server.catalogue.auth === undefined;
    if (request.method === 'OPTIONS' && cors.length > 0) preflight(request, response, cors);
    else if (isOpen) this.#route(this.#exchange(request, response, undefined, cors));
    else this.#identify(request, response, cors).catch((error) => this.#giveUp(request, response, error));
  }

  #isEndpoint(url: string | undefined): boolean {
    return url === this.path || url?.split('?', 1)[0] === this.path;
  }

  async #identify(request: IncomingMessage, response: ServerResponse, cors: readonly string[]): Promise<void> {
    const auth = this.#auth.peek() ?? (await this.#auth.get());
    const { current } = auth;
    const caller = current && (await auth.identify(current, request));
    if (this.#lifetime.hasEnded) response.shouldKeepAlive = false;
    if (current !== undefined && caller === undefined) auth.refuse(request, response, cors);
    else this.#route(this.#exchange(request, response, caller, cors));
  }

  #exchange(
    request: IncomingMessage,
    response: ServerResponse,
    caller: Caller | undefined,
    extraHeaders: readonly string[],
  ): HttpExchange {
    return new HttpExchange(request, response, {
      caller,
      lifetime: this.#lifetime,
      extraHeaders,
      stallLimit: this.#stallLimit,
      compression: this.#compression,
    });
  }

  #corsHeaders({ headers }: IncomingMessage): readonly string[] {
    const origin = this.#guard.readable(headers.origin);
    if (origin === undefined) return NO_HEADERS;
    return ['Access-Control-Allow-Origin', origin, 'Access-Control-Expose-Headers', EXPOSED, 'Vary', 'Origin'];
  }

  #route(exchange: HttpExchange): void {
    const { request } = exchange;
    if (request.method !== 'POST') {
      this.#routeSession(exchange).catch((error: unknown) => exchange.send(this.#failed(error)));
      return;
    }
    const {
      'content-type': type,
      'content-encoding': encoding = 'identity',
      'content-length': length,
    } = request.headers;
    if (!isJson(type)) refuseExchange(exchange, 415, 'Content-Type must be application/json');
    else if (encoding !== 'identity') refuseExchange(exchange, 415, 'Content-Encoding is not supported');
    else if (Number(length) > this.#bodyLimit) this.#tooLarge(exchange);
    else readBody(request, this.#bodyLimit, (body) => this.#receive(exchange, body));
  }

  /** GET and DELETE exist in the 2025 era alone, and there for servers that need sessions. */
  async #routeSession(exchange: HttpExchange): Promise<void> {
    const { method } = exchange.request;
    const { asks, subscribes } = this.#server.catalogue.traits();
    if ((method === 'GET' || method === 'DELETE') && (asks || subscribes)) {
      const { sessionRequest } = await import('../rare-features.ts');
      sessionRequest(this.#server, exchange);
    } else refuseExchange(exchange, 405, 'Method not allowed', ['Allow', 'POST']);
  }

  #tooLarge(exchange: HttpExchange): void {
    refuseExchange(exchange, 413, `Body exceeds ${this.#bodyLimit} bytes`);
  }

  #receive(exchange: HttpExchange, body: Body): void {
    if ('text' in body) this.#settle(exchange, body.text);
    else if (body.problem === 'too-large') this.#tooLarge(exchange);
    else if (body.problem === 'not-utf8') {
      exchange.send(refuse(undefined, 400, PARSE_ERROR, 'Parse error: the body is not UTF-8'));
    }
  }

  #settle(exchange: HttpExchange, text: string): void {
    try {
      const answer = this.#answer(exchange, text);
      this.#server.metrics?.watch(answer);
      exchange.settle(answer, this.#failed);
    } catch (error) {
      exchange.send(this.#failed(error));
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
    return import('../rare-features.ts').then(({ answerLegacy }) => answerLegacy(this.#server, exchange, message));
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

function isJson(type: string | undefined): boolean {
  return type === 'application/json' || /^application\/json\s*(?:;|$)/i.test(type ?? '');
}
