import { createHash, hash, randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * A text that knows its own digest, so that a torn write or a flipped bit is seen:
 *
 *     9f86d081…0a08    64 hex digits: SHA-256 of all after the line break
 *     {"format":1,…    anything
 */
export function sealText(text: string): string {
  return `${hash('sha256', text, 'hex')}\n${text}`;
}

/** The same of bytes in parts. */
export function sealBytes(parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat([sealLine(parts), ...parts]);
}

/** The first line of what is sealed. */
function sealLine(parts: readonly Uint8Array[]): Buffer {
  const digest = createHash('sha256');
  for (const part of parts) digest.update(part);
  return Buffer.from(`${digest.digest('hex')}\n`);
}

/** What `sealText` was given, in UTF-8, or `undefined` when the seal is broken. */
export function openSealedBytes(sealed: Buffer): string | undefined {
  return unseal(sealed)?.toString('utf8');
}

export function isSealed(sealed: Buffer): boolean {
  return unseal(sealed) !== undefined;
}

/** The text of a sealed file, or `undefined` when there is none, it cannot be read, or its seal is broken. */
export function readSealedFile(file: string): string | undefined {
  return readSealedBytes(file)?.toString('utf8');
}

/** The same, not decoded: for a file of which little is asked for. */
export function readSealedBytes(file: string): Buffer | undefined {
  try {
    return unseal(readFileSync(file));
  } catch {
    return undefined;
  }
}

/**
 * Replaces a file with a sealed text, or with bytes in parts, whole or not at all; makes its directory. Throws what the
 * file system throws.
 */
export function writeSealedFile(file: string, content: string | readonly Uint8Array[]): void {
  mkdirSync(dirname(file), { recursive: true });
  // Encoded once, for the digest and for the file.
  const parts = typeof content === 'string' ? [Buffer.from(content)] : content;
  writeFileAtomic(file, [sealLine(parts), ...parts]);
}

function unseal(sealed: Buffer): Buffer | undefined {
  if (sealed[64] !== 10) return undefined;
  const content = sealed.subarray(65);
  return hash('sha256', content, 'hex') === sealed.toString('latin1', 0, 64) ? content : undefined;
}

function writeFileAtomic(file: string, parts: readonly Uint8Array[]): void {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const descriptor = openSync(temporary, 'wx', 0o644);
    try {
      for (const bytes of parts) for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
