import { hash } from 'node:crypto';
import { digestInvalid } from './errors.ts';

/** The address of content: its SHA-256 in lower-case hexadecimal. */
export type Digest = `sha256:${string}`;

const PATTERN = /^sha256:[a-f0-9]{64}$/;

/** Tells whether text is exactly a digest: nothing else may become part of a path or a URL. */
export function isDigest(text: unknown): text is Digest {
  return typeof text === 'string' && PATTERN.test(text);
}

/**
 * Takes text from outside as a digest.
 *
 * @throws {OciError} `DIGEST_INVALID`
 */
export function parseDigest(text: unknown): Digest {
  if (!isDigest(text)) throw digestInvalid(text);
  return text;
}

/** The digest of bytes held in memory. */
export function digestBytes(bytes: Uint8Array): Digest {
  return `sha256:${hash('sha256', bytes, 'hex')}`;
}

/** The 64 hexadecimal digits, checked, as they appear in the paths of an image layout. */
export function digestHex(digest: Digest): string {
  return parseDigest(digest).slice('sha256:'.length);
}
