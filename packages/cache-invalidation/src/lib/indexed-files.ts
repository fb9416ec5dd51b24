import { existsSync, type Stats } from 'node:fs';
import { resolve } from 'node:path';
import { type Digest, factsOf, sameFacts } from '@mcpgen/build-cache';
import { factsAt, sameAsRow } from './fact-table.ts';
import type { IndexedFile, StatIndex } from './stat-index.ts';

/** The files of an index in use: the table that was read, never changed, and over it what this run found. */
export interface IndexedFiles {
  /** The digest of a file that is as it was when it was read, and cannot have been written since without showing it. */
  recall(path: string, stats: Stats): Digest | undefined;
  /** Takes what was read from a file. */
  put(path: string, file: IndexedFile): void;
  /** What was first said of a path in this run; `undefined` where nothing was. */
  first(path: string): IndexedFile | undefined;
  /** What is worth keeping: all that is still there below `root`. In the order of the table, which the next run asks in. */
  remaining(root: string): ReadonlyMap<string, IndexedFile>;
}

export function openIndexedFiles({ files, digestAt, isSettledAt }: StatIndex): IndexedFiles {
  const find = rowFinder(files.paths);
  const said = new Uint8Array(files.paths.length);
  const found = new Map<string, IndexedFile>();
  const replaced = new Map<string, IndexedFile>();
  const rowAt = (row: number): IndexedFile => ({
    facts: factsAt(files, row),
    digest: digestAt(row),
    settled: isSettledAt(row),
  });
  /** What this run says of a path. */
  function current(path: string): IndexedFile | undefined {
    const own = found.get(path);
    if (own !== undefined) return own;
    const row = find(path);
    return said[row] === 1 ? rowAt(row) : undefined;
  }

  return {
    recall(path, stats) {
      const own = found.size === 0 ? undefined : found.get(path);
      if (own !== undefined) return own.settled && sameFacts(own.facts, factsOf(stats)) ? own.digest : undefined;
      const row = find(path);
      if (row === -1 || !isSettledAt(row) || !sameAsRow(files, row, stats)) return undefined;
      said[row] = 1;
      return digestAt(row);
    },
    put(path, file) {
      const before = current(path);
      if (before !== undefined && before.digest !== file.digest && !replaced.has(path)) replaced.set(path, before);
      found.set(path, file);
    },
    first: (path) => replaced.get(path) ?? current(path),
    remaining(root) {
      const kept = new Map<string, IndexedFile>();
      for (const [row, path] of files.paths.entries()) {
        const own = found.get(path);
        if (own !== undefined) kept.set(path, own);
        else if (said[row] === 1 || existsSync(resolve(root, path))) kept.set(path, rowAt(row));
      }
      for (const [path, file] of found) kept.set(path, file);
      return kept;
    },
  };
}

/** Rows by path, -1 for none. Builds ask in the order of the last one, mostly: a map is made when one does not. */
function rowFinder(paths: readonly string[]): (path: string) => number {
  let rows: Map<string, number> | undefined;
  let last = -1;
  return (path) => {
    if (paths[last + 1] === path) return ++last;
    if (paths[last] === path) return last;
    rows ??= new Map(paths.map((each, row) => [each, row]));
    const row = rows.get(path) ?? -1;
    if (row !== -1) last = row;
    return row;
  };
}
