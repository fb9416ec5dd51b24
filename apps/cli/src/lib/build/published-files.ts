import { readSealedFile, writeSealedFile } from '@mcpgen/build-cache';
import type { OutputFact } from '@mcpgen/cache-invalidation';

/** One published file: the facts of what it was copied from, and its own. */
export interface PublishedFile {
  readonly source: OutputFact;
  readonly target: OutputFact;
}

const FORMAT = 2;

/** Numbers of one file in `facts`: size, mtime, ctime, ino and mode of its source, then its own. */
const FACTS = 10;

/** Columns: thousands of objects take several times as long to write and to read. */
interface PublishedColumns {
  readonly format: number;
  readonly paths: readonly string[];
  readonly facts: readonly number[];
}

/** What was published last; nothing where it cannot be read, and then everything is copied. */
export function readPublished(file: string): ReadonlyMap<string, PublishedFile> {
  const text = readSealedFile(file);
  if (text === undefined) return new Map();
  // The seal proves that writePublished wrote this, and the format what is in it.
  const { format, paths, facts } = JSON.parse(text) as PublishedColumns;
  if (format !== FORMAT) return new Map();
  return new Map(
    paths.map((path, row) => {
      const at = row * FACTS;
      return [path, { source: readFacts(path, facts, at), target: readFacts(path, facts, at + FACTS / 2) }];
    }),
  );
}

export function writePublished(file: string, files: Iterable<PublishedFile>): void {
  const paths: string[] = [];
  const facts: number[] = [];
  for (const { source, target } of files) {
    paths.push(target.path);
    for (const { size, mtime, ctime, ino, mode } of [source, target]) facts.push(size, mtime, ctime, ino, mode);
  }
  const columns: PublishedColumns = { format: FORMAT, paths, facts };
  try {
    writeSealedFile(file, JSON.stringify(columns));
  } catch {
    // The next build copies everything again.
  }
}

function readFacts(path: string, facts: readonly number[], at: number): OutputFact {
  const number = (offset: number): number => facts[at + offset] ?? Number.NaN;
  return { path, size: number(0), mtime: number(1), ctime: number(2), ino: number(3), mode: number(4) };
}
