import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { DockerError, dockerFailure, loadFailed } from './errors.ts';
import { type JsonLine, readJsonLines } from './json-lines.ts';
import { observeArchive } from './observe-archive.ts';

/** What loading tells while it works. */
export type LoadEvent =
  | { readonly type: 'docker-load-progress'; readonly bytes: number }
  | { readonly type: 'docker-load-message'; readonly message: string };

/** How to load. */
export interface LoadImageOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: LoadEvent) => void) | undefined;
}

/** What Docker made of an archive. */
export interface LoadResult {
  /** The names it gave, as it prints them: `example/app:1.0`, or an id where the archive names none. */
  readonly references: readonly string[];
}

/** Sends an archive to the daemon. Its answer is read to the end: a failure comes there, after a status of 200. */
export async function loadImage(
  client: Docker,
  archive: AsyncIterable<Uint8Array>,
  { host, signal, onEvent }: LoadImageOptions & { readonly host: string },
): Promise<LoadResult> {
  const source = observeArchive(archive, (bytes) => onEvent?.({ type: 'docker-load-progress', bytes }));
  try {
    const body = Readable.from(source.content, { objectMode: false });
    const answer = await client.loadImage(body, { quiet: false, ...(signal && { abortSignal: signal }) });
    return await readAnswer(answer, host, onEvent);
  } catch (cause) {
    signal?.throwIfAborted();
    throw source.failure() ?? (cause instanceof DockerError ? cause : dockerFailure('load the image', host, cause));
  }
}

async function readAnswer(
  answer: NodeJS.ReadableStream,
  host: string,
  onEvent: LoadImageOptions['onEvent'],
): Promise<LoadResult> {
  const references: string[] = [];
  for await (const line of readJsonLines(textOf(answer))) {
    const problem = errorOf(line);
    if (problem !== undefined) throw loadFailed(host, problem);
    if (typeof line.stream !== 'string') continue;
    const message = line.stream.trim();
    if (message !== '') onEvent?.({ type: 'docker-load-message', message });
    const [, reference] = /^Loaded image(?: ID)?: (\S+)$/.exec(message) ?? [];
    if (reference !== undefined) references.push(reference);
  }
  if (references.length === 0) throw loadFailed(host, 'it did not say that it has loaded anything');
  return { references };
}

async function* textOf(stream: NodeJS.ReadableStream): AsyncGenerator<Uint8Array | string> {
  for await (const chunk of stream) yield chunk;
}

function errorOf({ error, errorDetail }: JsonLine): string | undefined {
  if (typeof error === 'string') return error;
  return errorDetail === undefined ? undefined : JSON.stringify(errorDetail);
}
