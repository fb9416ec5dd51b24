import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  type Stats,
  unlinkSync,
  writeSync,
} from 'node:fs';
import type { Digest } from './digest.ts';

/** Up to here a file is read as one buffer; above, it goes through in pieces. */
export const WHOLE_FILE_LIMIT = 4 * 1024 * 1024;

const PIECE = 1024 * 1024;

// Node has no O_NOFOLLOW on Windows, where opening a link needs a privilege to have made it.
const OPEN_FILE = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * Opens a file for `use` and closes it. Does not follow a link. Synchronous like all file access here: for thousands of
 * small files, promises and streams cost three to eight times the CPU of the plain calls.
 */
export function withFile<T>(file: string, use: (descriptor: number, stats: Stats) => T): T {
  const descriptor = openSync(file, OPEN_FILE);
  try {
    return use(descriptor, fstatSync(descriptor));
  } finally {
    closeSync(descriptor);
  }
}

/** Asked before opening what is often missing: an exception costs ten times this call. */
export function exists(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}

/** Removes a file that may be gone already. False where it cannot be removed: it is swept with the store later. */
export function removeFile(file: string): boolean {
  try {
    if (exists(file)) unlinkSync(file);
    return true;
  } catch {
    return false;
  }
}

/** Reads to the end of the file, wherever that is now: `size` is where it was expected. */
export function readToEnd(descriptor: number, size: number): Buffer {
  return readInto(Buffer.allocUnsafeSlow(size + 1), descriptor, size).bytes;
}

/**
 * The same into one buffer for all files: what it gives is valid until its next call. A buffer for each of thousands of
 * files costs a third of a restore in garbage collection.
 */
export function createReader(): (descriptor: number, size: number) => Buffer {
  let buffer: Buffer = Buffer.alloc(0);
  return (descriptor, size) => {
    if (buffer.length <= size) buffer = Buffer.allocUnsafeSlow(Math.max(size + 1, 64 * 1024));
    const read = readInto(buffer, descriptor, size);
    buffer = read.buffer;
    return read.bytes;
  };
}

function readInto(buffer: Buffer, descriptor: number, size: number): { bytes: Buffer; buffer: Buffer } {
  let length = 0;
  for (;;) {
    const wanted = buffer.length - length;
    const read = readSync(descriptor, buffer, length, wanted, null);
    length += read;
    // A file gives less than is wanted where it ends; one that ends elsewhere than expected is asked again.
    if (read === 0 || (read < wanted && length === size)) return { bytes: buffer.subarray(0, length), buffer };
    if (length === buffer.length) buffer = Buffer.concat([buffer], length * 2);
  }
}

/** A body of just this size; `undefined` where the file ends sooner or later. One read more than needed is not made. */
export function createExactReader(): (file: string, size: number) => Buffer | undefined {
  let buffer: Buffer = Buffer.alloc(0);
  return (file, size) => {
    if (buffer.length <= size) buffer = Buffer.allocUnsafeSlow(Math.max(size + 1, 64 * 1024));
    const descriptor = openSync(file, OPEN_FILE);
    try {
      for (let length = 0; ; ) {
        const wanted = size + 1 - length;
        const read = readSync(descriptor, buffer, length, wanted, null);
        length += read;
        if (length > size) return undefined;
        if (read < wanted && length === size) return buffer.subarray(0, size);
        if (read === 0) return undefined;
      }
    } finally {
      closeSync(descriptor);
    }
  };
}

/**
 * Writes new files with exactly the mode that is asked for. Whether the umask lets it be is looked at once: so one for
 * each place, and not for long.
 */
export function createWriter(): (file: string, mode: number, bytes: Uint8Array) => void {
  const asAsked = new Map<number, boolean>();
  return (file, mode, bytes) => {
    const descriptor = openSync(file, 'wx', mode);
    try {
      writeAll(descriptor, bytes);
      if (!asAsked.has(mode)) asAsked.set(mode, (fstatSync(descriptor).mode & 0o777) === mode);
      if (asAsked.get(mode) === false) fchmodSync(descriptor, mode);
    } finally {
      closeSync(descriptor);
    }
  };
}

/** Writes a file that must not exist, with exactly this mode whatever the umask. */
export function writeNewFile<T>(file: string, mode: number, write: (descriptor: number) => T): T {
  const descriptor = openSync(file, 'wx', mode);
  try {
    const written = write(descriptor);
    fchmodSync(descriptor, mode);
    return written;
  } finally {
    closeSync(descriptor);
  }
}

export function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
}

/** The digest and length of what is read from here on; each piece is also given to `onPiece`. */
export function digestPieces(
  descriptor: number,
  onPiece?: (bytes: Uint8Array) => void,
): { digest: Digest; size: number } {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafeSlow(PIECE);
  let size = 0;
  for (;;) {
    const read = readSync(descriptor, buffer, 0, PIECE, null);
    if (read === 0) return { digest: `sha256:${hash.digest('hex')}`, size };
    const bytes = buffer.subarray(0, read);
    hash.update(bytes);
    onPiece?.(bytes);
    size += read;
  }
}
