import { constants, copyFileSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type OutputFact, outputsInPlace, readOutputFacts } from '@mcpgen/cache-invalidation';
import { type PublishedFile, readPublished, writePublished } from './published-files.ts';

export interface PublishOptions {
  /** Where the finished server lies. */
  readonly work: string;
  /** Where it is wanted. */
  readonly published: string;
  /** All its files as the steps left them. */
  readonly files: readonly OutputFact[];
  /** Remembers what was published, so that only what differs is copied. */
  readonly memory: string;
}

const MANIFEST = 'manifest.json';

/**
 * Brings the published server in line with the finished one: only what differs is touched. All of it is copied beside the
 * published server before the first file is moved in, the manifest last: a disk that fills up, like a build that fails,
 * leaves the published server as it was. Called only when every step has succeeded.
 *
 * @returns the published files as they now are.
 */
export function publishServer({ work, published, files, memory }: PublishOptions): readonly OutputFact[] {
  const before = readPublished(memory);
  const after = new Map<string, PublishedFile>();
  const changed: OutputFact[] = [];
  for (const source of manifestLast(files)) {
    const known = before.get(source.path);
    const same = known !== undefined && sameSource(known.source, source) && outputsInPlace(published, [known.target]);
    if (same) after.set(source.path, known);
    else changed.push(source);
  }
  const targets = placeAll(changed, work, published);
  for (const [index, source] of changed.entries()) {
    const target = targets[index];
    if (target !== undefined) after.set(source.path, { source, target });
  }
  removeOthers(published, after.keys());
  writePublished(memory, after.values());
  return [...after.values()].map(({ target }) => target);
}

function manifestLast(files: readonly OutputFact[]): readonly OutputFact[] {
  const manifest = files.filter(({ path }) => path === MANIFEST);
  return [...files.filter(({ path }) => path !== MANIFEST), ...manifest];
}

function sameSource(a: OutputFact, b: OutputFact): boolean {
  return a.ino === b.ino && a.size === b.size && a.mtime === b.mtime && a.ctime === b.ctime;
}

/** Copies, cloned where the file system can: a link would let an edit of the published file reach the finished one. */
function placeAll(files: readonly OutputFact[], work: string, published: string): readonly OutputFact[] {
  const paths = files.map(({ path }) => path);
  if (paths.length === 0) return [];
  const stage = `${published}.${process.pid}.tmp`;
  try {
    for (const path of paths) copy(join(work, path), join(stage, path));
    for (const path of paths) move(join(stage, path), join(published, path));
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
  return readOutputFacts(published, paths);
}

function copy(source: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(source, target, constants.COPYFILE_FICLONE);
}

function move(source: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  renameSync(source, target);
}

/** Removes what an earlier build left: names that no wanted path goes through. */
function removeOthers(directory: string, wanted: Iterable<string>): void {
  const folders = new Map<string, Set<string>>([['', new Set()]]);
  for (const path of wanted) addPath(folders, path);
  for (const [folder, names] of folders) {
    for (const name of readdirSync(join(directory, folder))) {
      if (!names.has(name)) rmSync(join(directory, folder, name), { recursive: true, force: true });
    }
  }
}

/** Notes a path's name in its folder, and new folders in theirs. */
function addPath(folders: Map<string, Set<string>>, path: string): void {
  const slash = path.lastIndexOf('/');
  const folder = slash < 0 ? '' : path.slice(0, slash);
  let names = folders.get(folder);
  if (names === undefined) {
    names = new Set();
    folders.set(folder, names);
    addPath(folders, folder);
  }
  names.add(path.slice(slash + 1));
}
