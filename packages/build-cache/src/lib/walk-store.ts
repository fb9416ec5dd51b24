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
}

/** The files below `cas` or `entries`, shard by shard. What another process removes meanwhile is left out. */
export function* walkStore(directory: string): Generator<StoredFile[]> {
  for (const shard of namesIn(directory)) {
    const files: StoredFile[] = [];
    for (const name of namesIn(`${directory}/${shard}`)) {
      const digest = `sha256:${name}`;
      const file = `${directory}/${shard}/${name}`;
      const stats = lstatSync(file, { throwIfNoEntry: false });
      if (stats !== undefined && isDigest(digest)) files.push({ file, digest, size: stats.size, used: stats.mtimeMs });
    }
    yield files;
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
