import { readdirSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { type Digest, digestOf, readSealedFile, writeSealedFile } from '@mcpgen/build-cache';
import { decodeRecord, encodeRecord } from './build-record-text.ts';
import { comparePaths } from './compare-paths.ts';
import { type FileFacts, readFileFacts, sameFacts } from './file-facts.ts';
import { type OutputFact, outputsInPlace } from './output-facts.ts';
import type { StatCache } from './stat-cache.ts';

/** All that a whole build depended on and left: enough to say "nothing changed" without constructing a step. */
export interface BuildRecord {
  /** Everything that is not a file: options, tool and Node versions, command. Made by the caller; compared as a whole. */
  readonly identity: string;
  readonly files: readonly WatchedFile[];
  readonly directories: readonly WatchedDirectory[];
  readonly outputs: readonly WatchedOutputs[];
  /** JSON: what the caller wants to say of the last build when nothing changed. */
  readonly summary: unknown;
}

/** An input. Facts are `null` for a file that was looked for and was not there: it counts when it appears. */
export interface WatchedFile {
  /** Relative to the project, or absolute. */
  readonly path: string;
  readonly facts: FileFacts | null;
}

/** A directory whose names decide what is built: a new file in it is a new tool. */
export interface WatchedDirectory {
  readonly path: string;
  /** Of its sorted names; `null` for a directory that was not there. */
  readonly names: Digest | null;
}

export interface WatchedOutputs {
  /** Relative to the project, or absolute. */
  readonly directory: string;
  readonly facts: readonly OutputFact[];
}

export type RecordCheck =
  | { readonly unchanged: true }
  /** `reason` is the first difference found, for a verbose log; the steps say more. */
  | { readonly unchanged: false; readonly reason: string };

/**
 * Whether a build would find everything as the last one did: one stat per file, one listing per directory. Errs only
 * towards "changed": a file that was merely touched is left to the stat cache.
 */
export function checkUnchanged(record: BuildRecord, root: string, identity: string): RecordCheck {
  const reason = findDifference(record, root, identity);
  return reason === undefined ? { unchanged: true } : { unchanged: false, reason };
}

/**
 * The inputs of a build as the stat cache saw them when it gave their digests; an edit since then is a change. `undefined`
 * where a file was read so soon after a write that its facts prove nothing yet: keep no record then.
 */
export function watchFiles(statCache: StatCache, root: string, paths: Iterable<string>): WatchedFile[] | undefined {
  const files: WatchedFile[] = [];
  for (const path of paths) {
    const absolute = resolveBelow(root, path);
    const indexed = statCache.indexed(absolute);
    if (indexed?.settled === false) return undefined;
    files.push({ path, facts: indexed?.facts ?? null });
  }
  return files;
}

/**
 * Directories with the names in them now. Call it before the build lists them: a file that is added in between is then
 * a change to the next build, instead of one that is never seen.
 */
export function watchDirectories(root: string, paths: Iterable<string>): WatchedDirectory[] {
  return Array.from(paths, (path) => ({ path, names: readNames(resolveBelow(root, path)) }));
}

/** The last build's record; `undefined` when there is none, it is damaged, or it is of another format. */
export function readBuildRecord(file: string): BuildRecord | undefined {
  const text = readSealedFile(file);
  return text === undefined ? undefined : decodeRecord(text);
}

/** Keeps the record, whole or not at all. False when it could not be written: the next build looks at each step. */
export function writeBuildRecord(file: string, record: BuildRecord): boolean {
  try {
    writeSealedFile(file, encodeRecord(record));
    return true;
  } catch {
    return false;
  }
}

function findDifference(record: BuildRecord, root: string, identity: string): string | undefined {
  if (record.identity !== identity) return 'options or versions changed';
  for (const { path, facts } of record.files) {
    const found = readFileFacts(resolveBelow(root, path));
    if (facts === null ? found !== undefined : found === undefined || !sameFacts(facts, found)) {
      return `${path} ${facts === null ? 'added' : found === undefined ? 'removed' : 'changed'}`;
    }
  }
  for (const { path, names } of record.directories) {
    if (readNames(resolveBelow(root, path)) !== names) return `files were added to or removed from ${path}`;
  }
  for (const { directory, facts } of record.outputs) {
    if (!outputsInPlace(resolveBelow(root, directory), facts)) return `outputs in ${directory} changed`;
  }
  return undefined;
}

function readNames(directory: string): Digest | null {
  try {
    return digestOf(JSON.stringify(readdirSync(directory).sort(comparePaths)));
  } catch {
    return null;
  }
}

function resolveBelow(root: string, path: string): string {
  return isAbsolute(path) ? path : path === '' ? root : `${root}/${path}`;
}
