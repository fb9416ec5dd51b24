import { randomUUID } from 'node:crypto';
import { lstatSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { type BodyLinks, openBodyLinks } from './body-links.ts';
import { type BodyCopier, createBodyCopier, createBodyVerifier } from './body-store.ts';
import type { CachedFile } from './cache.ts';
import type { Checksum } from './checksum.ts';
import { digestOf } from './digest.ts';
import { codeOf } from './errors.ts';
import { createWriter, exists } from './file-bytes.ts';
import { checkAt, type StoredEntry } from './manifest.ts';
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
export function restoreEntry(
  store: Store,
  stored: StoredEntry,
  { directory, checksum }: { readonly directory: string; readonly checksum?: Checksum | undefined },
): DamagedBody | undefined {
  if (stored.entry.files.length === 0) return undefined;
  if (!exists(directory)) mkdirSync(directory, { recursive: true });
  const copyBody = createBodyCopier(store, checksum);
  if (sameDevice(store, directory)) {
    try {
      const links = store.links ? openBodyLinks(store, stored, createBodyVerifier(store, checksum)) : undefined;
      const stage = createStage(stored, copyBody, links);
      return restoreThrough(stored, stage, { directory, temporaryFile: store.temporaryFile, links });
    } catch (error) {
      // A bind mount has the device of its source, and still refuses the rename.
      if (codeOf(error) !== 'EXDEV' && codeOf(error) !== 'EROFS') throw error;
    }
  }
  const nearby = `${directory}/.mcpgen-restore-${randomUUID()}`;
  mkdirSync(nearby);
  try {
    let files = 0;
    return restoreThrough(stored, createStage(stored, copyBody), {
      directory,
      temporaryFile: () => `${nearby}/${++files}`,
    });
  } finally {
    rmSync(nearby, { recursive: true, force: true });
  }
}

/** What lies ready: a file, or a whole directory that the target does not have. */
interface Staged {
  readonly from: string;
  readonly to: string;
}

interface RestoreThrough {
  readonly directory: string;
  readonly temporaryFile: () => string;
  readonly links?: BodyLinks | undefined;
}

function restoreThrough(
  { entry }: StoredEntry,
  stage: Stage,
  { directory, temporaryFile, links }: RestoreThrough,
): DamagedBody | undefined {
  const staged: Staged[] = [];
  const mixed = hasMixedCase(entry.files);
  const place = placeFiles(directory, {
    temporaryFile,
    onStaged: (one) => staged.push(one),
    isNew: (top) => !mixed && !exists(`${directory}/${top}`),
  });
  try {
    for (const [row, file] of entry.files.entries()) {
      if (!stage(file, row, place(file.path))) return { path: file.path };
    }
    const changed = links?.findChanged();
    if (changed !== undefined) return { path: changed };
    const directories = new Set<string>();
    for (const { to } of staged) makeParents(directory, to.slice(directory.length + 1), directories);
    for (const { from, to } of staged) renameSync(from, to);
    staged.length = 0;
    links?.remember();
    return undefined;
  } finally {
    for (const { from } of staged) rmSync(from, { recursive: true, force: true });
  }
}

/**
 * Says where each file is staged: by itself, or in a directory that the target does not have and that is renamed as a whole,
 * which saves a third of the system calls of a restore to an empty place.
 */
function placeFiles(
  directory: string,
  {
    temporaryFile,
    onStaged,
    isNew,
  }: { temporaryFile: () => string; onStaged: (staged: Staged) => void; isNew: (top: string) => boolean },
): (path: string) => string {
  /** By the first name of a path: where it is staged, or `undefined` where the target has it. */
  const tops = new Map<string, string | undefined>();
  const made = new Set<string>();
  const stageTop = (top: string): string | undefined => {
    if (!isNew(top)) return undefined;
    const from = temporaryFile();
    onStaged({ from, to: `${directory}/${top}` });
    mkdirSync(from);
    return from;
  };
  return (path) => {
    const end = path.indexOf('/');
    if (end > 0) {
      const top = path.slice(0, end);
      if (!tops.has(top)) tops.set(top, stageTop(top));
      const from = tops.get(top);
      if (from !== undefined) {
        const inside = path.slice(end + 1);
        makeParents(from, inside, made);
        return `${from}/${inside}`;
      }
    }
    const from = temporaryFile();
    onStaged({ from, to: `${directory}/${path}` });
    return from;
  };
}

/** Directories that some file systems take for one cannot be renamed to two places. */
function hasMixedCase(files: readonly CachedFile[]): boolean {
  const tops = new Set(files.map(({ path }) => path.slice(0, path.indexOf('/') + 1)));
  return new Set([...tops].map((top) => top.normalize('NFC').toLowerCase())).size < tops.size;
}

/** Writes one file of an entry to where it is staged. False when its body is missing or damaged. */
type Stage = (file: CachedFile, row: number, destination: string) => boolean;

function createStage(stored: StoredEntry, copyBody: BodyCopier, links?: BodyLinks): Stage {
  const write = createWriter();
  return (file, row, destination) => {
    const bytes = stored.inline.get(file.digest);
    if (bytes === undefined) {
      return links?.link(file, row, destination) === true || copyBody(file, destination, checkAt(stored, row));
    }
    if (bytes.length !== file.size || digestOf(bytes) !== file.digest) return false;
    write(destination, file.mode, bytes);
    return true;
  };
}

/** Makes the directories of a file below `root`, one by one, and follows no link on the way. */
function makeParents(root: string, path: string, seen: Set<string>): void {
  for (let end = path.indexOf('/'); end > 0; end = path.indexOf('/', end + 1)) {
    const parent = `${root}/${path.slice(0, end)}`;
    if (seen.has(parent)) continue;
    seen.add(parent);
    makeDirectory(parent);
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
