import type { CompressionOptions } from '@mcpgen/server';

/** What `mcpgen.config.ts` may say. Every field is optional; `mcpgen build --print-config` shows what a build uses. */
export interface Config {
  /** Name of the server; default: package.json's, or the directory's. */
  readonly name?: string;
  /** Default: package.json's. */
  readonly version?: string;
  /** Shown to people instead of `name`. */
  readonly title?: string;
  readonly description?: string;
  readonly websiteUrl?: string;
  /** Told to the model by clients: what this server is good for. */
  readonly instructions?: string;
  readonly server?: ServerConfig;
  readonly build?: BuildConfig;
  readonly image?: ImageConfig;
  readonly cache?: CacheConfig;
  readonly budgets?: BudgetConfig;
}

/** How the built server behaves. */
export interface ServerConfig {
  /** Path of the MCP endpoint; default `/mcp`. */
  readonly path?: string;
  /** A file of the project, such as `auth.ts`, whose default export says who may call; default: whoever reaches it. */
  readonly auth?: string;
  /** Names that may stand in the `Host` header besides loopback names; `*` allows any. */
  readonly allowedHosts?: readonly string[];
  /** Origins that browsers may call from besides loopback. */
  readonly allowedOrigins?: readonly string[];
  /** Largest request body in bytes; default 4 MiB. */
  readonly bodyLimit?: number;
  /** Largest result of a tool, resource or prompt in bytes; default 10 MiB. */
  readonly resultLimit?: number;
  /** Milliseconds, or a text such as `30s`, a tool may run where it says nothing itself; default 30 s. */
  readonly deadline?: number | string;
  /** Entries per page of a list. Default: everything in one page, since many clients ignore `nextCursor`. */
  readonly pageSize?: number;
  /** How long clients may keep lists: milliseconds or `5m`; default 5 minutes. */
  readonly listTtl?: number | string;
  /** Whether shared caches may keep lists; default `public`. */
  readonly listScope?: 'public' | 'private';
  /** Tools to load after the start, ahead of their first call; `true` for all. Default: none. */
  readonly warmUp?: readonly string[] | true;
  /** Counts calls, their problems and how long they take, and shows it at `GET /metrics`; off by default. */
  readonly metrics?: boolean;
  readonly resultCache?: ResultCacheConfig;
  /** Whether and how answers are compressed for clients that send `Accept-Encoding`; `false` switches it off. */
  readonly compression?: false | CompressionOptions;
}

/** Where results of tools that say `cache` are kept. */
export interface ResultCacheConfig {
  /** Bytes of the server's memory; default 64 MiB for all tools together. */
  readonly maxBytes?: number;
  /** Default 10,000. */
  readonly maxEntries?: number;
  /**
   * The file in `connectors/`, without its ending, that opens a client of Redis or Valkey: replicas then share results,
   * each with some in its memory. Default: memory alone.
   */
  readonly store?: string;
}

/** How it is built. */
export interface BuildConfig {
  /** Default `standard`. */
  readonly profile?: 'fast' | 'standard' | 'optimized';
  /** Where the output goes, relative to the project; default `dist`. */
  readonly outDirectory?: string;
  /** Overrides the profile. */
  readonly minify?: boolean;
  /** Overrides the profile. */
  readonly typecheck?: boolean;
  /** How many steps run at once; default: the machine's cores. */
  readonly concurrency?: number;
  /** Milliseconds or `10s` that a module may take to load while it is described; default 10 s. */
  readonly describeDeadline?: number | string;
  /**
   * Names of environment values that modules may read when they are loaded: a change of one describes them anew. All
   * others are not there while they are described. Default: none.
   */
  readonly env?: readonly string[];
}

/** The container image. */
export interface ImageConfig {
  /** Who makes it: this command (`daemonless`), `docker`, `buildx`, `buildx:NAME`; default `daemonless`. */
  readonly builder?: string;
  /** `host` (this machine's Node and its libraries, no registry needed) or an image reference; default `host`. */
  readonly base?: string;
  /** Platforms of a multi-platform image, `linux/amd64`; default: the base's own. */
  readonly platforms?: readonly string[];
  /** Overrides the profile. */
  readonly compression?: 'none' | 'gzip' | 'zstd';
  /** Port the server listens on in the container; default 3000. */
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Default `65532:65532`. */
  readonly user?: string;
  /** A software bill of materials with the image: CycloneDX, as a referrer and as a file. Default: none. */
  readonly sbom?: boolean;
  /** SLSA provenance with the image, as a referrer and as a file. Default: none. */
  readonly provenance?: boolean;
}

export interface CacheConfig {
  /** Where outputs are kept, relative to the project; several projects may share one. Default `.cache/mcpgen`. */
  readonly directory?: string;
  /** Bytes; default: the smaller of 10 GB and a tenth of the disk. */
  readonly maxBytes?: number;
  /** Remote caches to ask for what is not here, in this order: `ghcr.io/owner/cache:main`. `MCPGEN_CACHE_FROM` wins. */
  readonly from?: string | readonly string[];
  /** The remote cache that gets what builds make. `MCPGEN_CACHE_TO` wins: usually only pipelines write. */
  readonly to?: string;
  /** Ed25519, PEM or base64: a remote cache that none of them signed is refused. Default: anybody's is believed. */
  readonly publicKeys?: readonly string[];
  /**
   * Tags such as `pr-*` that are believed and written without a signature by builds that have no private key: scopes of
   * builds that nobody trusts. Default: none.
   */
  readonly unsignedTags?: readonly string[];
  /** Milliseconds, or `5s`, that a build waits for a remote cache at which nothing moves; default 5 s. */
  readonly patience?: number | string;
}

/**
 * What a build may take: past it the build warns, or fails with exit code 4 before the image is sent anywhere. Times are
 * milliseconds or a text such as `30s`, sizes bytes or a text such as `80MB`.
 */
export interface BudgetConfig {
  /** From the start of a build until it can be sent. */
  readonly buildTime?: Limit;
  /** By the step's name or kind, such as `typecheck` or `bundle`; of a kind, all its steps together. */
  readonly steps?: Readonly<Record<string, Limit>>;
  /** Compressed, with the base. */
  readonly imageSize?: Limit;
  /** Compressed, by the layer's name, such as `app`; `*` is each that has no limit of its own. */
  readonly layers?: Readonly<Record<string, Limit>>;
  /** All files of the server, without source maps. */
  readonly serverSize?: Limit;
  /** Code and validation of one tool, by its name; `*` is each that has no limit of its own. */
  readonly tools?: Readonly<Record<string, Limit>>;
  /** Until the built server answers on this machine, the best of three starts. Measured only where this is set. */
  readonly serverStart?: Limit;
}

/** The most that something may take: one amount fails the build, of two the one may only warn. */
export type Limit = Amount | { readonly warn?: Amount; readonly fail?: Amount };

type Amount = number | string;

/** Types the configuration: `export default defineConfig({ ... })` in `mcpgen.config.ts`. */
export function defineConfig(config: Config): Config {
  return config;
}
