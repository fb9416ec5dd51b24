import { setTimeout as delay } from 'node:timers/promises';
import { remoteRefused, remoteUnavailable } from '../errors.ts';
import type { ArtifactAddress } from './artifact-address.ts';
import { trustedRedirect } from './trusted-redirect.ts';
import type { Artifact } from './write-artifact.ts';

export interface ArtifactClientOptions {
  readonly address: ArtifactAddress;
  readonly token: string | undefined;
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
  /** Told of bytes of artifacts as they come and go. */
  readonly onBytes: (bytes: number) => void;
}

/** The requests of the remote cache API that a tier needs. All throw `REMOTE_REFUSED` and `REMOTE_UNAVAILABLE`. */
export interface ArtifactClient {
  /** `undefined` where there is none. */
  get(hash: string): Promise<ReceivedArtifact | undefined>;
  /** Those that are there. */
  find(hashes: readonly string[]): Promise<ReadonlySet<string>>;
  /** False where somebody was first. */
  put(hash: string, artifact: Artifact): Promise<boolean>;
}

export interface ReceivedArtifact {
  readonly content: AsyncIterable<Uint8Array>;
  readonly tag: string | undefined;
}

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT';

interface Request {
  readonly method: Method;
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

/** Servers that do not know the query: each artifact is then asked for by itself. */
const NO_QUERY = [400, 404, 405, 501];

/** Most of an answer that is read, which should be a line of JSON for each hash. */
const MAX_ANSWER = 1024 * 1024;

export function createArtifactClient(options: ArtifactClientOptions): ArtifactClient {
  const { address, onBytes } = options;
  let knowsQuery = true;

  async function has(hash: string): Promise<boolean> {
    const { response } = await send({ method: 'HEAD', url: address.artifact(hash), accept: [200, 404] }, options);
    return response.status === 200;
  }

  async function query(hashes: readonly string[]): Promise<ReadonlySet<string> | undefined> {
    const request: Request = {
      method: 'POST',
      url: address.query(),
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify({ hashes })),
      accept: [200, ...NO_QUERY],
    };
    const { response } = await send(request, options);
    if (response.status !== 200) {
      await response.body?.cancel();
      return undefined;
    }
    return parseAnswer(await readText(response), hashes);
  }

  return {
    async get(hash) {
      const { response, tag } = await send({ method: 'GET', url: address.artifact(hash), accept: [200, 404] }, options);
      if (response.status === 200 && response.body !== null) return { content: counted(response.body, onBytes), tag };
      await response.body?.cancel();
      return undefined;
    },
    async find(hashes) {
      const known = knowsQuery ? await query(hashes) : undefined;
      if (known !== undefined) return known;
      knowsQuery = false;
      const there = await Promise.all(hashes.map(has));
      return new Set(hashes.filter((_, index) => there[index]));
    },
    async put(hash, { size, duration, tag, open }) {
      const headers = {
        'content-type': 'application/octet-stream',
        'content-length': String(size),
        'x-artifact-duration': String(duration),
        ...(tag === undefined ? {} : { 'x-artifact-tag': tag }),
      };
      const accept = [200, 201, 202, 204, 409];
      const body = watch(open(), onBytes);
      const { response } = await send({ method: 'PUT', url: address.artifact(hash), headers, body, accept }, options);
      await response.body?.cancel();
      return response.status !== 409;
    },
  };
}

interface Answer {
  readonly response: Response;
  /** Servers that redirect to where the content lies say it on the way. */
  readonly tag: string | undefined;
}

/** Sends a request; where the server is busy and says for how long, once more. */
async function send(request: Request, options: ArtifactClientOptions): Promise<Answer> {
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
async function follow(request: Request, options: ArtifactClientOptions): Promise<Answer> {
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

async function sendTo(url: URL, { method, headers, body }: Request, options: ArtifactClientOptions): Promise<Response> {
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

function isStream(body: Request['body']): body is AsyncIterable<Uint8Array> {
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

async function readText({ body }: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body ?? []) {
    size += piece.length;
    if (size > MAX_ANSWER) return '';
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** `{"<hash>": {"size": 812, …}, "<hash>": null}`; `undefined` where it is something else. */
function parseAnswer(text: string, hashes: readonly string[]): ReadonlySet<string> | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer !== 'object' || answer === null) return undefined;
    const there = new Map(Object.entries(answer));
    return new Set(hashes.filter((hash) => typeof there.get(hash) === 'object' && there.get(hash) !== null));
  } catch {
    return undefined;
  }
}

/** One in memory goes in one piece. */
function watch(content: AsyncIterable<Uint8Array> | Buffer, onBytes: (bytes: number) => void) {
  if (!Buffer.isBuffer(content)) return counted(content, onBytes);
  onBytes(content.length);
  return content;
}

async function* counted(content: AsyncIterable<Uint8Array>, onBytes: (bytes: number) => void) {
  for await (const piece of content) {
    onBytes(piece.length);
    yield piece;
  }
}
