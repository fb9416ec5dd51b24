import { type Digest, isDigest, readSealedFile, writeSealedFile } from '@mcpgen/build-cache';
import type { FileFacts } from './file-facts.ts';

/** A file's content digest, and the facts that still hold while it has not been written. */
export interface IndexedFile {
  readonly facts: FileFacts;
  readonly digest: Digest;
  /** False when it was read so soon after its last write that another write could have left the same times. */
  readonly settled: boolean;
}

/** What is remembered of files, by path relative to the root, and of contents, by `name@version digest`. */
export interface StatIndex {
  readonly files: Map<string, IndexedFile>;
  readonly derived: Map<string, unknown>;
}

const FORMAT = 1;

/** path, size, mtime, ctime, ino, mode, hex digest, settled */
type FileRow = [string, number, number, number, number, number, string, 0 | 1];

/**
 * The index on disk: one sealed line of JSON, read and parsed at once.
 *
 *     <64 hex digits>
 *     {"format":1,"files":["src/a.ts",812,1763848234123.4,1763848234123.4,77,33188,"<64 hex digits>",1,…],
 *      "derived":["imports@1 <64 hex digits>",{…},…]}
 */
export function writeStatIndex(file: string, { files, derived }: StatIndex): void {
  const rows: unknown[] = [];
  for (const [path, { facts, digest, settled }] of files) {
    rows.push(path, facts.size, facts.mtime, facts.ctime, facts.ino, facts.mode, digest.slice(7), settled ? 1 : 0);
  }
  const values: unknown[] = [];
  for (const [name, value] of derived) values.push(name, value);
  writeSealedFile(file, JSON.stringify({ format: FORMAT, files: rows, derived: values }));
}

/** The index in a file; an empty one when there is none, it is damaged, or it is of another format. */
export function readStatIndex(file: string): StatIndex {
  const text = readSealedFile(file);
  const index: StatIndex = { files: new Map(), derived: new Map() };
  if (text === undefined) return index;
  const { format, files, derived } = parseIndex(text);
  if (format !== FORMAT) return index;
  for (let at = 0; at + 8 <= files.length; at += 8) addRow(index, files, at);
  for (let at = 0; at + 2 <= derived.length; at += 2) index.derived.set(String(derived[at]), derived[at + 1]);
  return index;
}

function parseIndex(text: string): { format: unknown; files: readonly unknown[]; derived: readonly unknown[] } {
  const none = { format: undefined, files: [], derived: [] };
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return none;
    if (!('format' in value) || !('files' in value) || !('derived' in value)) return none;
    if (!Array.isArray(value.files) || !Array.isArray(value.derived)) return none;
    return { format: value.format, files: value.files, derived: value.derived };
  } catch {
    return none;
  }
}

function addRow(index: StatIndex, values: readonly unknown[], at: number): void {
  const [path, size, mtime, ctime, ino, mode, hex, settled] = parseRow(values, at);
  const digest = `sha256:${hex}`;
  if (!isDigest(digest)) return;
  index.files.set(path, { facts: { size, mtime, ctime, ino, mode }, digest, settled: settled === 1 });
}

/** The seal proves that `writeStatIndex` wrote these values, and the format which ones they are. */
function parseRow(values: readonly unknown[], at: number): FileRow {
  return values.slice(at, at + 8) as FileRow;
}
