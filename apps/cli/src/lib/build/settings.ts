import { availableParallelism } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import type { Digest } from '@mcpgen/build-cache';
import { type Profile, resolveProfile } from '@mcpgen/build-optimizer';
import type { Implementation, ServerOptionsManifest } from '@mcpgen/server';
import type { Config } from '../config/config.ts';
import { milliseconds } from '../config/duration.ts';
import { outDirectoryUnsafe, usageError } from '../errors.ts';
import { type BudgetFlags, type BudgetSettings, budgetSettings } from './budgets/budget-settings.ts';
import { declaredDigests } from './declared-environment.ts';
import { defined } from './defined.ts';
import { type Builder, parseBuilder } from './docker/docker-builder.ts';
import { type DockerCaches, dockerCaches, isDockerCache } from './docker/docker-caches.ts';
import { type RemoteCacheFlags, type RemoteCacheSettings, resolveRemoteCache } from './remote-cache-settings.ts';
import { type TargetSettings, targetSettings } from './target-settings.ts';

/** What flags say about a build. They win over the configuration, which wins over the profile. */
export interface BuildFlags extends RemoteCacheFlags, BudgetFlags {
  readonly profile?: 'fast' | 'standard' | 'optimized';
  readonly out?: string;
  readonly builder?: string;
  readonly base?: string;
  readonly platform?: string;
  readonly typecheck?: boolean;
  readonly concurrency?: number;
  readonly tar?: string;
  readonly push?: string;
  readonly load?: string;
  readonly image?: boolean;
  readonly sbom?: boolean;
  readonly provenance?: boolean;
  readonly sign?: boolean;
}

/** Everything a build needs to know, resolved: what `--print-config` prints. Paths are absolute. */
export interface BuildSettings {
  readonly directory: string;
  readonly outDirectory: string;
  readonly cacheDirectory: string;
  readonly cacheBytes: number | undefined;
  readonly remoteCache: RemoteCacheSettings;
  readonly profile: Profile;
  readonly concurrency: number;
  /** Milliseconds. */
  readonly describeDeadline: number;
  /** The file that says who may call, relative to the directory. */
  readonly auth: string | undefined;
  /** What modules may read when they are loaded, by name: digests, so that no value shows; `unset` where there is none. */
  readonly environment: Readonly<Record<string, Digest | 'unset'>>;
  readonly server: ServerSettings;
  /** Who makes the image. */
  readonly builder: Builder;
  /** Of BuildKit, where that makes the image. */
  readonly dockerCaches: DockerCaches;
  /** Absent where only the server is wanted. */
  readonly image: ImageSettings | undefined;
  readonly targets: TargetSettings;
  /** What it may take: changes nothing of what is built. */
  readonly budgets: BudgetSettings | undefined;
}

/** What shows in the built server: it enters the key of the step that renders it. */
export interface ServerSettings {
  /** What is said of the server; name and version default to the project's. */
  readonly info: Partial<Omit<Implementation, 'icons'>>;
  readonly instructions?: string;
  readonly options: ServerOptionsManifest;
}

export interface ImageSettings {
  readonly base: string;
  readonly platforms: readonly string[] | undefined;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly user: string;
  readonly sbom: boolean;
  readonly provenance: boolean;
}

export interface SettingSources {
  readonly cwd: string;
  readonly flags: BuildFlags;
  readonly config: Config;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** Flags over configuration over profile over defaults. */
export function resolveSettings(
  directory: string,
  { cwd, flags, config, environment = {} }: SettingSources,
): BuildSettings {
  const { build = {}, cache = {} } = config;
  const builder = parseBuilder(flags.builder ?? config.image?.builder ?? 'daemonless');
  return {
    directory,
    outDirectory: outDirectoryOf(
      directory,
      flags.out === undefined ? resolve(directory, build.outDirectory ?? 'dist') : resolve(cwd, flags.out),
    ),
    cacheDirectory: resolve(directory, cache.directory ?? join('.cache', 'mcpgen')),
    cacheBytes: cache.maxBytes,
    remoteCache: resolveRemoteCache(ownCaches(flags), environment, cache),
    profile: profileOf(flags, config),
    concurrency:
      flags.concurrency === undefined ? (build.concurrency ?? availableParallelism()) : atLeastOne(flags.concurrency),
    describeDeadline: milliseconds(build.describeDeadline ?? 10_000),
    auth: config.server?.auth,
    environment: declaredDigests(build.env ?? [], environment),
    server: serverSettings(config),
    builder,
    dockerCaches: dockerCaches(flags, builder),
    image: flags.image === false ? undefined : imageSettings(flags, config, builder),
    targets: targetSettings(flags, cwd, builder),
    budgets: budgetSettings(config.budgets, flags),
  };
}

const SOURCE_FOLDERS = ['tools', 'connectors', 'resources', 'prompts', '.cache', 'node_modules'];

/** A build replaces what lies in its output: it must not be the project itself, or a place that the build reads. */
function outDirectoryOf(directory: string, out: string): string {
  const inside = relative(directory, out);
  const [first = ''] = inside.split(sep);
  const holdsProject = !relative(out, directory).startsWith('..');
  if (holdsProject) throw outDirectoryUnsafe(out, 'it holds the project');
  if (SOURCE_FOLDERS.includes(first)) throw outDirectoryUnsafe(out, `the build reads "${first}"`);
  return out;
}

function profileOf(flags: BuildFlags, { build = {}, image = {} }: Config): Profile {
  const typecheck = flags.typecheck ?? build.typecheck;
  return resolveProfile(flags.profile ?? build.profile ?? 'standard', {
    ...defined({
      minify: build.minify,
      typecheck: typecheck === undefined ? undefined : typecheck ? ('beside' as const) : ('off' as const),
      compression: image.compression,
    }),
  });
}

function serverSettings(config: Config): ServerSettings {
  const { server = {} } = config;
  const { auth: _, deadline, listTtl, ...plain } = server;
  return {
    info: defined({
      name: config.name,
      version: config.version,
      title: config.title,
      description: config.description,
      websiteUrl: config.websiteUrl,
    }),
    ...defined({ instructions: config.instructions }),
    options: defined({
      ...plain,
      deadline: deadline === undefined ? undefined : milliseconds(deadline),
      listTtl: listTtl === undefined ? undefined : milliseconds(listTtl),
    }),
  };
}

/** Caches of BuildKit are named as buildx names them, and are not ours. */
function ownCaches({ cacheFrom = [], cacheTo }: RemoteCacheFlags): RemoteCacheFlags {
  const to = cacheTo === undefined || isDockerCache(cacheTo) ? {} : { cacheTo };
  return { cacheFrom: cacheFrom.filter((place) => !isDockerCache(place)), ...to };
}

function imageSettings(flags: BuildFlags, { image = {} }: Config, builder: Builder): ImageSettings {
  return {
    base: baseOf(flags.base ?? image.base, builder),
    platforms: platformsOf(flags.platform?.split(',') ?? image.platforms, builder),
    port: image.port ?? 3000,
    env: image.env ?? {},
    labels: image.labels ?? {},
    annotations: image.annotations ?? {},
    user: image.user ?? '65532:65532',
    sbom: flags.sbom ?? image.sbom ?? false,
    provenance: flags.provenance ?? image.provenance ?? false,
  };
}

function platformsOf(platforms: readonly string[] | undefined, builder: Builder): readonly string[] | undefined {
  if (builder !== 'docker' || platforms === undefined || platforms.length === 1) return platforms;
  throw usageError(
    `Cannot build for ${platforms.length} platforms by the engine: it makes images of one platform`,
    'Use --builder buildx, or leave --builder out',
  );
}

/** An engine knows images, not the Node of this machine. */
function baseOf(base: string | undefined, builder: Builder): string {
  if (builder === 'daemonless') return base ?? 'host';
  if (base !== 'host') return base ?? `node:${process.versions.node.split('.')[0]}-slim`;
  throw usageError('Cannot take this machine as the base of an image that Docker builds', 'Name an image by --base');
}

function atLeastOne(concurrency: number): number {
  if (Number.isInteger(concurrency) && concurrency >= 1) return concurrency;
  throw usageError(
    `Cannot run ${concurrency} steps at once: expected a whole number from 1`,
    'Leave --concurrency out to use every core',
  );
}
