import { randomUUID } from 'node:crypto';
import { lstatSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { copyBody } from './body-store.ts';
import type { CachedFile } from './cache.ts';
import { digestOf } from './digest.ts';
import { codeOf } from './errors.ts';
import { exists, removeFile, writeAll, writeNewFile } from './file-bytes.ts';
import type { StoredEntry } from './manifest.ts';
import type { Store } from './store.ts';

/** A body that the entry names is missing or damaged. */
export interface DamagedBody {
  readonly path: string;
}

/**
 * Writes an entry's files below `directory`: all are copied and verified on the same file system first, then renamed
 * into place. Gives back what was damaged, if anything was; the directory is then as before. Throws what the file
 * system throws, and for a link or a file where a directory should be.
 */
export function restoreEntry(store: Store, stored: StoredEntry, directory: string): DamagedBody | undefined {
  if (stored.entry.files.length === 0) return undefined;
  if (!exists(directory)) mkdirSync(directory, { recursive: true });
  if (sameDevice(store, directory)) {
    try {
      return restoreThrough(store, stored, directory, store.temporaryFile);
    } catch (error) {
      // A bind mount has the device of its source, and still refuses the rename.
      if (codeOf(error) !== 'EXDEV' && codeOf(error) !== 'EROFS') throw error;
    }
  }
  const nearby = `${directory}/.mcpgen-restore-${randomUUID()}`;
  mkdirSync(nearby);
  try {
    let files = 0;
    return restoreThrough(store, stored, directory, () => `${nearby}/${++files}`);
  } finally {
    rmSync(nearby, { recursive: true, force: true });
  }
}

function restoreThrough(
  store: Store,
  { entry, inline }: StoredEntry,
  directory: string,
  temporaryFile: () => string,
): DamagedBody | undefined {
  const staged: { from: string; to: string }[] = [];
  try {
    for (const file of entry.files) {
      const from = temporaryFile();
      staged.push({ from, to: `${directory}/${file.path}` });
      if (!stage(store, file, inline.get(file.digest), from)) return { path: file.path };
    }
    const directories = new Set<string>();
    for (const file of entry.files) makeParents(directory, file.path, directories);
    for (const { from, to } of staged) renameSync(from, to);
    staged.length = 0;
    return undefined;
  } finally {
    for (const { from } of staged) removeFile(from);
  }
}

function stage(store: Store, file: CachedFile, bytes: Buffer | undefined, destination: string): boolean {
  if (bytes === undefined) return copyBody(store, file, destination, file.mode);
  if (bytes.length !== file.size || digestOf(bytes) !== file.digest) return false;
  writeNewFile(destination, file.mode, (descriptor) => writeAll(descriptor, bytes));
  return true;
}

/** Makes the directories of a file below `root`, one by one, and follows no link on the way. */
function makeParents(root: string, path: string, seen: Set<string>): void {
  for (let end = path.indexOf('/'); end > 0; end = path.indexOf('/', end + 1)) {
    const parent = path.slice(0, end);
    if (seen.has(parent)) continue;
    seen.add(parent);
    makeDirectory(`${root}/${parent}`);
  }
}

/** Asks before it makes: in a build's thousands of restores nearly all directories are there. */
function makeDirectory(directory: string): void {
  if (lstatSync(directory, { throwIfNoEntry: false }) === undefined) {
    try {
      mkdirSync(directory);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
  if (!lstatSync(directory).isDirectory()) throw new Error(`"${directory}" is not a directory`);
}

function sameDevice(store: Store, directory: string): boolean {
  try {
    store.temporaryFile();
    return statSync(store.staging).dev === statSync(directory).dev;
  } catch {
    // A store that cannot be written is still one to read from.
    return false;
  }
}
