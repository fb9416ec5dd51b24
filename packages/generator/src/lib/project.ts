/** What lies in a project directory. Paths are relative to it, with `/`. */
export interface Project {
  /** Absolute. */
  readonly directory: string;
  /** From package.json, or the directory's name and `0.0.0`. */
  readonly name: string;
  readonly version: string;
  /** Sorted bytewise by kind and name. */
  readonly sources: readonly Source[];
  /**
   * The directories whose entries decide what the sources are, sorted, `.` for the project itself: watching each of
   * them, not recursively, notices every file that is added or removed.
   */
  readonly directories: readonly string[];
}

/** `auth` is the one file that says who may call. */
export type SourceKind = 'tool' | 'connector' | 'resource' | 'prompt' | 'auth';

/** One file that defines one thing. */
export interface Source {
  readonly kind: SourceKind;
  /** From the path: `tools/github/issues.ts` is `github_issues`. A definition's own `name` wins over it. */
  readonly name: string;
  /** `tools/github/issues.ts` */
  readonly file: string;
}
