import type { Digest } from '@mcpgen/build-cache';

/** How a module asks for another one. */
export type ImportKind = 'static' | 'dynamic' | 'require';

/** The names that are taken from a module: `default` among them; `all` where the namespace as a whole is used. */
export type ImportedNames = readonly string[] | 'all';

/** One import as the file says it, after TypeScript's type-only imports are gone. */
export interface ScannedImport {
  readonly specifier: string;
  readonly kind: ImportKind;
  readonly names: ImportedNames;
  /** Position of the specifier's opening quote in the author's file, both from 1. */
  readonly line: number;
  readonly column: number;
}

/** What one file says about itself: JSON, and a function of the file's content and the compiler options alone. */
export interface Scan {
  readonly imports: readonly ScannedImport[];
  /**
   * Names it exports, `default` among them, without those that come through `export * from`; `unknown` for a file that
   * is not an ES module.
   */
  readonly exports: readonly string[] | 'unknown';
  /** Specifiers of `export * from`. */
  readonly stars: readonly string[];
  readonly warnings: readonly ScanWarning[];
}

export interface ScanWarning {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Scans of earlier builds. `digest` stands for the file's content and for all options that change what a scan gives;
 * `file` is relative to the project.
 */
export interface ScanMemory {
  get(digest: Digest, file: string): Scan | undefined;
  set(digest: Digest, file: string, scan: Scan): void;
}
