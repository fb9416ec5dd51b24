import { lstatSync, type Stats } from 'node:fs';
import type { CachedFile, NewEntry } from './cache.ts';
import { type Digest, digestOf } from './digest.ts';
import { CacheError, codeOf, outputNotAFile, outputPath, outputUnreadable } from './errors.ts';
import { createReader, digestPieces, WHOLE_FILE_LIMIT, withFile } from './file-bytes.ts';
import { modeOf } from './file-mode.ts';
import { findUnsafePath, sortPaths } from './output-paths.ts';

const readWhole = createReader();

/** Goes along when outputs are read. May not throw: a body that cannot be kept is its own affair. */
export interface OutputReader {
  /** What a file holds, where that is known without reading it. Rows are counted in the order of the paths. */
  recall(path: string, row: number, file: string): CachedFile | undefined;
  /** What the file system says of a file, before its content is read. */
  reading(row: number, stats: Stats): void;
  /** The bytes are the reader's during the call only. */
  bytes(row: number, digest: Digest, bytes: Buffer): void;
  /** A big file, by its absolute path. `undefined` when it was not read; it is then only hashed. */
  bigFile(file: string): { digest: Digest; size: number } | undefined;
}

/**
 * Reads each output once: its digest is that of the very bytes that the reader got. Sorted by path.
 *
 * @param sorted the same paths, if they are known to be safe.
 */
export function readOutputs(
  { directory, paths }: Pick<NewEntry, 'directory' | 'paths'>,
  reader?: OutputReader,
  sorted = sortSafely(paths),
): CachedFile[] {
  const directories = new Set<string>();
  return sorted.map((path, row) => {
    try {
      refuseLinkedParents(directory, path, directories);
      const file = `${directory}/${path}`;
      return reader?.recall(path, row, file) ?? readOutput(file, { path, row }, reader);
    } catch (error) {
      if (error instanceof CacheError) throw error;
      throw codeOf(error) === 'ELOOP' ? outputNotAFile(path) : outputUnreadable(path, error);
    }
  });
}

function sortSafely(paths: readonly string[]): readonly string[] {
  const unsafe = findUnsafePath(paths);
  if (unsafe !== undefined) throw outputPath(unsafe.path, unsafe.reason);
  return sortPaths(paths);
}

function readOutput(
  file: string,
  { path, row }: { readonly path: string; readonly row: number },
  reader: OutputReader | undefined,
): CachedFile {
  return withFile(file, (descriptor, stats) => {
    if (!stats.isFile()) throw outputNotAFile(path);
    reader?.reading(row, stats);
    const mode = modeOf(stats);
    if (stats.size > WHOLE_FILE_LIMIT) {
      return { path, mode, ...(reader?.bigFile(file) ?? digestPieces(descriptor)) };
    }
    const bytes = readWhole(descriptor, stats.size);
    const digest = digestOf(bytes);
    reader?.bytes(row, digest, bytes);
    return { path, mode, digest, size: bytes.length };
  });
}

/** A link among an output's directories leads out of the step's directory: what lies there is not its output. */
function refuseLinkedParents(directory: string, path: string, seen: Set<string>): void {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    const parent = path.slice(0, end);
    if (seen.has(parent)) return;
    if (!lstatSync(`${directory}/${parent}`).isDirectory()) throw outputNotAFile(path);
    seen.add(parent);
  }
}
