import type { FileMode } from './cache.ts';
import { copyFile } from './copy-file.ts';
import { type Digest, digestOf } from './digest.ts';
import { codeOf } from './errors.ts';
import {
  createReader,
  digestPieces,
  exists,
  removeFile,
  WHOLE_FILE_LIMIT,
  withFile,
  writeAll,
  writeNewFile,
} from './file-bytes.ts';
import { markUsed } from './mark-used.ts';
import { moveIntoStore, quarantine, type Store, stageFile } from './store.ts';
import { bodyPath } from './store-layout.ts';

const readBody = createReader();

/** Keeps bytes under their digest. What already lies there is compared, and replaced when it is damaged. */
export function putBytes(store: Store, digest: Digest, bytes: Uint8Array): void {
  const target = bodyPath(store.layout, digest);
  const same = (descriptor: number): boolean => Buffer.compare(readBody(descriptor, bytes.length), bytes) === 0;
  if (holds(store, target, bytes.length, same)) return;
  const temporary = stageFile(store, bytes);
  try {
    moveIntoStore(temporary, target);
  } catch (error) {
    removeFile(temporary);
    throw error;
  }
  store.grown += bytes.length;
}

/** Keeps a big file. The digest is that of the copy, so that an edit meanwhile cannot come between the two. */
export function putBigFile(store: Store, source: string): { digest: Digest; size: number } {
  const temporary = store.temporaryFile();
  try {
    const kept = copyFile(store, source, temporary, 0o444);
    const target = bodyPath(store.layout, kept.digest);
    if (!holds(store, target, kept.size, (descriptor) => digestPieces(descriptor).digest === kept.digest)) {
      moveIntoStore(temporary, target);
      store.grown += kept.size;
    }
    return kept;
  } finally {
    removeFile(temporary);
  }
}

/** A body as a manifest names it. */
export interface BodyName {
  readonly digest: Digest;
  readonly size: number;
}

/**
 * Writes a kept body to a new file. False when it is missing or is not what its digest says; it is then put aside.
 * Throws when the destination cannot be written or the body cannot be read.
 */
export function copyBody(store: Store, body: BodyName, destination: string, mode: FileMode): boolean {
  const source = bodyPath(store.layout, body.digest);
  try {
    const whole =
      body.size <= WHOLE_FILE_LIMIT
        ? copySmall(source, body, destination, mode)
        : isFileOfSize(source, body.size) && copyFile(store, source, destination, mode).digest === body.digest;
    if (whole) return true;
  } catch (error) {
    // Another process may evict it between two calls, and yet another put it there again.
    if (isMissing(error, source)) return false;
    if (codeOf(error) !== 'ELOOP') throw error;
  }
  if (exists(source)) quarantine(store, source);
  return false;
}

function isMissing(error: unknown, file: string): boolean {
  return codeOf(error) === 'ENOENT' && error instanceof Error && 'path' in error && error.path === file;
}

/** Whether the body at a path is what its digest says. Reads all of it. */
export function isWholeBody(file: string, digest: Digest): boolean {
  try {
    return withFile(file, (descriptor, stats) => stats.isFile() && digestPieces(descriptor).digest === digest);
  } catch (error) {
    if (codeOf(error) === 'ELOOP') return false;
    throw error;
  }
}

function copySmall(source: string, { digest, size }: BodyName, destination: string, mode: FileMode): boolean {
  const bytes = withFile(source, (descriptor, stats) =>
    stats.isFile() && stats.size === size ? readBody(descriptor, size) : undefined,
  );
  if (bytes === undefined || digestOf(bytes) !== digest) return false;
  writeNewFile(destination, mode, (descriptor) => writeAll(descriptor, bytes));
  return true;
}

function isFileOfSize(file: string, size: number): boolean {
  return exists(file) && withFile(file, (_, stats) => stats.isFile() && stats.size === size);
}

/** Whether a body lies there already, whole. What lies there and is not whole is put aside. */
function holds(store: Store, target: string, size: number, same: (descriptor: number) => boolean): boolean {
  if (!exists(target)) return false;
  try {
    const used = withFile(target, (descriptor, stats) =>
      stats.isFile() && stats.size === size && same(descriptor) ? stats.mtimeMs : undefined,
    );
    if (used !== undefined) {
      markUsed(store, target, used);
      return true;
    }
  } catch {
    // What cannot be read is as bad as what reads wrong.
  }
  quarantine(store, target);
  return false;
}
