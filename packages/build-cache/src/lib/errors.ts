export type CacheErrorCode =
  | 'OUTPUT_UNREADABLE'
  | 'OUTPUT_NOT_A_FILE'
  | 'OUTPUT_PATH'
  | 'VALUE_NOT_JSON'
  | 'REMOTE_DAMAGED'
  | 'REMOTE_REFUSED'
  | 'REMOTE_SLOW'
  | 'REMOTE_UNAVAILABLE'
  | 'REMOTE_UNTRUSTED'
  | 'REMOTE_URL_INVALID'
  | 'SIGNING_KEY_INVALID';

export interface CacheErrorFacts {
  readonly code: CacheErrorCode;
  readonly message: string;
  readonly hint?: string;
  /** The output's path, or where in the value. */
  readonly path?: string;
  readonly cause?: unknown;
}

/**
 * A mistake of the caller, or why a remote tier was not used. Trouble of the local cache itself is never thrown: it is a
 * `failed` or `damaged` event.
 */
export class CacheError extends Error {
  override readonly name = 'CacheError';
  readonly code: CacheErrorCode;
  readonly hint: string | undefined;
  readonly path: string | undefined;

  constructor({ code, message, hint, path, cause }: CacheErrorFacts) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
    this.path = path;
  }
}

export function outputUnreadable(path: string, cause: unknown): CacheError {
  return new CacheError({
    code: 'OUTPUT_UNREADABLE',
    message: `Cannot store output "${path}": ${messageOf(cause)}`,
    hint: 'The step named a file that it did not write, or that was removed before it could be stored.',
    path,
    cause,
  });
}

export function outputNotAFile(path: string): CacheError {
  return new CacheError({
    code: 'OUTPUT_NOT_A_FILE',
    message: `Cannot store output "${path}": not a regular file`,
    hint: 'Outputs are regular files: name the files inside a directory, and what a link points to.',
    path,
  });
}

export function outputPath(path: string, reason: string): CacheError {
  return new CacheError({
    code: 'OUTPUT_PATH',
    message: `Cannot store output "${path}": ${reason}`,
    hint: 'Outputs have relative names with "/", unlike each other also where case and Unicode form are ignored.',
    path,
  });
}

export function valueNotJson(path: string, found: string): CacheError {
  return new CacheError({
    code: 'VALUE_NOT_JSON',
    message: `Cannot keep "${path}": ${found} is not JSON`,
    hint: 'Values are kept as JSON: use strings, finite numbers, booleans, null, arrays and plain objects.',
    path,
  });
}

export function remoteDamaged(location: string, reason: string, cause?: unknown): CacheError {
  return new CacheError({
    code: 'REMOTE_DAMAGED',
    message: `Cannot use the cache in ${location}: ${reason}`,
    hint: 'What it holds is left alone and made again; a build that may write there replaces it.',
    cause,
  });
}

export function remoteSlow(location: string, milliseconds: number): CacheError {
  return new CacheError({
    code: 'REMOTE_SLOW',
    message: `Cannot wait longer for ${location}: it kept this run waiting for ${(milliseconds / 1000).toFixed(1)} s`,
    hint: 'The run goes on without it.',
  });
}

export function remoteUntrusted(location: string, reason: string): CacheError {
  return new CacheError({
    code: 'REMOTE_UNTRUSTED',
    message: `Cannot trust the cache in ${location}: ${reason}`,
    hint: 'Only builds that hold a trusted signing key may write there. Nothing of it was used.',
  });
}

export function remoteRefused(location: string, reason: string, status: number): CacheError {
  return new CacheError({
    code: 'REMOTE_REFUSED',
    message: `Cannot use the cache in ${location}: ${reason}`,
    hint:
      status === 401 || status === 403
        ? 'Look at the token and at what it may do there.'
        : 'The run goes on without it.',
  });
}

export function remoteUnavailable(location: string, reason: string, cause?: unknown): CacheError {
  return new CacheError({
    code: 'REMOTE_UNAVAILABLE',
    message: `Cannot use the cache in ${location}: ${reason}`,
    hint: 'The run goes on without it.',
    cause,
  });
}

export function remoteUrlInvalid(url: string, reason: string): CacheError {
  return new CacheError({
    code: 'REMOTE_URL_INVALID',
    message: `Cannot use "${url}" as a remote cache: ${reason}`,
    hint: 'Write it like https://cache.example.com; the token and the team are given apart.',
  });
}

export function signingKeyInvalid(which: 'public' | 'private', cause: unknown): CacheError {
  return new CacheError({
    code: 'SIGNING_KEY_INVALID',
    message: `Cannot read the ${which} signing key: it is no Ed25519 key in PEM or base64 DER`,
    hint: 'Make a pair with "openssl genpkey -algorithm ed25519" and "openssl pkey -pubout".',
    cause,
  });
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The system's error code (`ENOENT`), if it has one. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** What to do about it, if the error says so. */
export function hintOf(error: unknown): string | undefined {
  return error instanceof Error && 'hint' in error && typeof error.hint === 'string' ? error.hint : undefined;
}
