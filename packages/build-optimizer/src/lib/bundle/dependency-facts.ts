import type { Digest } from '@mcpgen/build-cache';

/**
 * What was found out about the packages of a project, with what must still hold for it to be true. JSON; all paths are
 * relative to the project.
 */
export interface DependencyFacts {
  /** Which package a name leads to from where; `directory` is absent where none is installed. */
  readonly lookups: readonly PackageLookup[];
  /** Files of linked packages, whose content may change under one version. */
  readonly linked: readonly LinkedFile[];
  /** The module that each bundled specifier stands for. */
  readonly files: readonly { readonly specifier: string; readonly file: string }[];
  readonly external: readonly ExternalFacts[];
  /** Packages whose code is bundled: `pg@8.23.1`. */
  readonly packages: readonly string[];
  /** The same lookups without paths: `pg@8.23.1 > pg-pool@3.14.0`. */
  readonly links: readonly string[];
  /** The same of packages below external ones. */
  readonly below: readonly string[];
}

export interface PackageLookup {
  readonly folder: string;
  readonly name: string;
  readonly directory?: string;
  readonly version?: string;
}

export interface LinkedFile {
  readonly file: string;
  readonly digest: Digest;
  /** The file's name without the project's surroundings: `@acme/shared@1.0.0/src/index.ts`. */
  readonly label: string;
}

export interface ExternalFacts {
  readonly package: string;
  readonly version: string;
  readonly directory: string;
  readonly reason: string;
  readonly imports: readonly { readonly folder: string; readonly specifier: string }[];
}

/** Facts of earlier builds, by what the project imports. */
export interface DependencyMemory {
  get(key: Digest): DependencyFacts | undefined;
  set(key: Digest, facts: DependencyFacts): void;
}

/** The same by what the project imports and its lockfile, shared between machines. */
export interface LockedDependencyMemory {
  /** Whether what is remembered already is kept here, too: for a place that may not have it yet. */
  readonly eager: boolean;
  get(key: Digest): Promise<DependencyFacts | undefined>;
  set(key: Digest, facts: DependencyFacts): Promise<void>;
}
