import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildRecord } from './build-record.ts';
import { historyUnreadable, historyUnwritable } from './errors.ts';
import { parseRecord } from './parse-record.ts';

// builds.jsonl                          one record a line, appended
// builds-1795384800000-4f1c.jsonl       a full file, set aside: when, and the id of the record that did it
const CURRENT = 'builds.jsonl';
const SET_ASIDE = /^builds-\d+-[\w-]*\.jsonl$/;

export interface HistoryLimits {
  /** A file this large is set aside and a new one begun; 4 MiB by default. */
  readonly fileBytes?: number;
  /** Full files that are kept besides the current one, the oldest removed first; 4 by default. */
  readonly files?: number;
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
 * Appends a record to the history in `directory`, which is made if need be. Safe with any number of processes: a record is
 * one write at the end of the file, and a line that another process left torn does not touch this one.
 *
 * @throws MetricsError HISTORY_UNWRITABLE
 */
export async function writeRecord(directory: string, record: BuildRecord, limits: HistoryLimits = {}): Promise<void> {
  const { fileBytes = 4 * 1024 * 1024, files = 4 } = limits;
  const path = join(directory, CURRENT);
  try {
    await mkdir(directory, { recursive: true });
    const size = await appendLine(path, JSON.stringify(record));
    if (size >= fileBytes) await setAside(directory, record, files);
  } catch (error) {
    throw historyUnwritable(path, error);
  }
}

/**
 * All records of a directory, oldest first; none when there is no history yet. What cannot be read is told, not thrown.
 *
 * @throws MetricsError HISTORY_UNREADABLE when the files cannot be read at all.
 */
export async function readRecords(directory: string): Promise<History> {
  const records: BuildRecord[] = [];
  const skipped: SkippedLine[] = [];
  for (const name of [...(await listSetAside(directory)), CURRENT]) {
    const file = join(directory, name);
    const lines = (await readIfThere(file)).split('\n');
    lines.forEach((text, index) => {
      if (text === '') return;
      try {
        records.push(parseRecord(JSON.parse(text)));
      } catch (error) {
        skipped.push({ file, line: index + 1, reason: error instanceof Error ? error.message : String(error) });
      }
    });
  }
  return { records: records.sort((a, b) => a.started - b.started), skipped };
}

/** The line break in front ends what a crash left unfinished; empty lines are nothing to a reader. Resolves to the size. */
async function appendLine(path: string, text: string): Promise<number> {
  const file = await open(path, 'a');
  try {
    const bytes = Buffer.from(`\n${text}\n`);
    const { bytesWritten } = await file.write(bytes);
    if (bytesWritten < bytes.length) throw new Error(`only ${bytesWritten} of ${bytes.length} bytes were written`);
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

/**
 * A rename loses nothing: who has the file open appends to it under its new name. Two processes that do this at once set
 * aside one small file more, or find that the other was faster.
 */
async function setAside(directory: string, record: BuildRecord, keep: number): Promise<void> {
  const id = record.id.replaceAll(/[^\w-]/g, '').slice(0, 40);
  await ignoreMissing(rename(join(directory, CURRENT), join(directory, `builds-${record.started}-${id}.jsonl`)));
  const old = (await listSetAside(directory)).toReversed().slice(keep);
  await Promise.all(old.map((name) => rm(join(directory, name), { force: true })));
}

async function listSetAside(directory: string): Promise<readonly string[]> {
  const names = (await ignoreMissing(readdir(directory))) ?? [];
  return names.filter((name) => SET_ASIDE.test(name)).sort();
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
