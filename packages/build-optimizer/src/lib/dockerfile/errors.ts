export type DockerfileErrorCode =
  | 'DOCKERFILE_OPTION_INVALID'
  | 'DOCKERFILE_PROJECT_UNREADABLE'
  | 'DOCKERFILE_TOO_LARGE'
  | 'DOCKERFILE_UNREADABLE';

/** Why a Dockerfile cannot be made or read. */
export class DockerfileError extends Error {
  override readonly name = 'DockerfileError';
  readonly code: DockerfileErrorCode;
  /** What to do about it: one sentence. */
  readonly hint?: string;

  constructor(
    code: DockerfileErrorCode,
    message: string,
    facts: { readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    if (facts.hint !== undefined) this.hint = facts.hint;
  }
}

export function optionInvalid(what: string, value: string, expected: string): DockerfileError {
  const message = `Cannot write a Dockerfile with the ${what} "${value}": expected ${expected}`;
  return new DockerfileError('DOCKERFILE_OPTION_INVALID', message, { hint: 'Correct that option' });
}

export function noPackageManager(): DockerfileError {
  const message = 'Cannot install packages in the "distroless" image that runs: it has no package manager';
  return new DockerfileError('DOCKERFILE_OPTION_INVALID', message, {
    hint: 'Choose the variant "slim" or "alpine", or leave the packages out',
  });
}

export function projectUnreadable(file: string, state: string, cause?: unknown): DockerfileError {
  return new DockerfileError('DOCKERFILE_PROJECT_UNREADABLE', `Cannot read "${file}": ${state}`, {
    hint: 'Run it where package.json lies, and see that it is valid JSON',
    cause,
  });
}
export function dockerfileTooLarge(count: number, what: string, limit: number): DockerfileError {
  const message = `Cannot check the Dockerfile: it has ${count} ${what}, and ${limit} are read at most`;
  return new DockerfileError('DOCKERFILE_TOO_LARGE', message, { hint: 'Name a Dockerfile' });
}

export function dockerfileUnreadable(cause: unknown): DockerfileError {
  const state = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
  return new DockerfileError(
    'DOCKERFILE_UNREADABLE',
    `Cannot check the Dockerfile: its parser failed with "${state}"`,
    {
      hint: 'Report it with the file: the parser should not fail',
      cause,
    },
  );
}
