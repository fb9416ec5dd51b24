export type MetricsErrorCode = 'RECORD_INVALID' | 'RECORD_VERSION' | 'HISTORY_UNWRITABLE' | 'HISTORY_UNREADABLE';

interface MetricsErrorFacts {
  readonly hint?: string;
  readonly path?: string;
  readonly cause?: unknown;
}

/** What this package throws. Compare `code`, not the class: two copies of this package may be installed. */
export class MetricsError extends Error {
  override readonly name = 'MetricsError';
  readonly code: MetricsErrorCode;
  readonly hint: string | undefined;
  /** The file, or where in the record it is (`spans[3].end`). */
  readonly path: string | undefined;

  constructor(code: MetricsErrorCode, message: string, { hint, path, cause }: MetricsErrorFacts = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
    this.path = path;
  }
}

export function recordInvalid(path: string, expected: string): MetricsError {
  const what = path === '' ? 'it' : `"${path}"`;
  return new MetricsError('RECORD_INVALID', `Cannot read build record: ${what} is not ${expected}`, { path });
}

export function recordVersion(found: unknown): MetricsError {
  return new MetricsError('RECORD_VERSION', `Cannot read build record: version ${JSON.stringify(found)} is not 1`, {
    path: 'version',
    hint: 'It was written by another version of build-metrics: read it with that one, or leave it out.',
  });
}

export function historyUnwritable(path: string, cause: unknown): MetricsError {
  return new MetricsError('HISTORY_UNWRITABLE', `Cannot append to "${path}": ${messageOf(cause)}`, {
    path,
    cause,
    hint: 'Check that the directory can be written and its disk has room; the build itself is not affected.',
  });
}

export function historyUnreadable(path: string, cause: unknown): MetricsError {
  return new MetricsError('HISTORY_UNREADABLE', `Cannot read "${path}": ${messageOf(cause)}`, { path, cause });
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
