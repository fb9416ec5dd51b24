import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { dockerBuildxMissing } from '../errors.ts';
import { readJsonTextLines } from '../json-lines.ts';
import { observeArchive } from '../observe-archive.ts';
import { buildFailure } from './build-failure.ts';
import type { BuildImageOptions, BuiltImage } from './build-image.ts';
import { type BuildTrace, createBuildTrace } from './build-trace.ts';
import { parseRawJson } from './parse-rawjson.ts';

/** What buildx can do beyond the engine's API: caches that are exported, several platforms, builders elsewhere. */
export interface BuildxOptions
  extends Omit<BuildImageOptions, 'cacheFrom' | 'inlineCache' | 'platform' | 'credentials'> {
  /** The command and its first arguments. @default ['docker', 'buildx'] */
  readonly command?: readonly string[];
  /** Of that command: it reads `DOCKER_HOST`, `DOCKER_CONFIG`, `PATH`, proxies. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A builder by name, as `docker buildx ls` shows them. @default the current one */
  readonly builder?: string;
  readonly platforms?: readonly string[];
  /** `type=registry,ref=…`, `type=local,src=…`, `type=gha`, as buildx reads them. */
  readonly cacheFrom?: readonly string[];
  /** `type=registry,ref=…,mode=max`, `type=local,dest=…,mode=max`, `type=inline`, `type=gha,mode=max` */
  readonly cacheTo?: readonly string[];
}

/** Builds by the buildx command, with its progress read from `--progress=rawjson`. Stopped by SIGTERM when aborted. */
export async function buildByBuildx(options: BuildxOptions): Promise<BuiltImage> {
  const directory = await mkdtemp(join(tmpdir(), 'mcpgen-buildx-'));
  try {
    const metadata = join(directory, 'metadata.json');
    const trace = createBuildTrace(options.onEvent);
    await runBuildx(options, trace, buildxArguments(options, metadata));
    return { id: readDigest(await readFile(metadata, 'utf8')), steps: trace.steps() };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function buildxArguments(options: BuildxOptions, metadata: string): readonly string[] {
  const { tags, platforms = [], cacheFrom = [], cacheTo = [], buildArgs = {}, labels = {}, secrets = {} } = options;
  const each = (flag: string, values: readonly string[]): string[] => values.map((value) => `--${flag}=${value}`);
  const pairs = (values: Readonly<Record<string, string>>): string[] =>
    Object.entries(values).map(([name, value]) => `${name}=${value}`);
  return [
    'build',
    '--progress=rawjson',
    `--metadata-file=${metadata}`,
    `--file=${options.dockerfile ?? 'Dockerfile'}`,
    ...each('tag', tags),
    ...each('builder', options.builder === undefined ? [] : [options.builder]),
    ...each('target', options.target === undefined ? [] : [options.target]),
    ...each('network', options.network === undefined ? [] : [options.network]),
    ...each('platform', platforms.length === 0 ? [] : [platforms.join(',')]),
    ...each('build-arg', pairs(buildArgs)),
    ...each('label', pairs(labels)),
    ...each('cache-from', cacheFrom),
    ...each('cache-to', cacheTo),
    ...each(
      'secret',
      Object.keys(secrets).map((id, index) => `id=${id},env=${secretVariable(index)}`),
    ),
    ...(options.pull === true ? ['--pull'] : []),
    ...(options.noCache === true ? ['--no-cache'] : []),
    // Provenance of buildx holds times: the same sources are to give the same image.
    '--provenance=false',
    options.push === true ? '--push' : '--load',
    '-',
  ];
}

/** Secrets go by the environment of the command alone: neither its arguments nor a file show them. */
function secretVariable(index: number): string {
  return `MCPGEN_BUILD_SECRET_${index}`;
}

async function runBuildx(options: BuildxOptions, trace: BuildTrace, args: readonly string[]): Promise<void> {
  const { command: [program = 'docker', ...first] = ['docker', 'buildx'], secrets = {}, signal } = options;
  const archive = observeArchive(options.context);
  const environment = { ...options.environment };
  for (const [index, secret] of Object.values(secrets).entries())
    environment[secretVariable(index)] = Buffer.from(secret).toString();
  const child = spawn(program, [...first, ...args], { env: environment, stdio: ['pipe', 'pipe', 'pipe'], signal });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', (error) => reject(error));
    child.on('close', resolve);
  });
  const said: string[] = [];
  const [code] = await Promise.all([
    ended,
    // Where the command ends before it has read all, its own words say why.
    pipeline(archive.content, child.stdin).catch(() => {}),
    text(child.stdout),
    readProgress(child.stderr, trace, said),
  ]).catch((error: unknown): never => {
    signal?.throwIfAborted();
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw missing ? dockerBuildxMissing(program, 'no such command') : error;
  });
  signal?.throwIfAborted();
  const problem = archive.failure();
  if (problem !== undefined) throw problem;
  if (code !== 0) throw failureOf(said.join('\n'), { trace, program, host: environment.DOCKER_HOST ?? 'buildx' });
}

async function readProgress(stream: AsyncIterable<Uint8Array>, trace: BuildTrace, said: string[]): Promise<void> {
  for await (const line of readJsonTextLines(stream)) {
    if (typeof line === 'string') said.push(line);
    else trace.add(parseRawJson(line));
  }
}

function failureOf(
  said: string,
  { trace, program, host }: { readonly trace: BuildTrace; readonly program: string; readonly host: string },
): Error {
  if (/unknown command|is not a docker command|unknown flag: --progress/.test(said))
    return dockerBuildxMissing(program, said);
  const words = /ERROR: (?:failed to build: )?(.+)/.exec(said)?.[1] ?? said;
  return buildFailure(words, trace.failure(), host);
}

function readDigest(text: string): string {
  const metadata: unknown = JSON.parse(text);
  const digest =
    typeof metadata === 'object' && metadata !== null && 'containerimage.digest' in metadata
      ? metadata['containerimage.digest']
      : undefined;
  return typeof digest === 'string' ? digest : '';
}
