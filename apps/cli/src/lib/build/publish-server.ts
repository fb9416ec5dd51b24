import { copyFileSync, linkSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Brings the published server in line with the finished one: only what differs is touched, the manifest last, so that a
 * server which starts meanwhile sees the old or the new. Called only when every step has succeeded: a failed build
 * leaves the published server as it was.
 */
export function publishServer(
  work: string,
  published: string,
  files: readonly string[],
): { readonly changed: number; readonly bytes: number } {
  const wanted = new Set(files);
  let changed = 0;
  let bytes = 0;
  for (const path of [...files].sort(manifestLast)) {
    const source = join(work, path);
    const facts = lstatSync(source);
    bytes += facts.size;
    if (isSameFile(facts, join(published, path))) continue;
    place(source, join(published, path));
    changed++;
  }
  for (const path of listFiles(published)) {
    if (wanted.has(path)) continue;
    rmSync(join(published, path), { force: true });
    changed++;
  }
  return { changed, bytes };
}

function manifestLast(a: string, b: string): number {
  const rank = (path: string): number => (path === 'manifest.json' ? 1 : 0);
  return rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0);
}

/** A published file is a hard link of the finished one: the same inode is the same content. */
function isSameFile(facts: { readonly ino: number; readonly dev: number }, path: string): boolean {
  const published = lstatSync(path, { throwIfNoEntry: false });
  return published !== undefined && published.ino === facts.ino && published.dev === facts.dev;
}

function place(source: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  const temporary = `${target}.${process.pid}.tmp`;
  rmSync(temporary, { force: true });
  try {
    linkSync(source, temporary);
  } catch {
    // Another file system, or one without links.
    copyFileSync(source, temporary);
  }
  renameSync(temporary, target);
}

function listFiles(directory: string, below = ''): readonly string[] {
  const found: string[] = [];
  try {
    for (const entry of readdirSync(join(directory, below), { withFileTypes: true })) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) found.push(...listFiles(directory, path));
      else found.push(path);
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  return found;
}
