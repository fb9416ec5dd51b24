import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { relative } from 'node:path';
import { type Digest, digestOf, type FileClock, factsOf, openFileClock } from '@mcpgen/build-cache';
import { type DerivedValues, openDerivedValues } from './derived-values.ts';
import { fileUnreadable, notAFile } from './errors.ts';
import { type IndexedFiles, openIndexedFiles } from './indexed-files.ts';
import { type IndexedFile, readStatIndex, writeStatIndex } from './stat-index.ts';

export interface StatCacheOptions {
  /** Where the index is kept. Its directory is made when needed; a damaged or missing index is an empty one. */
  readonly file: string;
  /** The project: paths below it are kept relative, so that a moved checkout keeps its index. Absolute. */
  readonly root: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Content digests of files that are read only when their stat facts changed, and JSON facts derived from contents. */
export interface StatCache {
  /**
   * The digest of a file's content now; links are followed. Asks the file system on every call, so that an edit during
   * a build is seen. Throws `InvalidationError` when there is no such file or it cannot be read.
   */
  digest(path: string): Digest;
  /** The digests of many files, in their order. */
  digests(paths: Iterable<string>): Map<string, Digest>;
  /**
   * The facts under which `digest` gave what it first said of this path, and says still or no more: what a record of the
   * build must hold, since it was planned by the first answer. `undefined` where it was not asked.
   */
  indexed(path: string): IndexedFile | undefined;
  /**
   * What `compute` says of a content, remembered by `name`, `version` and the content's digest. JSON; raise `version`
   * when `compute` changes. The value is shared: do not change it.
   */
  derive<T>(name: string, version: number, digest: Digest, compute: () => T): T;
  /** What `derive` remembers, without computing it: for facts that are computed for many contents at once. */
  recall<T>(name: string, version: number, digest: Digest): T | undefined;
  /** Writes the index, whole or not at all, if anything changed. False when it could not be written. */
  save(): boolean;
}

/** An index in use. */
interface OpenIndex {
  readonly root: string;
  readonly clock: FileClock;
  readonly files: IndexedFiles;
  readonly derived: DerivedValues;
  changed: boolean;
}

/** Opens the index of a project. See docs/cache-format.md for when a file is read again. */
export function openStatCache({ file, root, now }: StatCacheOptions): StatCache {
  const kept = readStatIndex(file);
  const index: OpenIndex = {
    root,
    clock: openFileClock(file, now),
    files: openIndexedFiles(kept),
    derived: openDerivedValues(() => kept.derived),
    changed: false,
  };
  const digest = (path: string): Digest => currentDigest(index, path);
  return {
    digest,
    digests: (paths) => new Map(Array.from(paths, (path) => [path, digest(path)])),
    indexed: (path) => index.files.first(keyOf(index, path)),
    recall: <T>(name: string, version: number, content: Digest) => recall<T>(index, derivedKey(name, version, content)),
    derive: (name, version, content, compute) => derive(index, derivedKey(name, version, content), compute),
    save: () => saveIndex(index, file),
  };
}

function currentDigest(index: OpenIndex, path: string): Digest {
  const stats = statOf(path);
  const key = keyOf(index, path);
  const known = index.files.recall(key, stats);
  if (known !== undefined) return known;
  const facts = factsOf(stats);
  // Asked before the content is read: a write from here on leaves other times than these.
  const settled = index.clock.isSettled(facts);
  const digest = hashFile(path, facts.size);
  index.files.put(key, { facts, digest, settled });
  index.changed = true;
  return digest;
}

/** By slicing, because `relative` costs more than the stat that follows. */
function keyOf({ root }: OpenIndex, path: string): string {
  const below = path.startsWith(root) && path[root.length] === '/';
  return below ? path.slice(root.length + 1) : relative(root, path);
}

function derivedKey(name: string, version: number, content: Digest): string {
  return `${name}@${version} ${content.slice(7)}`;
}

function derive<T>(index: OpenIndex, key: string, compute: () => T): T {
  const known = recall<T>(index, key);
  if (known !== undefined) return known;
  const value = compute();
  index.derived.set(key, value);
  index.changed = true;
  return value;
}

/** The name and version under which a value was kept vouch for its type; its content is covered by the index's seal. */
function recall<T>({ derived }: OpenIndex, key: string): T | undefined {
  return derived.recall(key) as T | undefined;
}

/** Without files that are gone, and without what was derived from contents that no file has any more. */
function saveIndex(index: OpenIndex, file: string): boolean {
  if (!index.changed) return true;
  try {
    const files = index.files.remaining(index.root);
    const contents = new Set(Array.from(files.values(), ({ digest }) => digest.slice(7)));
    writeStatIndex(file, files, index.derived.remaining(contents));
    index.changed = false;
    return true;
  } catch {
    return false;
  }
}

function statOf(path: string): Stats {
  let stats: Stats;
  try {
    stats = statSync(path);
  } catch (error) {
    throw fileUnreadable(path, error);
  }
  if (!stats.isFile()) throw notAFile(path);
  return stats;
}

function hashFile(path: string, size: number): Digest {
  try {
    const descriptor = openSync(path, constants.O_RDONLY);
    try {
      return digestOf(readToEnd(descriptor, Math.max(size, fstatSync(descriptor).size)));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw fileUnreadable(path, error);
  }
}

/** Read into one buffer and hashed at once: six times less CPU than a stream into a hash object. */
function readToEnd(descriptor: number, size: number): Buffer {
  let buffer = Buffer.allocUnsafe(size + 1);
  let length = 0;
  for (;;) {
    const read = readSync(descriptor, buffer, length, buffer.length - length, null);
    if (read === 0) return buffer.subarray(0, length);
    length += read;
    if (length === buffer.length) buffer = Buffer.concat([buffer], length * 2);
  }
}
