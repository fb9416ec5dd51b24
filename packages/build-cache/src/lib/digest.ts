import { hash } from 'node:crypto';

/** A content digest as OCI writes it. A template literal, so that two copies of this package agree on it. */
export type Digest = `sha256:${string}`;

const DIGEST = /^sha256:[a-f0-9]{64}$/;

/** The SHA-256 of bytes, or of a string's UTF-8. One-shot: twice as fast as a hash object for small inputs. */
export function digestOf(data: string | NodeJS.ArrayBufferView): Digest {
  return `sha256:${hash('sha256', data, 'hex')}`;
}

/** To be asked before a digest that was read from anywhere becomes a file name. */
export function isDigest(value: unknown): value is Digest {
  return typeof value === 'string' && DIGEST.test(value);
}
