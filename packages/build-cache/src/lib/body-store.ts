import type { CachedFile } from './cache.ts';
import type { Checksum } from './checksum.ts';
import { copyFile } from './copy-file.ts';
import { type Digest, digestOf } from './digest.ts';
import { codeOf } from './errors.ts';
import {
  createExactReader,
  createReader,
  createWriter,
  digestPieces,
  exists,
  removeFile,
  WHOLE_FILE_LIMIT,
  withFile,
} from './file-bytes.ts';
import { markUsed } from './mark-used.ts';
import { moveIntoStore, quarantine, type Store, stageFile } from './store.ts';
import { bodyPath } from './store-layout.ts';

const readBody = createReader();

/** What a link, a directory and a pipe answer where a body should be. */
const NO_FILE = new Set(['ELOOP', 'EISDIR', 'EAGAIN', 'ENXIO']);

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
 * Writes a kept body to a new file. False when it is missing or is not what its manifest says; it is then put aside.
 * Throws when the destination cannot be written or the body cannot be read.
 */
export type BodyCopier = (file: CachedFile, destination: string, check: string) => boolean;

/** Whether the body of a file is what its manifest says. Throws when it cannot be read. */
export type BodyVerifier = (file: CachedFile, check: string) => boolean;

export function createBodyVerifier(store: Store, checksum?: Checksum): BodyVerifier {
  const read = createExactReader();
  return (file, check) => {
    const source = bodyPath(store.layout, file.digest);
    if (file.size > WHOLE_FILE_LIMIT) return isWholeBody(source, file.digest);
    const bytes = read(source, file.size);
    return bytes !== undefined && isBody(bytes, file.digest, checksum, check);
  };
}

function isBody(bytes: Buffer, digest: Digest, checksum: Checksum | undefined, check: string): boolean {
  return checksum === undefined || check === '' ? digestOf(bytes) === digest : checksum(bytes) === check;
}

/** Copies bodies to one place. Those that have a checksum are verified by it where `checksum` is given, else by digest. */
export function createBodyCopier(store: Store, checksum?: Checksum): BodyCopier {
  const read = createExactReader();
  const write = createWriter();
  const copySmall = (source: string, { digest, size, mode }: CachedFile, destination: string, check: string) => {
    const bytes = read(source, size);
    if (bytes === undefined || !isBody(bytes, digest, checksum, check)) return false;
    write(destination, mode, bytes);
    return true;
  };
  return (file, destination, check) => {
    const source = bodyPath(store.layout, file.digest);
    try {
      const whole =
        file.size <= WHOLE_FILE_LIMIT
          ? copySmall(source, file, destination, check)
          : isFileOfSize(source, file.size) && copyFile(store, source, destination, file.mode).digest === file.digest;
      if (whole) return true;
    } catch (error) {
      // Another process may evict it between two calls, and yet another put it there again.
      if (isMissing(error, source)) return false;
      if (!NO_FILE.has(codeOf(error) ?? '')) throw error;
    }
    if (exists(source)) quarantine(store, source);
    return false;
  };
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
