import type { InstallPlan } from './package-manager.ts';

/** Which kind of system the image is made of. */
export type DockerfileVariant = 'slim' | 'alpine' | 'distroless';

/** What a Dockerfile is to do. Plain data: everything but `source` has a default. */
export interface DockerfileOptions {
  readonly source: DockerfileSource;
  /** Default `slim`. */
  readonly variant?: DockerfileVariant;
  /** Major version of Node that the default bases bring. Default 24. */
  readonly nodeVersion?: number;
  /** Bases other than the variant's own, best with a digest: `node:24-slim@sha256:…`. The build stages need a shell and npm. */
  readonly bases?: { readonly build?: string; readonly run?: string };
  /** How the base that runs calls Node. Default `node`; `/nodejs/bin/node` in Google's distroless images. */
  readonly node?: string;
  /** Packages of the system, such as `git`, in the stages that build and in the image that runs. */
  readonly systemPackages?: { readonly build?: readonly string[]; readonly run?: readonly string[] };
  /** User and group by number, so that Kubernetes can tell that it is not root. Default `65532:65532`. */
  readonly user?: string;
  /** Default 3000. */
  readonly port?: number;
  /** Added to the environment of what runs. Never a place for secrets: everyone who has the image reads it. */
  readonly env?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** Path that answers 200 where all is well, for HEALTHCHECK; `null` for none. Default `/healthz` for servers of mcpgen. */
  readonly healthPath?: string | null;
}

export type DockerfileSource = ServerSource | ApplicationSource | PrebuiltSource;

/** A project of mcpgen, built inside by `mcpgen build`: what it writes holds the dependencies that it needs. */
export interface ServerSource {
  readonly kind: 'server';
  readonly install: InstallPlan;
  /** Where the build writes, relative to the project. Default `dist`. */
  readonly outDirectory?: string;
  /** Default `.cache/mcpgen`. */
  readonly cacheDirectory?: string;
  /** Names the cache mount in which the builder keeps that directory: one for each project. Default `mcpgen`. */
  readonly cacheId?: string;
}

/** Any project of Node: a script builds it, and it runs with its production dependencies. */
export interface ApplicationSource {
  readonly kind: 'application';
  readonly install: InstallPlan;
  /** Script of package.json that builds it; `undefined` where the sources run as they are. */
  readonly buildScript?: string | undefined;
  /** What the image needs besides node_modules and package.json, relative to the project. */
  readonly outputs: readonly string[];
  /** The file that Node starts, relative to the project. */
  readonly main: string;
}

/** A server that `mcpgen build` wrote on the host: the image only takes it. */
export interface PrebuiltSource {
  readonly kind: 'prebuilt';
  /** What goes where, one layer each, from what changes least to what changes most. Targets are relative to /app. */
  readonly copies: readonly PrebuiltCopy[];
}

export interface PrebuiltCopy {
  /** Files, or one directory whose content is copied; relative to the context. */
  readonly sources: readonly string[];
  /** A directory, relative to /app. */
  readonly target: string;
  /** The directory need not be there: a later build may write it. Default `false`. */
  readonly optional?: boolean;
}
