import { setTimeout as delay } from 'node:timers/promises';
import { remoteRefused, remoteUnavailable } from '../errors.ts';
import type { ArtifactAddress } from './artifact-address.ts';
import { trustedRedirect } from './trusted-redirect.ts';

export interface SendOptions {
  readonly address: ArtifactAddress;
  readonly token: string | undefined;
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
}

/** One request to a server of artifacts. */
export interface ArtifactRequestInit {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: AsyncIterable<Uint8Array> | Buffer;
  /** Statuses that are an answer rather than an error. */
  readonly accept: readonly number[];
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 5;

/** A server that is busy is asked once more where it names a time up to here, milliseconds. */
const MAX_RETRY_AFTER = 2000;

export interface ServerAnswer {
  readonly response: Response;
  /** Servers that redirect to where the content lies say it on the way. */
  readonly tag: string | undefined;
}

/** Sends a request; where the server is busy and says for how long, once more. */
export async function sendRequest(request: ArtifactRequestInit, options: SendOptions): Promise<ServerAnswer> {
  const { method, accept } = request;
  for (let attempt = 0; ; attempt++) {
    const answer = await follow(request, options);
    const { status, headers } = answer.response;
    if (accept.includes(status)) return answer;
    await answer.response.body?.cancel();
    const busy = status === 429 || status === 503;
    const after = retryAfter(headers.get('retry-after'));
    if (busy && attempt === 0 && after !== undefined && after <= MAX_RETRY_AFTER && !isStream(request.body)) {
      await delay(after, undefined, { signal: options.signal });
      continue;
    }
    const { location } = options.address;
    // A busy server that wants to be left alone for longer is left alone.
    if (status >= 500 && !(busy && after !== undefined))
      throw remoteUnavailable(location, `it answered ${status} to ${method}`);
    throw remoteRefused(location, `it answered ${status} to ${method}`, status);
  }
}

/** Redirects are followed here and not by `fetch`: only the server itself may see the token. */
async function follow(request: ArtifactRequestInit, options: SendOptions): Promise<ServerAnswer> {
  const { root, location } = options.address;
  let { url } = request;
  let tag: string | undefined;
  for (let hop = 0; ; hop++) {
    const response = await sendTo(url, request, options);
    tag = response.headers.get('x-artifact-tag') ?? tag;
    const target = response.headers.get('location');
    if (!REDIRECTS.has(response.status) || target === null) return { response, tag };
    await response.body?.cancel();
    const next = trustedRedirect(target, url, root);
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (next === undefined || !reads || hop === MAX_REDIRECTS) {
      throw remoteRefused(location, `it redirects ${request.method} to where this does not follow`, response.status);
    }
    url = next;
  }
}

async function sendTo(
  url: URL,
  { method, headers, body }: ArtifactRequestInit,
  options: SendOptions,
): Promise<Response> {
  const { fetch, signal, token } = options;
  const { root, location } = options.address;
  try {
    return await fetch(url, {
      method,
      redirect: 'manual',
      signal,
      headers: {
        'user-agent': 'mcpgen',
        ...headers,
        ...(token !== undefined && url.origin === root.origin ? { authorization: `Bearer ${token}` } : {}),
      },
      ...(body === undefined ? {} : bodyOf(body)),
    });
  } catch (cause) {
    signal.throwIfAborted();
    const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
    throw remoteUnavailable(location, `the connection failed (${reasonOf(inner)})`, cause);
  }
}

function bodyOf(body: AsyncIterable<Uint8Array> | Buffer): Pick<RequestInit, 'body' | 'duplex'> {
  if (!isStream(body)) return { body: new Uint8Array(body) };
  return { body: ReadableStream.from(body), duplex: 'half' };
}

function isStream(body: ArtifactRequestInit['body']): body is AsyncIterable<Uint8Array> {
  return body !== undefined && !Buffer.isBuffer(body);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}

/** Milliseconds; `undefined` where it is not said in seconds. */
function retryAfter(header: string | null): number | undefined {
  return header !== null && /^\d{1,9}$/.test(header) ? Number(header) * 1000 : undefined;
}
