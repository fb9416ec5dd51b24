import { hash } from 'node:crypto';
import { appendFileSync, closeSync, openSync, readFileSync, readSync, rmSync, statSync } from 'node:fs';

/** What was added to a sealed file since it was written. */
export interface Journal {
  /** In the order in which they were added. */
  readonly texts: readonly string[];
  /** Of the file and its journal: see `journalVersion`. Absent where a part of the journal is damaged. */
  readonly version: string | undefined;
}

/** Bytes up to which a journal grows in any case: no more than a small file is worth. */
const LEAST_LIMIT = 64 * 1024;

/** A journal costs more to read, byte for byte, than the file that it saves writing. */
const SHARE = 8;

/** Hex digits of a seal. */
const SEAL = 64;

/**
 * The texts that were added to a sealed file. An entry that is torn or damaged loses only itself; what was added to the
 * file before it was written anew does not count.
 *
 *     (line break)<64 hex digits> <seal of the file> text       the digits are the SHA-256 of all that follows them
 */
export function readJournal(file: string): Journal {
  const seal = readSeal(file);
  // Mostly there is none, and to find that out by an exception costs more than all else.
  if (sizeOf(`${file}.journal`) === 0) return { texts: [], version: seal && `${seal} 0` };
  const entries = readEntries(file);
  const found = entries.map(openEntry);
  const texts = found.flatMap((entry) => (entry !== undefined && entry.seal === seal ? [entry.text] : []));
  return { texts, version: found.includes(undefined) ? undefined : journalVersion(file) };
}

/**
 * Adds a text of one line to a sealed file. False when it could not be, or when so much was added that the file is better
 * written anew.
 *
 * @param version what file and journal must still be for the text to make sense; default: whatever they are.
 */
export function appendJournal(file: string, text: string, version = journalVersion(file)): boolean {
  if (version === undefined || version !== journalVersion(file) || text.includes('\n')) return false;
  // Of the file that the text was made for: if another process has just replaced it, the entry will not count.
  const entry = ` ${version.slice(0, SEAL)} ${text}`;
  try {
    const size = sizeOf(`${file}.journal`) + entry.length;
    if (size > Math.max(LEAST_LIMIT, statSync(file).size / SHARE)) return false;
    // The line break comes first, so that an entry that was torn does not take this one with it.
    appendFileSync(`${file}.journal`, `\n${hash('sha256', entry)}${entry}`);
    return true;
  } catch {
    return false;
  }
}

/** What tells a sealed file and its journal from what they were before any change; `undefined` where there is no file. */
export function journalVersion(file: string): string | undefined {
  const seal = readSeal(file);
  return seal === undefined ? undefined : `${seal} ${sizeOf(`${file}.journal`)}`;
}

/** Removes the journal of a file that was written anew: its entries would not count. */
export function dropJournal(file: string): void {
  rmSync(`${file}.journal`, { force: true });
}

function readEntries(file: string): readonly string[] {
  try {
    return readFileSync(`${file}.journal`, 'utf8').split('\n').slice(1);
  } catch {
    return [];
  }
}

function openEntry(line: string): { readonly seal: string; readonly text: string } | undefined {
  const entry = line.slice(SEAL);
  if (hash('sha256', entry) !== line.slice(0, SEAL)) return undefined;
  return { seal: entry.slice(1, 1 + SEAL), text: entry.slice(2 + SEAL) };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function readSeal(file: string): string | undefined {
  try {
    const descriptor = openSync(file, 'r');
    try {
      const bytes = Buffer.alloc(SEAL);
      return readSync(descriptor, bytes, 0, SEAL, 0) === SEAL ? bytes.toString('latin1') : undefined;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}
