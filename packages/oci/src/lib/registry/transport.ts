import type { Content, OpenContent } from '../content-store.ts';
import { errnoOf, OciError } from '../errors.ts';
import { collectContent } from '../verify-content.ts';
import type { Authenticator } from './authenticator.ts';
import { discardBody } from './read-limited.ts';
import { redirectRefused, registryUnavailable } from './registry-errors.ts';
import { registryFailure, showUrl } from './registry-failure.ts';
import { type RegistryAddress, trustedTarget } from './trusted-url.ts';

/** One request to a registry. */
export interface RegistryRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: { readonly open: OpenContent; readonly size: number };
  /** The rights the request needs, as token services name them. */
  readonly scopes: readonly string[];
  /** Statuses that are an answer rather than an error. */
  readonly accept: readonly number[];
}

/** Tells of an answer, an expected one or not. */
export interface RequestEvent {
  readonly type: 'registry-request';
  readonly method: string;
  /** Without its query, which can hold secrets. */
  readonly url: string;
  readonly status: number;
}

interface TransportOptions {
  readonly fetch: typeof fetch;
  readonly address: RegistryAddress;
  readonly authenticator: Authenticator;
  readonly signal: AbortSignal | undefined;
  readonly onEvent: ((event: RequestEvent) => void) | undefined;
}

/** Sends one request, once: authenticated and redirected as needed, but not repeated. */
export type SendRequest = (request: RegistryRequest) => Promise<Response>;

const MAX_REDIRECTS = 5;

/** Bodies up to here go in one piece, larger ones as a stream. */
const MAX_BUFFERED_BODY = 1024 * 1024;

/**
 * Makes the function that all requests to one registry go through. Redirects are followed here and not by `fetch`, since
 * each hop must be judged, and none but the registry's own origin may see the `Authorization` header.
 */
export function createTransport(options: TransportOptions): SendRequest {
  const { address, authenticator, onEvent } = options;
  return async (request) => {
    const { method, url, scopes, accept } = request;
    let answer = await follow(request, await authenticator.authorize(scopes), options);
    // A stranger that we were redirected to has no say in how to log in.
    if (answer.response.status === 401 && isOwn(answer.url, address)) {
      const authorization = await authenticator.answer(answer.response, scopes);
      if (authorization !== undefined) {
        await discardBody(answer.response);
        answer = await follow(request, authorization, options);
      }
    }
    const { response } = answer;
    onEvent?.({ type: 'registry-request', method, url: showUrl(url), status: response.status });
    if (accept.includes(response.status)) return response;
    throw await registryFailure(response, method, url);
  };
}

function isOwn(url: URL, { root }: RegistryAddress): boolean {
  return url.origin === root.origin;
}

interface Answer {
  readonly response: Response;
  /** Of the last hop. */
  readonly url: URL;
}

async function follow(
  request: RegistryRequest,
  authorization: string | undefined,
  options: TransportOptions,
): Promise<Answer> {
  const { method } = request;
  const { address } = options;
  let { url } = request;
  for (let hop = 0; ; hop++) {
    const response = await sendTo(
      url,
      { request, authorization: isOwn(url, address) ? authorization : undefined },
      options,
    );
    const location = response.headers.get('location');
    if (!REDIRECTS.has(response.status) || location === null) return { response, url };
    await discardBody(response);
    if (hop === MAX_REDIRECTS) throw redirectRefused(url, location, `more than ${MAX_REDIRECTS} redirects`);
    if (response.status < 307 && method !== 'GET' && method !== 'HEAD') {
      throw redirectRefused(url, location, `${response.status} would turn ${method} into GET`);
    }
    url = trustedTarget(location, url, address);
  }
}

interface Hop {
  readonly request: RegistryRequest;
  readonly authorization: string | undefined;
}

async function sendTo(
  url: URL,
  { request, authorization }: Hop,
  { fetch, signal }: TransportOptions,
): Promise<Response> {
  const { method, headers = {}, body } = request;
  const upload = body && watched(body.open());
  try {
    return await fetch(url, {
      method,
      redirect: 'manual',
      signal: signal ?? null,
      headers: {
        'user-agent': 'mcpgen',
        ...headers,
        ...(authorization && { authorization }),
        ...(body && { 'content-length': String(body.size) }),
      },
      ...(body && upload && (await bodyInit(body.size, upload.content))),
    });
  } catch (cause) {
    signal?.throwIfAborted();
    // What the source of an upload threw is not the registry's fault.
    throw upload?.failure() ?? (cause instanceof OciError ? cause : unreachable(method, url, cause));
  }
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Content that remembers what it threw: `fetch` wraps or swallows the errors of a body. */
function watched(source: Content): { readonly content: AsyncIterable<Uint8Array>; failure(): unknown } {
  let failure: unknown;
  async function* content() {
    try {
      yield* source;
    } catch (error) {
      failure = error;
      throw error;
    }
  }
  return { content: content(), failure: () => failure };
}

async function bodyInit(
  size: number,
  content: AsyncIterable<Uint8Array>,
): Promise<Pick<RequestInit, 'body' | 'duplex'>> {
  if (size <= MAX_BUFFERED_BODY) return { body: new Uint8Array(await collectContent(content)) };
  return { body: ReadableStream.from(content), duplex: 'half' };
}

/** The error for a connection that failed: refused, cut, timed out, or no such host. */
export function unreachable(method: string, url: URL, cause: unknown): OciError {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const reason = errnoOf(inner) ?? (inner instanceof Error ? inner.message : String(inner));
  return registryUnavailable({ method, url: showUrl(url), said: `the connection failed (${reason})`, cause });
}
