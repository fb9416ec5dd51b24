/** What lies around a Dockerfile: without it, rules say only what the file itself shows. */
export interface DockerfileFacts {
  /** Whether the context was looked at: without it nothing is said of what is not there. */
  readonly known: boolean;
  /** Text of the .dockerignore, where there is one. */
  readonly ignoreFile?: string;
  /** Names at the root of the context, with the bytes below them as far as they were counted. */
  readonly entries: readonly ContextEntry[];
}

export interface ContextEntry {
  /** Relative to the context. */
  readonly path: string;
  readonly bytes: number;
  /** Counting stopped early: there are more. */
  readonly more: boolean;
}

export const NO_FACTS: DockerfileFacts = { known: false, entries: [] };
