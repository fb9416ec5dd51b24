export type InvalidationErrorCode = 'FILE_UNREADABLE' | 'NOT_A_FILE';

/** A file whose content was asked for cannot be read. Damaged indexes and states are never thrown: they are empty. */
export class InvalidationError extends Error {
  override readonly name = 'InvalidationError';
  readonly code: InvalidationErrorCode;
  readonly path: string;

  constructor(code: InvalidationErrorCode, path: string, reason: string, cause?: unknown) {
    super(`Cannot hash "${path}": ${reason}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.path = path;
  }
}

export function fileUnreadable(path: string, cause: unknown): InvalidationError {
  return new InvalidationError('FILE_UNREADABLE', path, cause instanceof Error ? cause.message : String(cause), cause);
}

export function notAFile(path: string): InvalidationError {
  return new InvalidationError('NOT_A_FILE', path, 'not a regular file');
}
