import { closeSync, constants, existsSync, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { type Digest, digestOf } from '@mcpgen/build-cache';
import { fileUnreadable, notAFile } from './errors.ts';
import { openFileClock } from './file-clock.ts';
import { factsOf, sameFacts } from './file-facts.ts';
import { type IndexedFile, readStatIndex, type StatIndex, writeStatIndex } from './stat-index.ts';

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
  /** The facts that `digest` last saw for this path: what a record of the build must hold, whatever lies there now. */
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

/** Opens the index of a project. See docs/cache-format.md for when a file is read again. */
export function openStatCache({ file, root, now }: StatCacheOptions): StatCache {
  const index = readStatIndex(file);
  const clock = openFileClock(file, now);
  const prefix = `${root}/`;
  const seen = new Set<string>();
  const used = new Set<string>();
  let changed = false;

  function keyOf(path: string): string {
    return path.startsWith(prefix) ? path.slice(prefix.length) : relative(root, path);
  }

  function digest(path: string): Digest {
    const stats = statOf(path);
    const facts = factsOf(stats);
    const key = keyOf(path);
    seen.add(key);
    const known = index.files.get(key);
    if (known?.settled === true && sameFacts(known.facts, facts)) return known.digest;
    // Asked before the content is read: a write from here on leaves other times than these.
    const settled = clock.isSettled(facts);
    const entry: IndexedFile = { facts, digest: hashFile(path, facts.size), settled };
    index.files.set(key, entry);
    changed = true;
    return entry.digest;
  }

  function derive<T>(name: string, version: number, content: Digest, compute: () => T): T {
    const key = `${name}@${version} ${content.slice(7)}`;
    used.add(key);
    const known = recall<T>(index.derived, key);
    if (known !== undefined) return known;
    const value = compute();
    index.derived.set(key, value);
    changed = true;
    return value;
  }

  return {
    digest,
    digests: (paths) => new Map(Array.from(paths, (path) => [path, digest(path)])),
    indexed: (path) => {
      const key = keyOf(path);
      return seen.has(key) ? index.files.get(key) : undefined;
    },
    derive,
    recall: <T>(name: string, version: number, content: Digest) => {
      const key = `${name}@${version} ${content.slice(7)}`;
      used.add(key);
      return recall<T>(index.derived, key);
    },
    save: () => {
      if (!changed) return true;
      try {
        writeStatIndex(file, withoutLeftovers(index, root, seen, used));
        changed = false;
        return true;
      } catch {
        return false;
      }
    },
  };
}

/** The index without files that are gone, and without what was derived from contents that no file has any more. */
function withoutLeftovers(
  { files, derived }: StatIndex,
  root: string,
  seen: ReadonlySet<string>,
  used: ReadonlySet<string>,
): StatIndex {
  const kept = [...files].filter(([path]) => seen.has(path) || existsSync(resolve(root, path)));
  const contents = new Set(kept.map(([, { digest }]) => digest.slice(7)));
  return {
    files: new Map(kept),
    derived: new Map([...derived].filter(([key]) => used.has(key) || contents.has(key.slice(-64)))),
  };
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

/** The name and version under which a value was kept vouch for its type; its content is covered by the index's seal. */
function recall<T>(derived: ReadonlyMap<string, unknown>, key: string): T | undefined {
  return derived.get(key) as T | undefined;
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
