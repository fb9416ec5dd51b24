import type { Descriptor } from './descriptor.ts';

/** Every code that an `OciError` can carry; the README says what each means and what to do. */
export type OciErrorCode =
  | 'ARCHIVE_INVALID'
  | 'BASE_INVALID'
  | 'BLOB_NOT_FOUND'
  | 'CREDENTIALS_UNREADABLE'
  | 'CREDENTIAL_HELPER_FAILED'
  | 'DIGEST_INVALID'
  | 'DIGEST_MISMATCH'
  | 'DOCUMENT_INVALID'
  | 'FOREIGN_LAYER'
  | 'HOST_BASE_UNSUPPORTED'
  | 'HOST_LIBRARY_MISSING'
  | 'KEY_INVALID'
  | 'LAYER_ENTRY_INVALID'
  | 'LAYER_TOO_LARGE'
  | 'LAYOUT_INVALID'
  | 'PLATFORM_NOT_FOUND'
  | 'REALM_REFUSED'
  | 'REBASE_REFUSED'
  | 'REDIRECT_REFUSED'
  | 'REFERENCE_INVALID'
  | 'REGISTRY_DENIED'
  | 'REGISTRY_REFUSED'
  | 'REGISTRY_RESPONSE_INVALID'
  | 'REGISTRY_UNAVAILABLE'
  | 'SIGNATURE_MISSING'
  | 'SIGNATURE_UNTRUSTED'
  | 'SIZE_MISMATCH'
  | 'SOURCE_CHANGED'
  | 'TAG_NOT_FOUND'
  | 'WRITE_FAILED';

/** What an `OciError` knows beyond its message. */
export interface OciErrorFacts {
  readonly digest?: string;
  readonly path?: string;
  readonly reference?: string;
  readonly status?: number;
  readonly expected?: string | number;
  readonly found?: string | number;
  readonly url?: string;
  /** Seconds, as a registry asked for. */
  readonly retryAfter?: number;
}

interface OciErrorInit {
  readonly code: OciErrorCode;
  readonly hint?: string | undefined;
  readonly facts?: OciErrorFacts;
  readonly cause?: unknown;
}

/** The only error this package throws on purpose. Compare `code`: two installed versions are two classes. */
export class OciError extends Error {
  override readonly name = 'OciError';
  readonly code: OciErrorCode;
  /** What to do about it, as a sentence of its own. */
  readonly hint: string | undefined;
  readonly facts: OciErrorFacts;

  constructor(message: string, { code, hint, facts = {}, cause }: OciErrorInit) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
    this.facts = facts;
  }
}

/** Cuts and cleans text that came from outside, so that it cannot fill or steer a terminal. */
export function quoted(text: unknown, limit = 120): string {
  const clean = String(text).replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, '?');
  return `"${clean.length > limit ? `${clean.slice(0, limit)}…` : clean}"`;
}

export function digestInvalid(text: unknown): OciError {
  return new OciError(
    `Cannot use ${quoted(text)} as a digest: expected "sha256:" and 64 lower-case hexadecimal digits`,
    {
      code: 'DIGEST_INVALID',
    },
  );
}

export function documentInvalid(what: string, problem: string, cause?: unknown): OciError {
  return new OciError(`Cannot read ${what}: ${problem}`, { code: 'DOCUMENT_INVALID', cause });
}

export function foreignLayer(what: string): OciError {
  return new OciError(`Cannot use ${what}: it tells to fetch content from "urls" outside its registry`, {
    code: 'FOREIGN_LAYER',
    hint: 'Use an image whose layers are all in its own registry.',
  });
}

export function digestMismatch(what: string, expected: string, found: string): OciError {
  return new OciError(`Cannot use ${what}: its content has the digest "${found}" instead of "${expected}"`, {
    code: 'DIGEST_MISMATCH',
    hint: 'The content is damaged or was changed on the way. Remove it where it is kept and fetch or build it again.',
    facts: { digest: expected, expected, found },
  });
}

export function sizeMismatch(what: string, { digest, size }: Descriptor, found: number): OciError {
  const problem =
    found > size ? `content goes on after its ${size} bytes` : `content ends after ${found} of ${size} bytes`;
  return new OciError(`Cannot use ${what}: ${problem}`, {
    code: 'SIZE_MISMATCH',
    hint: 'The content is damaged or was cut on the way. Try again; if it stays so, build or push it again.',
    facts: { digest, expected: size, found },
  });
}

export function blobNotFound(where: string, digest: string): OciError {
  return new OciError(`Cannot read "${digest}" from ${where}: it is not there`, {
    code: 'BLOB_NOT_FOUND',
    facts: { digest },
  });
}

export function tagNotFound(where: string, reference: string, known: readonly string[] = []): OciError {
  const names = known.slice(0, 10).map((name) => quoted(name));
  return new OciError(`Cannot find ${quoted(reference)} in ${where}: no such tag or digest`, {
    code: 'TAG_NOT_FOUND',
    hint: names.length > 0 ? `It has ${names.join(', ')}.` : 'Check the name for a typing error.',
    facts: { reference },
  });
}

export function platformNotFound(reference: string, wanted: string, offered: readonly string[]): OciError {
  return new OciError(`Cannot use ${quoted(reference)} as a base: it has no image for ${wanted}`, {
    code: 'PLATFORM_NOT_FOUND',
    hint: `It has ${offered.slice(0, 20).join(', ') || 'no platform at all'}.`,
    facts: { reference, expected: wanted },
  });
}

export function layerEntryInvalid(path: string, problem: string): OciError {
  return new OciError(`Cannot put ${quoted(path)} into a layer: ${problem}`, {
    code: 'LAYER_ENTRY_INVALID',
    facts: { path },
  });
}

export function sourceChanged(path: string, expected: number, found: number): OciError {
  return new OciError(
    `Cannot put "${path}" into a layer: it shrank from ${expected} to ${found} bytes while it was read`,
    {
      code: 'SOURCE_CHANGED',
      hint: 'Build again when nothing else writes the file.',
      facts: { path, expected, found },
    },
  );
}

export function baseInvalid(base: string, problem: string): OciError {
  return new OciError(`Cannot build on the base ${quoted(base)}: ${problem}`, {
    code: 'BASE_INVALID',
    facts: { reference: base },
  });
}

export function layoutInvalid(directory: string, problem: string, cause?: unknown): OciError {
  return new OciError(`Cannot open the image layout "${directory}": ${problem}`, {
    code: 'LAYOUT_INVALID',
    hint: 'Remove the directory and build the image again.',
    facts: { path: directory },
    cause,
  });
}

export function writeFailed(path: string, cause: unknown): OciError {
  const code = errnoOf(cause);
  return new OciError(`Cannot write "${path}": ${code ?? 'the system refused'}`, {
    code: 'WRITE_FAILED',
    hint: code === undefined ? undefined : WRITE_HINTS.get(code),
    facts: { path },
    cause,
  });
}

const WRITE_HINTS: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'The disk is full: free some space and try again.'],
  ['EDQUOT', 'Your disk quota is used up: free some space and try again.'],
  ['EACCES', 'Give yourself the right to write there, or choose another directory.'],
  ['EPERM', 'Give yourself the right to write there, or choose another directory.'],
  ['EROFS', 'The file system is read-only: choose another directory.'],
]);

/** The system's error name (`ENOENT`), where there is one. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || error instanceof OciError) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

export function hostBaseUnsupported(problem: string, cause?: unknown): OciError {
  return new OciError(`Cannot make a base image from this machine: ${problem}`, {
    code: 'HOST_BASE_UNSUPPORTED',
    hint: 'Name a base image from a registry instead.',
    cause,
  });
}

export function hostLibraryMissing(name: string, binary: string): OciError {
  return new OciError(
    `Cannot make a base image from "${binary}": its library "${name}" is not found without this shell's settings`,
    {
      code: 'HOST_LIBRARY_MISSING',
      hint: 'Install the library where the system looks for it, or name a base image from a registry.',
      facts: { path: binary },
    },
  );
}

export function referenceInvalid(text: string, problem: string): OciError {
  return new OciError(`Cannot use ${quoted(text)} as an image reference: ${problem}`, {
    code: 'REFERENCE_INVALID',
    hint: 'A reference looks like "ghcr.io/owner/name:tag".',
    facts: { reference: text },
  });
}

export function credentialsUnreadable(path: string, problem: string, cause?: unknown): OciError {
  return new OciError(`Cannot read credentials from "${path}": ${problem}`, {
    code: 'CREDENTIALS_UNREADABLE',
    hint: 'Repair the file, or remove it and log in again with `docker login`.',
    facts: { path },
    cause,
  });
}

export function credentialHelperFailed(helper: string, registry: string, problem: string): OciError {
  return new OciError(`Cannot get credentials for "${registry}" from the helper ${quoted(helper)}: ${problem}`, {
    code: 'CREDENTIAL_HELPER_FAILED',
    hint: 'Install or repair the helper, or take it out of "credsStore" and "credHelpers" in Docker\'s config.json.',
    facts: { reference: registry },
  });
}
