import { withLimit } from '@mcpgen/server-runtime-perf';
import type * as undici from 'undici';
import { checkDurations } from './check-durations.ts';
import {
  connectorClosed,
  redirectRefused,
  requestFailed,
  requestTimedOut,
  responseInvalid,
  responseStatus,
  responseTooLarge,
} from './errors.ts';
import { followSignals } from './follow-signals.ts';
import type { Http, HttpMethod, HttpRequest, HttpResponse, HttpSettings, HttpStats } from './http.ts';
import { prepareSending, redirectSending, type Sending } from './http-sending.ts';
import { resolveRedirect } from './http-target.ts';
import { isQueueFull } from './is-queue-full.ts';
import { readResponse } from './read-response.ts';
import { jitteredDelay, readRetryAfter } from './retry-delay.ts';

type Undici = typeof undici;

interface Limits {
  readonly signal: AbortSignal;
}

type Outcome =
  | { readonly kind: 'answer'; readonly response: HttpResponse }
  | { readonly kind: 'failure'; readonly error: unknown };

/** These may be others a moment later. */
const temporary: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);
const redirecting: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export class HttpClient implements Http {
  readonly #settings: HttpSettings;
  readonly #pool: undici.Pool;
  readonly #limited: (sending: Sending, context: Limits) => HttpResponse | Promise<HttpResponse>;
  readonly #life = new AbortController();
  #asked = 0;
  #running = 0;
  #closed: Promise<void> | undefined;
  #onQuiet = () => {};

  constructor({ Pool }: Undici, settings: HttpSettings) {
    const { base, bodyTimeout, connections, connectTimeout, headersTimeout, keepAlive, queue, timeout } = settings;
    checkDurations('the API', { bodyTimeout, connectTimeout, headersTimeout, keepAlive, timeout });
    this.#settings = settings;
    this.#pool = new Pool(base.origin, {
      connections,
      pipelining: 1,
      keepAliveTimeout: keepAlive,
      keepAliveMaxTimeout: Math.max(keepAlive, 600_000),
      headersTimeout,
      bodyTimeout,
      connect: { timeout: connectTimeout },
    });
    this.#limited = withLimit((sending: Sending, { signal }: Limits) => this.#follow(sending, signal), {
      concurrency: connections,
      queue,
    });
  }

  async request(method: HttpMethod, path: string, request: HttpRequest = {}): Promise<HttpResponse> {
    if (this.#closed !== undefined) throw connectorClosed('the API');
    request.signal?.throwIfAborted();
    const sending = await prepareSending(this.#settings, { method, path, request });
    const { timeout, onEvent } = this.#settings;
    const stop = new AbortController();
    const unfollow = followSignals([this.#life.signal, request.signal], stop);
    const timer = setTimeout(() => stop.abort(requestTimedOut(method, path, timeout)), timeout);
    this.#asked += 1;
    try {
      const response = await this.#limited(sending, { signal: stop.signal });
      onEvent({ type: 'answered', method, path, status: response.status });
      return response;
    } catch (error) {
      if (isQueueFull(error)) onEvent({ type: 'queue-full' });
      throw error;
    } finally {
      clearTimeout(timer);
      unfollow();
      this.#asked -= 1;
      this.#onQuiet();
    }
  }

  async json<T = unknown>(method: HttpMethod, path: string, request: HttpRequest = {}): Promise<T> {
    const headers = { accept: 'application/json', ...request.headers };
    const response = await this.request(method, path, { ...request, headers });
    const text = response.body.toString();
    if (response.status < 200 || response.status > 299) {
      throw responseStatus(method, path, { status: response.status, body: parseLeniently(text) });
    }
    try {
      return parseBody<T>(text);
    } catch (error) {
      throw responseInvalid(method, path, error);
    }
  }

  stats(): HttpStats {
    const { connected, free } = this.#pool.stats;
    return { size: connected, idle: free, busy: this.#running, waiting: this.#asked - this.#running };
  }

  close(): Promise<void> {
    this.#closed ??= this.#shutDown();
    return this.#closed;
  }

  async #follow(first: Sending, signal: AbortSignal): Promise<HttpResponse> {
    const { base, redirects } = this.#settings;
    this.#running += 1;
    try {
      let sending = first;
      for (let hops = 0; ; hops++) {
        const response = await this.#repeat(sending, signal);
        const { location } = response.headers;
        if (!redirecting.has(response.status) || location === undefined) return response;
        if (hops === redirects) throw redirectRefused(first.target, `it was redirected more than ${redirects} times`);
        sending = redirectSending(
          { ...sending, target: resolveRedirect(base, sending.target, location) },
          response.status,
        );
      }
    } finally {
      this.#running -= 1;
    }
  }

  async #repeat(sending: Sending, signal: AbortSignal): Promise<HttpResponse> {
    const { attempts, delay, onEvent } = this.#settings;
    const { method, target: path } = sending;
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#send(sending, signal);
      const wait = attempt < attempts && sending.isIdempotent ? this.#waitAfter(outcome, attempt) : undefined;
      if (wait === undefined) return settle(outcome);
      const why = outcome.kind === 'answer' ? { status: outcome.response.status } : { error: outcome.error };
      onEvent({ type: 'retried', method, path, wait, ...why });
      await delay(wait, signal).catch(() => signal.throwIfAborted());
    }
  }

  /** How long to wait before the next attempt; `undefined` where there is none. */
  #waitAfter(outcome: Outcome, attempt: number): number | undefined {
    const { maxRetryAfter, now, random, retryDelay } = this.#settings;
    const jitter = jitteredDelay({ attempt, retryDelay, random });
    if (outcome.kind === 'failure') return isTransient(outcome.error) ? jitter : undefined;
    const { headers, status } = outcome.response;
    if (!temporary.has(status)) return undefined;
    const asked = readRetryAfter(headers['retry-after'], now);
    if (asked === undefined) return jitter;
    return asked <= maxRetryAfter ? asked + jitter : undefined;
  }

  async #send({ method, target, headers, body }: Sending, signal: AbortSignal): Promise<Outcome> {
    const { maxResponseBytes } = this.#settings;
    signal.throwIfAborted();
    try {
      const answer = await this.#pool.request({ method, path: target, headers, body: body ?? null, signal });
      const read = await readResponse(answer, method === 'HEAD' ? Number.POSITIVE_INFINITY : maxResponseBytes);
      if (read === undefined) throw responseTooLarge(method, target, maxResponseBytes);
      return { kind: 'answer', response: read };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof Error && 'code' in error && error.code === 'RESPONSE_TOO_LARGE') throw error;
      return { kind: 'failure', error: requestFailed(method, target, error) };
    }
  }

  async #shutDown(): Promise<void> {
    const { promise: quiet, resolve } = Promise.withResolvers<void>();
    this.#onQuiet = () => {
      if (this.#asked === 0) resolve();
    };
    this.#onQuiet();
    const timer = setTimeout(resolve, this.#settings.closeTimeout);
    timer.unref();
    await quiet;
    clearTimeout(timer);
    this.#life.abort(connectorClosed('the API'));
    await this.#pool.destroy();
  }
}

function settle(outcome: Outcome): HttpResponse {
  if (outcome.kind === 'failure') throw outcome.error;
  return outcome.response;
}

/** Errors of the network and of undici's own limits: the same request may fare better. */
function isTransient(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return transient.test(code);
}

const transient =
  /^(ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENETDOWN|EHOSTDOWN|EAI_AGAIN|UND_ERR_(SOCKET|CONNECT_TIMEOUT|HEADERS_TIMEOUT|BODY_TIMEOUT))$/;

function parseLeniently(text: string): unknown {
  try {
    return parseBody(text);
  } catch {
    return undefined;
  }
}

/** The caller says what the API answers with. */
function parseBody<T>(text: string): T {
  return (text === '' ? undefined : JSON.parse(text)) as T;
}
