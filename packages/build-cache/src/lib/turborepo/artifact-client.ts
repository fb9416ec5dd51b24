import { type ArtifactRequestInit, type SendOptions, sendRequest } from './send-request.ts';
import type { Artifact } from './write-artifact.ts';

export interface ArtifactClientOptions extends SendOptions {
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

/** Servers that do not know the query: each artifact is then asked for by itself. */
const NO_QUERY = [400, 404, 405, 501];

/** Most of an answer that is read, which should be a line of JSON for each hash. */
const MAX_ANSWER = 1024 * 1024;

export function createArtifactClient(options: ArtifactClientOptions): ArtifactClient {
  const { address, onBytes } = options;
  let knowsQuery = true;

  return {
    async get(hash) {
      const { response, tag } = await sendRequest(
        { method: 'GET', url: address.artifact(hash), accept: [200, 404] },
        options,
      );
      if (response.status === 200 && response.body !== null) return { content: counted(response.body, onBytes), tag };
      await response.body?.cancel();
      return undefined;
    },
    async find(hashes) {
      const known = knowsQuery ? await query(hashes, options) : undefined;
      if (known !== undefined) return known;
      knowsQuery = false;
      const there = await Promise.all(hashes.map((hash) => has(hash, options)));
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
      const { response } = await sendRequest(
        { method: 'PUT', url: address.artifact(hash), headers, body, accept },
        options,
      );
      await response.body?.cancel();
      return response.status !== 409;
    },
  };
}

async function has(hash: string, options: ArtifactClientOptions): Promise<boolean> {
  const url = options.address.artifact(hash);
  const { response } = await sendRequest({ method: 'HEAD', url, accept: [200, 404] }, options);
  return response.status === 200;
}

/** Those that are there; `undefined` where the server does not know the question. */
async function query(
  hashes: readonly string[],
  options: ArtifactClientOptions,
): Promise<ReadonlySet<string> | undefined> {
  const request: ArtifactRequestInit = {
    method: 'POST',
    url: options.address.query(),
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ hashes })),
    accept: [200, ...NO_QUERY],
  };
  const { response } = await sendRequest(request, options);
  if (response.status === 200) return parseAnswer(await readText(response), hashes);
  await response.body?.cancel();
  return undefined;
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
