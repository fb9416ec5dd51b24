import type { Connector } from './connector.ts';
import { settingInvalid } from './errors.ts';
import { HttpClient } from './http-client.ts';
import { loadLibrary } from './load-library.ts';
import { readSetting, type Setting } from './read-setting.ts';

export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';

type Headers = Readonly<Record<string, string | undefined>>;

export interface HttpOptions {
  /**
   * Where the API begins: `https://api.example.com/v1`. No request leaves its origin, and none but a redirect of the
   * API's own goes above its path.
   */
  readonly url: Setting;
  /** For each request; a function is asked anew each time, so that tokens may change. `undefined` leaves one out. */
  readonly headers?: Headers | (() => Headers | Promise<Headers>);
  /** Connections, and so requests at once. Default: 32. */
  readonly connections?: number;
  /** Requests that may wait for a connection; one more is refused with `QUEUE_FULL`. Default: 1,000. */
  readonly queue?: number;
  /** Milliseconds that a connection is kept without use. Default: 10,000. */
  readonly keepAlive?: number;
  /** Milliseconds for a request from beginning to end, waiting and repetitions included. Default: 30,000. */
  readonly timeout?: number;
  /** Milliseconds to connect, TLS included. Default: 5,000. */
  readonly connectTimeout?: number;
  /** Milliseconds until the head of an answer is there. Default: 15,000. */
  readonly headersTimeout?: number;
  /** Milliseconds between two parts of an answer. Default: 15,000. */
  readonly bodyTimeout?: number;
  /** Default: 10 MiB. */
  readonly maxResponseBytes?: number;
  /** How often an idempotent request is sent at most. Default: 3. */
  readonly attempts?: number;
  /** Milliseconds before a repetition at most: a random part of the first, doubled each time. Default: 100 to 5,000. */
  readonly retryDelay?: { readonly first: number; readonly most: number };
  /** Milliseconds to wait at most where `retry-after` says how long. A longer one ends the request. Default: 10,000. */
  readonly maxRetryAfter?: number;
  /** Redirects to follow, within the origin. Default: 5. */
  readonly redirects?: number;
  /** Milliseconds that closing waits for requests under way. Default: 5,000. */
  readonly closeTimeout?: number;
  /** Waits before a repetition. Default: a timer. */
  readonly delay?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds since 1970, for a `retry-after` that is a date. Default: `Date.now`. */
  readonly now?: () => number;
  /** From 0 up to 1. Default: `Math.random`. */
  readonly random?: () => number;
  readonly onEvent?: (event: HttpEvent) => void;
}

export type HttpEvent =
  | { readonly type: 'answered'; readonly method: string; readonly path: string; readonly status: number }
  /** The request is repeated after so many milliseconds: because of a status, or of an error. */
  | {
      readonly type: 'retried';
      readonly method: string;
      readonly path: string;
      readonly wait: number;
      readonly status?: number;
      readonly error?: unknown;
    }
  | { readonly type: 'queue-full' };

export type HttpBody = string | Uint8Array;

export interface HttpRequest {
  readonly signal?: AbortSignal | undefined;
  /** Added to the path, encoded; `undefined` leaves one out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly headers?: Headers;
  readonly body?: HttpBody;
  /** Sent as JSON instead of `body`. */
  readonly json?: unknown;
  /**
   * Lets a POST or PATCH be repeated: it is sent with this `idempotency-key`, by which the API must know it again.
   * GET, HEAD, OPTIONS, PUT and DELETE are idempotent anyway.
   */
  readonly idempotencyKey?: string;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case; several of a name joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface HttpStats {
  /** Connections that are open. */
  readonly size: number;
  readonly idle: number;
  /** Requests under way. */
  readonly busy: number;
  /** Requests without a connection. */
  readonly waiting: number;
}

export interface Http {
  /** Sends a request and reads its answer, whatever the status. The path is below the base address: `/tickets/7`. */
  request(method: HttpMethod, path: string, request?: HttpRequest): Promise<HttpResponse>;
  /**
   * Sends a request and parses its answer; `undefined` where that is empty. What it gets is the API's word: check it.
   *
   * @throws {ConnectorError} RESPONSE_STATUS for other than 2xx, `facts.status` and `facts.body` say more;
   * RESPONSE_INVALID; and what `request` throws.
   */
  json<T = unknown>(method: HttpMethod, path: string, request?: HttpRequest): Promise<T>;
  stats(): HttpStats;
  /** Refuses new requests, waits for those under way, and ends the connections. */
  close(): Promise<void>;
}

export type HttpSettings = Required<Omit<HttpOptions, 'url'>> & { readonly base: URL };

/**
 * Makes a connector to an HTTP API on undici, which is loaded when the connector opens. Nothing is sent before the first
 * request.
 *
 * @throws {ConnectorError} on opening: LIBRARY_MISSING, SETTING_MISSING, SETTING_INVALID.
 */
export function http({ url, ...options }: HttpOptions): Connector<Http> {
  return {
    async open() {
      const base = parseBase(readSetting(url, 'the API', 'url'));
      const undici = await loadLibrary(() => import('undici'), { library: 'undici', service: 'the API' });
      return new HttpClient(undici, {
        headers: {},
        connections: 32,
        queue: 1000,
        keepAlive: 10_000,
        timeout: 30_000,
        connectTimeout: 5000,
        headersTimeout: 15_000,
        bodyTimeout: 15_000,
        maxResponseBytes: 10 * 1024 * 1024,
        attempts: 3,
        retryDelay: { first: 100, most: 5000 },
        maxRetryAfter: 10_000,
        redirects: 5,
        closeTimeout: 5000,
        delay,
        now: Date.now,
        random: Math.random,
        onEvent: () => {},
        ...options,
        base,
      });
    },
    close: (client) => client.close(),
  };
}

function parseBase(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw settingInvalid('the API', 'url', 'is no http or https address');
  }
  if (url.username !== '' || url.password !== '') {
    throw settingInvalid('the API', 'url', 'holds credentials: send them by "headers"');
  }
  if (url.search !== '' || url.hash !== '') throw settingInvalid('the API', 'url', 'has a query or a fragment');
  return url;
}

async function delay(milliseconds: number, signal: AbortSignal): Promise<void> {
  const { setTimeout } = await import('node:timers/promises');
  await setTimeout(milliseconds, undefined, { signal });
}
