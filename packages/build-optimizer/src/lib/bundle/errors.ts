export type BundleErrorCode =
  | 'ENTRY_NOT_FOUND'
  | 'SYNTAX_ERROR'
  | 'IMPORT_NOT_FOUND'
  | 'EXPORT_NOT_FOUND'
  | 'IMPORT_UNSUPPORTED'
  | 'PACKAGE_NOT_FOUND'
  | 'PACKAGE_UNREADABLE'
  | 'TSCONFIG_INVALID'
  | 'FILE_CHANGED'
  | 'BUNDLE_FAILED';

/** A place in one of the author's files; lines and columns from 1. */
export interface SourceLocation {
  readonly file: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** Why the author's files, or the packages they import, cannot be read or bundled. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
  readonly code: BundleErrorCode;
  /** What to do about it: one sentence. */
  readonly hint?: string;
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;

  constructor(
    code: BundleErrorCode,
    message: string,
    facts: {
      readonly location?: SourceLocation | undefined;
      readonly hint?: string | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    if (facts.hint !== undefined) this.hint = facts.hint;
    if (facts.location === undefined) return;
    this.file = facts.location.file;
    if (facts.location.line !== undefined) this.line = facts.location.line;
    if (facts.location.column !== undefined) this.column = facts.location.column;
  }
}

/** `tools/x.ts:3:16`, as far as it is known. */
export function formatLocation({ file, line, column }: SourceLocation): string {
  return [file, line, column].filter((part) => part !== undefined).join(':');
}

export function entryNotFound(file: string): BundleError {
  return new BundleError('ENTRY_NOT_FOUND', `Cannot read "${file}": no such file`, { location: { file } });
}

export function syntaxError(location: SourceLocation, text: string, hint?: string): BundleError {
  return new BundleError('SYNTAX_ERROR', `Cannot parse "${formatLocation(location)}": ${text}`, {
    location,
    hint: hint ?? 'Correct the syntax there.',
  });
}

export function importNotFound(specifier: string, location: SourceLocation, suggestion?: string): BundleError {
  const message = `Cannot resolve "${specifier}" imported by ${formatLocation(location)}`;
  const hint =
    suggestion === undefined
      ? 'Create that file, or correct the path: it is relative to the file that imports it.'
      : `Did you mean "${suggestion}"?`;
  return new BundleError('IMPORT_NOT_FOUND', message, { location, hint });
}

export function exportNotFound(name: string, target: string, location: SourceLocation): BundleError {
  return new BundleError(
    'EXPORT_NOT_FOUND',
    `Cannot import "${name}" from "${target}" in ${formatLocation(location)}: it has no such export`,
    { location, hint: 'Export it there, correct the name, or write `import type` if it is a type.' },
  );
}

export function importUnsupported(
  specifier: string,
  location: SourceLocation,
  state: string,
  hint: string,
): BundleError {
  const message = `Cannot import ${JSON.stringify(specifier)} in ${formatLocation(location)}: ${state}`;
  return new BundleError('IMPORT_UNSUPPORTED', message, { location, hint });
}

export function packageNotFound(
  name: string,
  location: SourceLocation | undefined,
  state = 'it is not installed',
): BundleError {
  const importer = location === undefined ? '' : ` imported by ${formatLocation(location)}`;
  return new BundleError('PACKAGE_NOT_FOUND', `Cannot resolve package "${name}"${importer}: ${state}`, {
    location,
    hint: `Add "${name}" to the dependencies in package.json and install.`,
  });
}

/** Packages have to be read, and the plan was made without them. */
export function packagesMissing(): BundleError {
  return new BundleError(
    'PACKAGE_NOT_FOUND',
    'Cannot read the packages: they are not installed, and no cache has what this build needs of them',
    { hint: 'Install them (`npm ci`), or name a cache that was filled by the same lockfile with --cache-from.' },
  );
}

export function importUnresolved(specifier: string, location: SourceLocation | undefined, state: string): BundleError {
  const importer = location === undefined ? '' : ` imported by ${formatLocation(location)}`;
  return new BundleError('IMPORT_NOT_FOUND', `Cannot resolve "${specifier}"${importer}: ${state}`, {
    location,
    hint: 'Check which modules the package exports, and its version.',
  });
}

export function packageUnreadable(path: string, cause: unknown): BundleError {
  const state = cause instanceof Error ? cause.message : String(cause);
  return new BundleError('PACKAGE_UNREADABLE', `Cannot read "${path}": ${state}`, {
    cause,
    hint: 'Install the dependencies again.',
  });
}

export function packageUntraceable(name: string): BundleError {
  return new BundleError('PACKAGE_UNREADABLE', `Cannot trace "${name}": none of its modules was found`, {
    hint: 'Install the dependencies again.',
  });
}

export function tsconfigInvalid(file: string, cause: unknown): BundleError {
  const state = cause instanceof Error ? cause.message : String(cause);
  return new BundleError('TSCONFIG_INVALID', `Cannot read "${file}": ${state}`, {
    location: { file },
    cause,
    hint: 'Correct the file, or the path in its `extends`.',
  });
}

export function fileChanged(file: string): BundleError {
  return new BundleError('FILE_CHANGED', `Cannot bundle "${file}": it changed while it was being built`, {
    location: { file },
    hint: 'Build again.',
  });
}

export function bundleFailed(what: string, text: string, location?: SourceLocation, cause?: unknown): BundleError {
  const place = location === undefined ? '' : ` at ${formatLocation(location)}`;
  return new BundleError('BUNDLE_FAILED', `Cannot bundle "${what}"${place}: ${text}`, { location, cause });
}
