import type { Digest } from '@mcpgen/build-cache';
import type { ImportedNames } from './scan.ts';

/** One module of a package that the author's files import, bundled into `deps/`. */
export interface BundledDependency {
  /** As it is imported: `zod/v4`. */
  readonly specifier: string;
  readonly package: string;
  readonly version: string;
  /** Absolute, symbolic links resolved. */
  readonly packageDirectory: string;
  /** Absolute path of the module that the specifier stands for. */
  readonly file: string;
  /** All names that the project imports of it. */
  readonly names: ImportedNames;
  /** Where it is written, below `deps/`: `zod/v4.js`. */
  readonly entry: string;
}

/** A package that cannot be bundled: it is copied to `node_modules/` as it is. */
export interface ExternalDependency {
  readonly package: string;
  readonly version: string;
  /** Absolute, symbolic links resolved. */
  readonly packageDirectory: string;
  /** Why it cannot be bundled: `it has a native addon (crc32.node)`. */
  readonly reason: string;
  /** Who asks for it, and by which specifier: where to begin to trace its files. */
  readonly imports: readonly ExternalImport[];
}

export interface ExternalImport {
  /** Absolute: the folder of the importing file. */
  readonly folder: string;
  readonly specifier: string;
}

/** What becomes of the packages that the author's files import. */
export interface DependencyPlan {
  /** Sorted bytewise by specifier. */
  readonly bundled: readonly BundledDependency[];
  /** Sorted bytewise by package. */
  readonly external: readonly ExternalDependency[];
  /** Each package whose code is bundled: `zod@4.6.7`. Sorted bytewise. */
  readonly packages: readonly string[];
  /**
   * Stands for all that bundling them depends on: installed packages by their version, linked ones by content, and the
   * names that are imported. With the bundler's settings it is the key of the `deps` step.
   */
  readonly digest: Digest;
  /**
   * Stands for the code that runs, bundled or not: packages by version, linked ones by content, whatever names are taken
   * from them. For the key of what runs that code.
   */
  readonly code: Digest;
  /** Files that the plan was read from, absolute: when one changes, it may be another plan. */
  readonly inputs: readonly string[];
  /** False where the plan was made by the lockfile alone: what it names cannot be bundled or copied here. */
  readonly installed: boolean;
}
