import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildRecord } from './build-record.ts';
import { historyUnreadable, historyUnwritable } from './errors.ts';
import { isJournalHead, readJournal } from './journal-lines.ts';
import { parseRecord } from './parse-record.ts';

// 001795384800000-9f86d081884c7d65.jsonl        one build: when it began, and the digest of its id
// .001795384800000-9f86d081884c7d65.3c.tmp      a record on its way to be one
const RUN = /^(\d{15})-[0-9a-f]{16}\.jsonl$/;
const UNFINISHED = /^\.\d{15}-[0-9a-f]{16}\..*\.tmp$/;

export interface HistoryLimits {
  /** Builds that are kept; 200 by default. */
  readonly runs?: number;
  /** Builds that began longer ago than this, in milliseconds, are removed; 90 days by default. */
  readonly age?: number;
}

export interface ReadOptions {
  /** Only the latest so many builds; all by default. */
  readonly last?: number;
}

export interface History {
  /** Oldest first. */
  readonly records: readonly BuildRecord[];
  /** Lines that are no record this version can read: torn by a crash or a full disk, damaged, or of another version. */
  readonly skipped: readonly SkippedLine[];
}

export interface SkippedLine {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly reason: string;
}

/**
 * Adds a build to the history in `directory`, which is made if need be, and removes what is too old or too much. Safe with
 * any number of processes: each build is a file of its own, put in place whole.
 *
 * @throws MetricsError HISTORY_UNWRITABLE
 */
export async function writeRecord(directory: string, record: BuildRecord, limits: HistoryLimits = {}): Promise<void> {
  const name = fileName(record);
  const path = join(directory, name);
  try {
    await mkdir(directory, { recursive: true });
    const temporary = join(directory, `.${name.slice(0, -'.jsonl'.length)}.${process.pid}.tmp`);
    await writeFile(temporary, `${JSON.stringify(record)}\n`);
    await rename(temporary, path);
    await prune(directory, record.started, limits);
  } catch (error) {
    throw historyUnwritable(path, error);
  }
}

/**
 * The builds of a directory, oldest first; none when there is no history yet. What cannot be read is told, not thrown. A
 * build that was killed is there as far as its journal goes, as cancelled; so is one that runs at this moment.
 *
 * @throws MetricsError HISTORY_UNREADABLE when the files cannot be read at all.
 */
export async function readRecords(directory: string, { last = Infinity }: ReadOptions = {}): Promise<History> {
  const records: BuildRecord[] = [];
  const skipped: SkippedLine[] = [];
  const names = (await listRuns(directory)).reverse();
  // Newest first, so that files that hold nothing readable do not count as builds.
  for (const name of names) {
    if (records.length >= last) break;
    const file = join(directory, name);
    const reading = readRun((await readIfThere(file)).split('\n'));
    records.push(...reading.records);
    skipped.push(...reading.skipped.map((line) => ({ file, ...line })));
  }
  return { records: records.sort((a, b) => a.started - b.started), skipped: skipped.reverse() };
}

/** Where a build's record lies, and its journal while it runs. */
export function fileName({ id, started }: Pick<BuildRecord, 'id' | 'started'>): string {
  const digest = [0x811c9dc5, 0x01000193].map((seed) => fnv1a(id, seed).toString(16).padStart(8, '0')).join('');
  return `${String(Math.trunc(started)).padStart(15, '0')}-${digest}.jsonl`;
}

/** Tells ids of one millisecond apart; loading node:crypto would cost every build 5 ms. http://www.isthe.com/chongo/tech/comp/fnv */
function fnv1a(text: string, seed: number): number {
  let hash = seed;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return hash;
}

interface RunReading {
  readonly records: readonly BuildRecord[];
  readonly skipped: readonly { readonly line: number; readonly reason: string }[];
}

/** A record to a line, or a journal. */
function readRun(lines: readonly string[]): RunReading {
  const records: BuildRecord[] = [];
  const skipped: { line: number; reason: string }[] = [];
  for (const [index, text] of lines.entries()) {
    if (text === '') continue;
    try {
      const value: unknown = JSON.parse(text);
      if (isJournalHead(value)) {
        const { record, skipped: lost } = readJournal(lines.slice(index));
        const own = lost.map(({ line, reason }) => ({ line: line + index, reason }));
        return { records: [...records, record], skipped: [...skipped, ...own] };
      }
      records.push(parseRecord(value));
    } catch (error) {
      skipped.push({ line: index + 1, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { records, skipped };
}

/** By the names alone. Other processes may do the same at the same time. */
async function prune(directory: string, now: number, { runs = 200, age = 90 * DAY }: HistoryLimits): Promise<void> {
  const names = await readdir(directory);
  const kept = names.filter((name) => RUN.test(name)).sort();
  const old = kept.filter((name, index) => index < kept.length - runs || Number(name.slice(0, 15)) < now - age);
  const left = names.filter((name) => UNFINISHED.test(name)).map((name) => removeIfOld(join(directory, name), now));
  await Promise.all([...old.map((name) => rm(join(directory, name), { force: true })), ...left]);
}

const DAY = 24 * 60 * 60 * 1000;

/** What a process that was killed did not put in place. */
async function removeIfOld(path: string, now: number): Promise<void> {
  const found = await ignoreMissing(stat(path));
  if (found !== undefined && found.mtimeMs < now - DAY) await rm(path, { force: true });
}

async function listRuns(directory: string): Promise<string[]> {
  try {
    const names = (await ignoreMissing(readdir(directory))) ?? [];
    return names.filter((name) => RUN.test(name)).sort();
  } catch (error) {
    throw historyUnreadable(directory, error);
  }
}

async function readIfThere(file: string): Promise<string> {
  try {
    return (await ignoreMissing(readFile(file, 'utf8'))) ?? '';
  } catch (error) {
    throw historyUnreadable(file, error);
  }
}

async function ignoreMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
