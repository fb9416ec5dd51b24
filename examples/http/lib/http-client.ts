import { setTimeout } from 'node:timers/promises';

export interface HttpClient {
  /** Sends a request and reads the JSON answer. Throws an error whose message a model can act upon. */
  request<T>(method: 'GET' | 'POST', path: string, options: RequestOptions): Promise<T>;
}

export interface RequestOptions {
  readonly signal: AbortSignal;
  readonly body?: unknown;
  /** Added to the path. */
  readonly query?: Readonly<Record<string, string | undefined>>;
}

export interface HttpClientOptions {
  readonly url: string;
  readonly token: string | undefined;
  /** How often a request is sent at most: default 4. */
  readonly attempts?: number;
  /** Milliseconds before the second attempt, doubled before each further one: default 50. */
  readonly delay?: number;
  readonly fetch?: typeof fetch;
}

/** These answers may be others a moment later. */
const temporary = new Set([429, 502, 503, 504]);

/** A JSON API behind a bearer token. Repeats a POST safely, by an idempotency key. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { url, token, attempts = 4, delay = 50, fetch = globalThis.fetch } = options;
  return {
    async request<T>(method: 'GET' | 'POST', path: string, { signal, body, query = {} }: RequestOptions): Promise<T> {
      const target = new URL(path, url);
      for (const [name, value] of Object.entries(query)) if (value !== undefined) target.searchParams.set(name, value);
      const headers = {
        accept: 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }),
      };
      for (let attempt = 1; ; attempt++) {
        const response = await fetch(target, {
          method,
          headers,
          signal,
          body: body === undefined ? null : JSON.stringify(body),
        });
        if (response.ok) return (await response.json()) as T;
        const reason = await readReason(response);
        if (attempt === attempts || !temporary.has(response.status)) throw new Error(explain(response.status, reason));
        await setTimeout(retryAfter(response) ?? delay * 2 ** (attempt - 1), undefined, { signal });
      }
    },
  };
}

/** Milliseconds, where the answer names seconds. */
function retryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? Math.min(seconds, 10) * 1000 : undefined;
}

async function readReason(response: Response): Promise<string> {
  const body = (await response.json().catch(() => undefined)) as { message?: unknown } | undefined;
  return typeof body?.message === 'string' ? body.message : response.statusText;
}

function explain(status: number, reason: string): string {
  if (status === 401 || status === 403)
    return 'The ticket system refused the credentials of this server: tell the user';
  if (status === 404) return `Not found: ${reason}`;
  if (status === 400 || status === 422) return `The ticket system refused the input: ${reason}`;
  if (temporary.has(status)) return `The ticket system is busy (${status}): try again later`;
  return `The ticket system failed with ${status}: ${reason}`;
}
