import { type Digest, type FileFacts, isDigest, readSealedFile, writeSealedFile } from '@mcpgen/build-cache';

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

/** Numbers of one file in `facts`: size, mtime, ctime, ino, mode, settled. */
const FACTS = 6;

/** Characters of one digest in `digests`. */
const DIGEST = 71;

/** The index as JSON: columns, because three long strings and a list of numbers parse in half the time of 10,000 rows. */
interface IndexColumns {
  readonly format: typeof FORMAT;
  /** Joined by line breaks. */
  readonly paths: string;
  /** Joined by nothing. */
  readonly digests: string;
  readonly facts: readonly number[];
  /** Name and value in turn. */
  readonly derived: readonly unknown[];
}

/**
 * Writes the index as one sealed line.
 *
 *     <64 hex digits>
 *     {"format":1,"paths":"src/a.ts\nsrc/b.ts","digests":"sha256:…sha256:…","facts":[812,1763848234123456,…],
 *      "derived":["imports@1 <64 hex digits>",{…},…]}
 */
export function writeStatIndex(file: string, { files, derived }: StatIndex): void {
  const paths: string[] = [];
  let digests = '';
  const facts: number[] = [];
  for (const [path, { facts: own, digest, settled }] of files) {
    // A name that would tear the column is never indexed: its file is read each time.
    if (path.includes('\n')) continue;
    paths.push(path);
    digests += digest;
    facts.push(own.size, own.mtime, own.ctime, own.ino, own.mode, settled ? 1 : 0);
  }
  const columns: IndexColumns = {
    format: FORMAT,
    paths: paths.join('\n'),
    digests,
    facts,
    derived: [...derived].flat(),
  };
  writeSealedFile(file, JSON.stringify(columns));
}

/** The index in a file; an empty one when there is none, it is damaged, or it is of another format. */
export function readStatIndex(file: string): StatIndex {
  const index: StatIndex = { files: new Map(), derived: new Map() };
  const text = readSealedFile(file);
  const columns = text === undefined ? undefined : parseColumns(text);
  if (columns === undefined) return index;
  const { digests, facts, derived } = columns;
  const paths = columns.paths === '' ? [] : columns.paths.split('\n');
  for (const [row, path] of paths.entries()) {
    const digest = digests.slice(row * DIGEST, (row + 1) * DIGEST);
    if (isDigest(digest)) index.files.set(path, { digest, ...readFacts(facts, row * FACTS) });
  }
  for (let at = 0; at < derived.length; at += 2) index.derived.set(String(derived[at]), derived[at + 1]);
  return index;
}

function readFacts(numbers: readonly number[], at: number): Pick<IndexedFile, 'facts' | 'settled'> {
  const number = (offset: number): number => numbers[at + offset] ?? Number.NaN;
  const facts = { size: number(0), mtime: number(1), ctime: number(2), ino: number(3), mode: number(4) };
  return { facts, settled: number(5) === 1 };
}

/** The seal proves that `writeStatIndex` wrote this text, and the format what is in it. */
function parseColumns(text: string): IndexColumns | undefined {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || !('format' in value)) return undefined;
  return value.format === FORMAT ? (value as IndexColumns) : undefined;
}
