import { lstatSync } from 'node:fs';
import type { CachedFile, NewEntry } from './cache.ts';
import { type Digest, digestOf } from './digest.ts';
import { CacheError, codeOf, outputNotAFile, outputPath, outputUnreadable } from './errors.ts';
import { createReader, digestPieces, WHOLE_FILE_LIMIT, withFile } from './file-bytes.ts';

const readWhole = createReader();

import { findUnsafePath, sortPaths } from './output-paths.ts';

/** Where bodies go while outputs are read. May not throw: a body that cannot be kept is the sink's own affair. */
export interface BodySink {
  /** The bytes are the sink's during the call only. */
  bytes(digest: Digest, bytes: Buffer): void;
  /** A big file, by its absolute path. `undefined` when it was not read; it is then only hashed. */
  bigFile(file: string): { digest: Digest; size: number } | undefined;
}

/** Reads each output once: its digest is that of the very bytes that the sink got. Sorted by path. */
export function readOutputs(
  { directory, paths }: Pick<NewEntry, 'directory' | 'paths'>,
  sink?: BodySink,
): CachedFile[] {
  const unsafe = findUnsafePath(paths);
  if (unsafe !== undefined) throw outputPath(unsafe.path, unsafe.reason);
  const directories = new Set<string>();
  return sortPaths(paths).map((path) => {
    try {
      refuseLinkedParents(directory, path, directories);
      return readOutput(`${directory}/${path}`, path, sink);
    } catch (error) {
      if (error instanceof CacheError) throw error;
      throw codeOf(error) === 'ELOOP' ? outputNotAFile(path) : outputUnreadable(path, error);
    }
  });
}

function readOutput(file: string, path: string, sink: BodySink | undefined): CachedFile {
  return withFile(file, (descriptor, stats) => {
    if (!stats.isFile()) throw outputNotAFile(path);
    const mode = (stats.mode & 0o100) === 0 ? 0o644 : 0o755;
    if (stats.size > WHOLE_FILE_LIMIT) {
      return { path, mode, ...(sink?.bigFile(file) ?? digestPieces(descriptor)) };
    }
    const bytes = readWhole(descriptor, stats.size);
    const digest = digestOf(bytes);
    sink?.bytes(digest, bytes);
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
