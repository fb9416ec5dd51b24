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
 * Brings the published server in line with the finished one: only what differs is touched, each file whole, the manifest
 * last. Called only when every step has succeeded, so that a failed build leaves the published server as it was.
 *
 * @returns the published files as they now are.
 */
export function publishServer({ work, published, files, memory }: PublishOptions): readonly OutputFact[] {
  const before = readPublished(memory);
  const after = new Map<string, PublishedFile>();
  for (const source of manifestLast(files)) {
    const known = before.get(source.path);
    const same = known !== undefined && sameSource(known.source, source) && outputsInPlace(published, [known.target]);
    after.set(source.path, same ? known : { source, target: place(source, work, published) });
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

/** A copy, cloned where the file system can: a link would let an edit of the published file reach the finished one. */
function place({ path }: OutputFact, work: string, published: string): OutputFact {
  const target = join(published, path);
  mkdirSync(dirname(target), { recursive: true });
  const temporary = `${target}.${process.pid}.tmp`;
  copyFileSync(join(work, path), temporary, constants.COPYFILE_FICLONE);
  renameSync(temporary, target);
  const [facts] = readOutputFacts(published, [path]);
  if (facts === undefined) throw new TypeError(`No facts of "${path}"`);
  return facts;
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
