import {
  appendJournal,
  dropJournal,
  journalVersion,
  readJournal,
  readSealedColumns,
  writeSealedColumns,
} from '@mcpgen/build-cache';
import type { OutputFact } from '@mcpgen/cache-invalidation';

/** One published file: the facts of what it was copied from, and its own. */
export interface PublishedFile {
  readonly source: OutputFact;
  readonly target: OutputFact;
}

/** What a build that changed little published, and what it removed. */
export interface PublishedChange {
  readonly files: readonly PublishedFile[];
  readonly gone: readonly string[];
}

const FORMAT = 3;

/** Numbers of one file: size, mtime, ctime, ino and mode of its source, then its own. */
const FACTS = 10;

/** What was published last; nothing where it cannot be read, and then everything is copied. */
export function readPublished(file: string): ReadonlyMap<string, PublishedFile> {
  const columns = readSealedColumns(file, FORMAT);
  const { texts, version } = readJournal(file);
  if (columns === undefined || version === undefined) return new Map();
  const facts = columns.numbers('facts');
  const published = new Map(
    columns.texts('paths').map((path, row) => {
      const at = row * FACTS;
      return [path, { source: factsAt(path, facts, at), target: factsAt(path, facts, at + FACTS / 2) }];
    }),
  );
  for (const text of texts) change(published, parseChange(text));
  return published;
}

export function writePublished(file: string, files: Iterable<PublishedFile>): void {
  const paths: string[] = [];
  const facts: number[] = [];
  for (const { source, target } of files) {
    paths.push(target.path);
    for (const { size, mtime, ctime, ino, mode } of [source, target]) facts.push(size, mtime, ctime, ino, mode);
  }
  try {
    writeSealedColumns(file, FORMAT, { paths, facts: Float64Array.from(facts) });
    dropJournal(file);
  } catch {
    // The next build copies everything again.
  }
}

/** Adds to what was written, at the cost of these files alone. */
export function changePublished(file: string, changed: PublishedChange): void {
  if (appendJournal(file, JSON.stringify(changed))) return;
  const published = new Map(readPublished(file));
  change(published, changed);
  writePublished(file, published.values());
}

/** Tells what is remembered from what was or will be; `undefined` where nothing is. */
export function publishedVersion(file: string): string | undefined {
  return journalVersion(file);
}

function change(published: Map<string, PublishedFile>, { files, gone }: PublishedChange): void {
  for (const path of gone) published.delete(path);
  for (const found of files) published.set(found.target.path, found);
}

/** The journal's digest proves that `changePublished` wrote this. */
function parseChange(text: string): PublishedChange {
  return JSON.parse(text) as PublishedChange;
}

function factsAt(path: string, facts: Float64Array, at: number): OutputFact {
  const [size = 0, mtime = 0, ctime = 0, ino = 0, mode = 0] = facts.subarray(at, at + FACTS / 2);
  return { path, size, mtime, ctime, ino, mode };
}
