import { hash, randomUUID } from 'node:crypto';
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

/** What `sealText` was given, in UTF-8, or `undefined` when the seal is broken. */
export function openSealedBytes(sealed: Buffer): string | undefined {
  if (sealed[64] !== 10) return undefined;
  const text = sealed.subarray(65);
  return hash('sha256', text, 'hex') === sealed.toString('latin1', 0, 64) ? text.toString('utf8') : undefined;
}

/** The text of a sealed file, or `undefined` when there is none, it cannot be read, or its seal is broken. */
export function readSealedFile(file: string): string | undefined {
  try {
    return openSealedBytes(readFileSync(file));
  } catch {
    return undefined;
  }
}

/** Replaces a file with a sealed text, whole or not at all; makes its directory. Throws what the file system throws. */
export function writeSealedFile(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  // Encoded once, for the digest and for the file.
  const bytes = Buffer.from(text);
  writeFileAtomic(file, [Buffer.from(`${hash('sha256', bytes, 'hex')}\n`), bytes]);
}

function writeFileAtomic(file: string, parts: readonly Buffer[]): void {
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
