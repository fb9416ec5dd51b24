import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { DockerError, dockerFailure } from '../errors.ts';
import { readJsonLines } from '../json-lines.ts';
import { observeArchive } from '../observe-archive.ts';
import { readImageStore } from '../read-image-store.ts';
import { buildFailure } from './build-failure.ts';
import { type BuildEvent, type BuildStep, type BuildTrace, createBuildTrace } from './build-trace.ts';
import { decodeStatus } from './decode-status.ts';
import { dialEngine } from './dial-engine.ts';
import { openSession, type SessionOptions } from './open-session.ts';
import { pushImage } from './push-image.ts';

/** What to build. */
export interface BuildImageOptions extends SessionOptions {
  /** A tar of all that the build reads, the Dockerfile too. */
  readonly context: AsyncIterable<Uint8Array>;
  /** Its path in the context. @default Dockerfile */
  readonly dockerfile?: string;
  /** Names of the image: `example/app:1.0`. */
  readonly tags: readonly string[];
  /** The stage to stop at. @default the last */
  readonly target?: string;
  /** `linux/arm64`. @default the engine's */
  readonly platform?: string;
  /** They show in the image's history: not for secrets. */
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** Of RUN. @default the engine's */
  readonly network?: 'default' | 'host' | 'none';
  /** Looks for newer bases. @default false */
  readonly pull?: boolean;
  /** Runs every step. @default false */
  readonly noCache?: boolean;
  /** Images whose inline cache is used. */
  readonly cacheFrom?: readonly string[];
  /** Writes what `cacheFrom` reads into the image. @default false */
  readonly inlineCache?: boolean;
  /** Pushes the tags: within the build where the engine has containerd's image store, else after it. @default false */
  readonly push?: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: BuildEvent) => void) | undefined;
}

/** What came of it. */
export interface BuiltImage {
  /** `sha256:…` of the image in the engine: of its index or manifest in the containerd store, else of its config. */
  readonly id: string;
  readonly steps: readonly BuildStep[];
}

/**
 * Builds with BuildKit by the engine's own API. Not by the client library's `buildImage`: its session gives one registry's
 * credentials to all and no secrets, and its readers of the answer pass a failed step and a refused push for success.
 */
export async function buildImage(
  client: Docker,
  options: BuildImageOptions & { readonly host: string },
): Promise<BuiltImage> {
  const { host, signal, onEvent } = options;
  const archive = observeArchive(options.context);
  const trace = createBuildTrace(onEvent);
  try {
    const pushLater = options.push === true && (await readImageStore(client)) === 'classic';
    const session = await openSession(client, options, signal);
    let id: string;
    try {
      const push = options.push === true && !pushLater;
      const answer = await postBuild(client, archive.content, { ...options, push, session: session.id });
      id = await readAnswer(answer, trace, host);
    } finally {
      session.close();
    }
    if (pushLater) for (const tag of options.tags) await pushImage(client, tag, options);
    return { id, steps: trace.steps() };
  } catch (cause) {
    signal?.throwIfAborted();
    throw archive.failure() ?? (cause instanceof DockerError ? cause : dockerFailure('build the image', host, cause));
  }
}

async function postBuild(
  client: Docker,
  context: AsyncIterable<Uint8Array>,
  options: BuildImageOptions & { readonly session: string },
): Promise<Readable> {
  const answer = await dialEngine(client, {
    method: 'POST',
    path: '/build?',
    file: Readable.from(context, { objectMode: false }),
    options: buildQuery(options),
    isStream: true,
    ...(options.signal !== undefined && { abortSignal: options.signal }),
    statusCodes: { 200: true },
  });
  if (!(answer instanceof Readable)) throw new TypeError('the engine gave no stream');
  return answer;
}

function buildQuery(options: BuildImageOptions & { readonly session: string }): Readonly<Record<string, unknown>> {
  const { tags, cacheFrom = [], inlineCache = false, push = false } = options;
  const buildArgs = { ...options.buildArgs, ...(inlineCache && { BUILDKIT_INLINE_CACHE: '1' }) };
  const outputs = [{ Type: 'image', Attrs: { name: tags.join(','), push: 'true' } }];
  return {
    version: '2',
    session: options.session,
    dockerfile: options.dockerfile ?? 'Dockerfile',
    t: tags,
    ...(options.target !== undefined && { target: options.target }),
    ...(options.platform !== undefined && { platform: options.platform }),
    ...(options.network !== undefined && { networkmode: options.network }),
    ...(options.pull === true && { pull: 'true' }),
    ...(options.noCache === true && { nocache: 'true' }),
    ...(Object.keys(buildArgs).length > 0 && { buildargs: buildArgs }),
    ...(options.labels !== undefined && { labels: options.labels }),
    ...(cacheFrom.length > 0 && { cachefrom: JSON.stringify(cacheFrom) }),
    ...(push && { outputs: JSON.stringify(outputs) }),
  };
}

/** The engine answers 200 and then says how it goes: the end of the stream alone is no success. */
async function readAnswer(answer: Readable, trace: BuildTrace, host: string): Promise<string> {
  let id: string | undefined;
  for await (const line of readJsonLines(answer)) {
    if (typeof line.error === 'string') throw buildFailure(line.error, trace.failure(), host);
    if (line.id === 'moby.buildkit.trace' && typeof line.aux === 'string') trace.add(decodeStatus(line.aux));
    if (line.id === 'moby.image.id') id = imageIdOf(line.aux) ?? id;
  }
  const failure = trace.failure();
  if (failure !== undefined) throw buildFailure(failure.error, failure, host);
  if (id === undefined) throw buildFailure('it ended without an image', undefined, host);
  return id;
}

function imageIdOf(aux: unknown): string | undefined {
  return typeof aux === 'object' && aux !== null && 'ID' in aux && typeof aux.ID === 'string' ? aux.ID : undefined;
}
