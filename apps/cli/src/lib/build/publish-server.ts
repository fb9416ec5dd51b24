import { constants, copyFileSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type OutputFact, outputsInPlace, readOutputFacts } from '@mcpgen/cache-invalidation';
import { readPublished, writePublished } from './published-files.ts';

export interface PublishOptions {
  /** Where the finished server lies. */
  readonly work: string;
  /** Where it is wanted. */
  readonly published: string;
  /** All its files, relative. */
  readonly files: readonly string[];
  /** Remembers what was published, so that only what differs is copied. */
  readonly memory: string;
}

/**
 * Brings the published server in line with the finished one: only what differs is touched, each file whole, the manifest
 * last. Called only when every step has succeeded, so that a failed build leaves the published server as it was.
 */
export function publishServer({ work, published, files, memory }: PublishOptions): { readonly bytes: number } {
  const before = readPublished(memory);
  const sources = readOutputFacts(work, [...files].sort(manifestLast));
  for (const source of sources) {
    const known = before.get(source.path);
    const same = known !== undefined && sameSource(known.source, source) && outputsInPlace(published, [known.target]);
    if (!same) place(join(work, source.path), join(published, source.path));
  }
  removeOthers(published, new Set(files));
  const targets = readOutputFacts(
    published,
    sources.map(({ path }) => path),
  );
  writePublished(memory, sources, targets);
  return { bytes: sources.reduce((sum, { size }) => sum + size, 0) };
}

function manifestLast(a: string, b: string): number {
  const rank = (path: string): number => (path === 'manifest.json' ? 1 : 0);
  return rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0);
}

function sameSource(a: OutputFact, b: OutputFact): boolean {
  return a.ino === b.ino && a.size === b.size && a.mtime === b.mtime && a.ctime === b.ctime;
}

/** A copy, cloned where the file system can: a link would let an edit of the published file reach the finished one. */
function place(source: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  const temporary = `${target}.${process.pid}.tmp`;
  copyFileSync(source, temporary, constants.COPYFILE_FICLONE);
  renameSync(temporary, target);
}

/** Removes what an earlier build left, and folders that are empty then. */
function removeOthers(directory: string, wanted: ReadonlySet<string>, below = ''): boolean {
  let empty = true;
  for (const entry of readdirSync(join(directory, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    const gone = entry.isDirectory() ? removeOthers(directory, wanted, path) : !wanted.has(path);
    if (gone) rmSync(join(directory, path), { recursive: true, force: true });
    else empty = false;
  }
  return empty;
}
