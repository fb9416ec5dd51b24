import { chmodSync, constants, copyFileSync } from 'node:fs';
import type { Digest } from './digest.ts';
import { codeOf } from './errors.ts';
import { digestPieces, removeFile, withFile, writeAll, writeNewFile } from './file-bytes.ts';
import type { Store } from './store.ts';

/** What a file system without clones answers, on one device and across two. */
const NO_CLONES = new Set(['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV', 'EINVAL', 'ENOTTY']);

/**
 * Copies a big file to a new one: by clone where the file system shares blocks, else piece by piece. Either way the
 * digest is that of what was written. Only for big files: a clone costs more than writing a few kilobytes.
 */
export function copyFile(
  store: Store,
  source: string,
  destination: string,
  mode: number,
): { digest: Digest; size: number } {
  if (store.clones && clone(store, source, destination)) {
    chmodSync(destination, mode);
    return withFile(destination, (descriptor) => digestPieces(descriptor));
  }
  return withFile(source, (from) =>
    writeNewFile(destination, mode, (to) => digestPieces(from, (bytes) => writeAll(to, bytes))),
  );
}

function clone(store: Store, source: string, destination: string): boolean {
  try {
    copyFileSync(source, destination, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    removeFile(destination);
    if (!NO_CLONES.has(codeOf(error) ?? '')) throw error;
    store.clones = false;
    return false;
  }
}
