import type { Digest } from '@mcpgen/build-cache';
import type { CompilerOptions } from './read-compiler-options.ts';
import type { Scan, ScannedImport } from './scan.ts';

/** Where an import leads. */
export type ImportTarget =
  /** A file of the author, relative to the project, with `/`. */
  | { readonly kind: 'file'; readonly file: string }
  /** A package by its name; the specifier says which of its modules. */
  | { readonly kind: 'package'; readonly name: string }
  /** A module that comes with Node: `node:fs`. */
  | { readonly kind: 'builtin'; readonly name: string };

export interface ModuleImport extends ScannedImport {
  readonly target: ImportTarget;
}

/** One file of the author. */
export interface Module {
  /** Relative to the project, with `/`. Begins with `../` for a file outside of it. */
  readonly file: string;
  readonly digest: Digest;
  readonly imports: readonly ModuleImport[];
  /** As its scan says. */
  readonly exports: Scan['exports'];
  readonly stars: Scan['stars'];
}

/** Who imports whom among the author's own files. */
export interface ModuleGraph {
  /** Absolute, symbolic links resolved. */
  readonly directory: string;
  /** By file, sorted bytewise. */
  readonly modules: ReadonlyMap<string, Module>;
  /** The part of tsconfig.json that changes what a file compiles to. */
  readonly compilerOptions: CompilerOptions;
  /** Absolute paths of configuration that was read to build the graph: package.json, tsconfig.json and what it extends. */
  readonly configFiles: readonly string[];
  /** Absolute paths of folders that imports were looked for in: another name in one may lead an import elsewhere. */
  readonly folders: readonly string[];
}
