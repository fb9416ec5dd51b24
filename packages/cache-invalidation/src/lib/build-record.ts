import { lstatSync, readdirSync, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { appendJournal, type Digest, digestOf, dropJournal, jsonText, readJournal } from '@mcpgen/build-cache';
import { type RecordColumns, readRecordColumns, writeRecordColumns } from './build-record-columns.ts';
import { comparePaths } from './compare-paths.ts';
import { type FactRow, type FactTable, factsAt, sameAsRow, toFactTable, wasAbsent } from './fact-table.ts';
import type { OutputFact } from './output-facts.ts';
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

/** An input: a path relative to the project, or absolute. Facts are `null` for one that was not there: it counts when it appears. */
export type WatchedFile = FactRow;

/** A directory whose names decide what is built: a new file in it is a new tool. */
export interface WatchedDirectory {
  readonly path: string;
  /** Of its sorted names; `null` for a directory that was not there. */
  readonly names: Digest | null;
  /** Names that do not count, such as those of what the build itself makes there. */
  readonly except?: readonly string[];
}

export interface WatchedOutputs {
  /** Relative to the project, or absolute. */
  readonly directory: string;
  readonly facts: readonly OutputFact[];
}

/** A record as it was read. */
export interface KeptRecord extends RecordColumns {
  /** What changes of it had to say, in turn. */
  readonly later: readonly unknown[];
  /** Tells it from what the same file held before and will hold after. */
  readonly version: string;
}

/** How a build that changed little changes the record of the last one. */
export interface RecordChange {
  /** Of those that the record has. */
  readonly files: readonly WatchedFile[];
  /** What differs, by a directory that the record has: facts of files that changed or are new, and paths that are gone. */
  readonly outputs: readonly (WatchedOutputs & { readonly gone: readonly string[] })[];
  /** JSON: what the caller wants to say besides what the record says. */
  readonly summary: unknown;
}

/** With more of them, looking at every step is as good. */
const MOST_EDITED = 64;

export type RecordCheck =
  | { readonly unchanged: true }
  /**
   * `reason` is the first difference found, for a verbose log; the steps say more. `edited` names the files with another
   * content, where they are few and nothing else differs.
   */
  | { readonly unchanged: false; readonly reason: string; readonly edited?: readonly string[] };

/**
 * Whether a build would find everything as the last one did: one stat per file, one listing per directory. Errs only
 * towards "changed": a file that was merely touched is left to the stat cache.
 */
export function checkUnchanged(record: KeptRecord, root: string, identity: string): RecordCheck {
  const edited: string[] = [];
  const reason = findDifference(record, root, identity, edited);
  const [first] = edited;
  if (reason !== undefined) return { unchanged: false, reason: first === undefined ? reason : `${first} changed` };
  return first === undefined ? { unchanged: true } : { unchanged: false, reason: `${first} changed`, edited };
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
 *
 * @param exceptIn names that do not count, by the directory's path.
 */
export function watchDirectories(
  root: string,
  paths: Iterable<string>,
  exceptIn: Readonly<Record<string, readonly string[]>> = {},
): WatchedDirectory[] {
  return Array.from(paths, (path) => {
    const except = exceptIn[path];
    const names = readNames(resolveBelow(root, path), except);
    return except === undefined ? { path, names } : { path, names, except };
  });
}

/** The last build's record; `undefined` when there is none, it is damaged, or it is of another format. */
export function readBuildRecord(file: string): KeptRecord | undefined {
  const { texts, version } = readJournal(file);
  // A change that was lost may be the one that says what lies there now.
  if (version === undefined) return undefined;
  return readRecordColumns(file, { version, changes: texts.map(parseChange) });
}

/** Keeps the record, whole or not at all. False when it could not be written: the next build looks at each step. */
export function writeBuildRecord(file: string, { files, outputs, ...rest }: BuildRecord): boolean {
  const tables = outputs.map(({ directory, facts }) => ({ directory, facts: tableOf(facts) }));
  return keepRecord(file, { ...rest, files: toFactTable(files), outputs: tables });
}

/**
 * Changes the record that was read from a file, at the cost of what changed alone. False when it could not be, as where
 * another build has written it since: the next build then finds differences and looks at each step.
 *
 * @param summarize asked for the record's and all changes' summaries in one, where the record is better written anew.
 */
export function changeBuildRecord(
  file: string,
  { version }: KeptRecord,
  { summarize, ...change }: RecordChange & { readonly summarize: () => unknown },
): boolean {
  if (appendJournal(file, jsonText(change, 'change'), version)) return true;
  const { texts, version: now } = readJournal(file);
  if (now !== version) return false;
  const record = readRecordColumns(file, { version, changes: [...texts.map(parseChange), change] });
  return record !== undefined && keepRecord(file, { ...record, summary: summarize() });
}

function keepRecord(file: string, record: RecordColumns): boolean {
  try {
    writeRecordColumns(file, record);
    dropJournal(file);
    return true;
  } catch {
    return false;
  }
}

/** The journal's digest proves that `changeBuildRecord` wrote this. */
function parseChange(text: string): RecordChange {
  return JSON.parse(text) as RecordChange;
}

function tableOf(facts: readonly OutputFact[]): FactTable {
  return toFactTable(facts.map((fact) => ({ path: fact.path, facts: fact })));
}

/** The first difference that is not an edit; edits are noted in `edited`. */
function findDifference(record: KeptRecord, root: string, identity: string, edited: string[]): string | undefined {
  if (record.identity !== identity) return 'options or versions changed';
  const file = findFile(record.files, root, edited);
  if (file !== undefined) return file;
  for (const { path, names, except } of record.directories) {
    if (readNames(resolveBelow(root, path), except) !== names) return `files were added to or removed from ${path}`;
  }
  for (const { directory, facts } of record.outputs) {
    if (!inPlace(resolveBelow(root, directory), facts)) return `outputs in ${directory} changed`;
  }
  return undefined;
}

function findFile(files: FactTable, root: string, edited: string[]): string | undefined {
  for (const [row, path] of files.paths.entries()) {
    const stats = statSync(resolveBelow(root, path), { throwIfNoEntry: false });
    const found = stats?.isFile() === true ? stats : undefined;
    const absent = wasAbsent(files, row);
    if (found === undefined ? absent : !absent && sameAsRow(files, row, found)) continue;
    if (absent || found === undefined) return `${path} ${absent ? 'added' : 'removed'}`;
    edited.push(path);
    if (edited.length > MOST_EDITED || factsAt(files, row).mode !== found.mode) return `${path} changed`;
  }
  return undefined;
}

/** One stat each; links are not followed. */
function inPlace(directory: string, table: FactTable): boolean {
  return table.paths.every((path, row) => {
    const stats = lstatSync(`${directory}/${path}`, { throwIfNoEntry: false });
    return stats !== undefined && sameAsRow(table, row, stats);
  });
}

function readNames(directory: string, except: readonly string[] = []): Digest | null {
  try {
    const names = readdirSync(directory).filter((name) => !except.includes(name));
    return digestOf(JSON.stringify(names.sort(comparePaths)));
  } catch {
    return null;
  }
}

function resolveBelow(root: string, path: string): string {
  return isAbsolute(path) ? path : path === '' ? root : `${root}/${path}`;
}
