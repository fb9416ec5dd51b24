import { chmodSync, constants, copyFileSync, rmSync, utimesSync } from 'node:fs';
import type { FileMode } from './cache.ts';
import { type Digest, digestOf } from './digest.ts';
import { codeOf } from './errors.ts';
import { digestPieces, readToEnd, WHOLE_FILE_LIMIT, withFile, writeAll, writeNewFile } from './file-bytes.ts';
import { moveIntoStore, quarantine, type Store } from './store.ts';
import { bodyPath } from './store-layout.ts';

/** Bodies that no manifest names are swept when they are older than this; one that is used again is made young first. */
export const GRACE = 10 * 60_000;

/** Keeps bytes under their digest. What already lies there is compared, and replaced when it is damaged. */
export function putBytes(store: Store, digest: Digest, bytes: Uint8Array): void {
  const target = bodyPath(store.layout, digest);
  if (holds(store, target, bytes.length, (found) => Buffer.compare(found, bytes) === 0)) return;
  const temporary = store.temporaryFile();
  writeNewFile(temporary, 0o444, (descriptor) => writeAll(descriptor, bytes));
  moveIntoStore(temporary, target);
  store.grown += bytes.length;
}

/** Keeps a big file. The digest is that of the copy, so that an edit meanwhile cannot come between the two. */
export function putBigFile(store: Store, source: string): { digest: Digest; size: number } {
  const temporary = store.temporaryFile();
  try {
    const kept = copyBig(store, source, temporary, 0o444);
    const target = bodyPath(store.layout, kept.digest);
    if (!holds(store, target, kept.size, undefined, kept.digest)) {
      moveIntoStore(temporary, target);
      store.grown += kept.size;
    }
    return kept;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/**
 * Writes a kept body to a new file. False when it is missing or is not what its digest says; it is then put aside.
 * Throws when the destination cannot be written or the body cannot be read.
 */
export function copyBody(
  store: Store,
  { digest, size, mode }: { digest: Digest; size: number; mode: FileMode },
  destination: string,
): boolean {
  const source = bodyPath(store.layout, digest);
  let whole: boolean;
  try {
    whole =
      size <= WHOLE_FILE_LIMIT
        ? copySmall(source, size, digest, destination, mode)
        : copyBigChecked(store, source, size, digest, destination, mode);
  } catch (error) {
    if (codeOf(error) === 'ELOOP') whole = false;
    else throw error;
  }
  if (!whole) quarantine(store, source);
  return whole;
}

/** Whether the body of this digest is there and whole. Reads all of it. */
export function verifyBody(store: Store, digest: Digest): { whole: boolean; size: number } {
  return withFile(bodyPath(store.layout, digest), (descriptor, stats) => {
    if (!stats.isFile()) return { whole: false, size: 0 };
    const found =
      stats.size <= WHOLE_FILE_LIMIT ? digestOf(readToEnd(descriptor, stats.size)) : digestPieces(descriptor).digest;
    return { whole: found === digest, size: stats.size };
  });
}

function copySmall(source: string, size: number, digest: Digest, destination: string, mode: FileMode): boolean {
  const bytes = readBody(source, size);
  if (bytes === undefined || bytes.length !== size || digestOf(bytes) !== digest) return false;
  writeNewFile(destination, mode, (descriptor) => writeAll(descriptor, bytes));
  return true;
}

function readBody(source: string, size: number): Buffer | undefined {
  try {
    return withFile(source, (descriptor, stats) =>
      stats.isFile() && stats.size === size ? readToEnd(descriptor, size) : undefined,
    );
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function copyBigChecked(
  store: Store,
  source: string,
  size: number,
  digest: Digest,
  destination: string,
  mode: FileMode,
): boolean {
  let length: number;
  try {
    length = withFile(source, (_, stats) => (stats.isFile() ? stats.size : -1));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
  if (length !== size) return false;
  return copyBig(store, source, destination, mode).digest === digest;
}

/** By clone where the file system has it, else piece by piece; either way the digest is of what was written. */
function copyBig(store: Store, source: string, destination: string, mode: number): { digest: Digest; size: number } {
  if (store.clones && clone(store, source, destination)) {
    chmodSync(destination, mode);
    return withFile(destination, (descriptor) => digestPieces(descriptor));
  }
  return withFile(source, (from) => {
    let copied: { digest: Digest; size: number } | undefined;
    writeNewFile(destination, mode, (to) => {
      copied = digestPieces(from, (bytes) => writeAll(to, bytes));
    });
    if (copied === undefined) throw new Error('Nothing was copied');
    return copied;
  });
}

function clone(store: Store, source: string, destination: string): boolean {
  try {
    copyFileSync(source, destination, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOSPC' || codeOf(error) === 'ENOENT') throw error;
    rmSync(destination, { force: true });
    store.clones = false;
    return false;
  }
}

function holds(
  store: Store,
  target: string,
  size: number,
  same: ((found: Buffer) => boolean) | undefined,
  digest?: Digest,
): boolean {
  let age: number | undefined;
  try {
    const whole = withFile(target, (descriptor, stats) => {
      age = store.now() - stats.mtimeMs;
      if (!stats.isFile() || stats.size !== size) return false;
      return same === undefined ? digestPieces(descriptor).digest === digest : same(readToEnd(descriptor, size));
    });
    if (whole) {
      if (age !== undefined && age > GRACE / 2) touch(store, target);
      return true;
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
  }
  quarantine(store, target);
  return false;
}

/** Marks a file as used now, for eviction in order of use. Its failure costs nothing but that order. */
export function touch(store: Store, file: string): void {
  try {
    const seconds = store.now() / 1000;
    utimesSync(file, seconds, seconds);
  } catch {
    // A read-only store: nothing is evicted from it either.
  }
}
