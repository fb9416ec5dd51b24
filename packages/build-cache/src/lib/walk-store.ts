import { lstatSync, readdirSync } from 'node:fs';
import type { Digest } from './digest.ts';
import { isDigest } from './digest.ts';
import { codeOf } from './errors.ts';

/** A file of the store under its digest. */
export interface StoredFile {
  readonly file: string;
  readonly digest: Digest;
  readonly size: number;
  /** When it was last used, or written: milliseconds since the epoch. */
  readonly used: number;
  readonly ino: number;
  /** When its inode was made: milliseconds since the epoch. */
  readonly born: number;
}

/** The files below `cas` or `entries`, shard by shard. What another process removes meanwhile is left out. */
export function* walkStore(directory: string): Generator<StoredFile[]> {
  for (const shard of namesIn(directory)) {
    const files: StoredFile[] = [];
    for (const name of namesIn(`${directory}/${shard}`)) {
      const digest = `sha256:${name}`;
      const file = `${directory}/${shard}/${name}`;
      const stored = isDigest(digest) ? readStoredFile(file, digest) : undefined;
      if (stored !== undefined) files.push(stored);
    }
    yield files;
  }
}

/** `undefined` when there is none. */
export function readStoredFile(file: string, digest: Digest): StoredFile | undefined {
  const stats = lstatSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  const { size, mtimeMs, ino, birthtimeMs } = stats;
  return { file, digest, size, used: mtimeMs, ino, born: birthtimeMs };
}

/** The digests below `cas` or `entries`, with the shard that each is in: several times faster than to look at the files. */
export function* walkDigests(directory: string): Generator<{ readonly file: string; readonly digest: Digest }> {
  for (const shard of namesIn(directory)) {
    for (const name of namesIn(`${directory}/${shard}`)) {
      const digest = `sha256:${name}`;
      if (isDigest(digest)) yield { file: `${directory}/${shard}/${name}`, digest };
    }
  }
}

/** The names in a directory, sorted; none when there is no such directory. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    throw error;
  }
}
