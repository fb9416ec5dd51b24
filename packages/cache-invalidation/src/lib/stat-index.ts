import {
  type Digest,
  type FileFacts,
  readSealedColumns,
  type SealedColumns,
  writeSealedColumns,
} from '@mcpgen/build-cache';
import { type FactTable, toFactTable } from './fact-table.ts';

/** A file's content digest, and the facts that still hold while it has not been written. */
export interface IndexedFile {
  readonly facts: FileFacts;
  readonly digest: Digest;
  /** False when it was read so soon after its last write that another write could have left the same times. */
  readonly settled: boolean;
}

/** An index as it was read: columns, since thousands of objects take several times as long to make as to compare. */
export interface StatIndex {
  /** By path relative to the root. */
  readonly files: FactTable;
  digestAt(row: number): Digest;
  isSettledAt(row: number): boolean;
  /** What was derived from contents, as JSON. */
  readonly derived: DerivedTexts;
}

export interface DerivedTexts {
  /** `name@version <64 hex digits>` */
  readonly names: readonly string[];
  /** JSON, in the order of the names. */
  readonly texts: readonly string[];
}

const FORMAT = 2;

/** Characters of one digest. */
const DIGEST = 71;

const EMPTY: StatIndex = {
  files: { paths: [], facts: new Float64Array() },
  digestAt: (row) => missingRow(row),
  isSettledAt: () => false,
  derived: { names: [], texts: [] },
};

/**
 * Replaces an index, as columns:
 *
 *     paths     src/a.ts                        lines
 *     facts     812 1763848234123456 … 33188    five numbers for each
 *     digests   sha256:…sha256:…                joined by nothing
 *     settled   1                               a byte for each
 *     names     imports@1 <64 hex digits>       of what was derived from contents, and in `texts` its JSON
 *
 * Throws what the file system throws.
 */
export function writeStatIndex(
  file: string,
  files: ReadonlyMap<string, IndexedFile>,
  { names, texts }: DerivedTexts,
): void {
  const rows = [...files.values()];
  const table = toFactTable(Array.from(files, ([path, { facts }]) => ({ path, facts })));
  writeSealedColumns(file, FORMAT, {
    paths: table.paths,
    facts: table.facts,
    digests: Buffer.from(rows.map(({ digest }) => digest).join(''), 'latin1'),
    settled: Uint8Array.from(rows, ({ settled }) => (settled ? 1 : 0)),
    names,
    texts,
  });
}

/** The index in a file; an empty one when there is none, it is damaged, or it is of another format. */
export function readStatIndex(file: string): StatIndex {
  const columns = readSealedColumns(file, FORMAT);
  return columns === undefined ? EMPTY : openColumns(columns);
}

/** The seal proves that `writeStatIndex` wrote these columns, and the format what is in them. */
function openColumns(columns: SealedColumns): StatIndex {
  const digests = columns.bytes('digests').toString('latin1');
  const settled = columns.bytes('settled');
  return {
    files: { paths: columns.texts('paths'), facts: columns.numbers('facts') },
    digestAt: (row) => digests.slice(row * DIGEST, (row + 1) * DIGEST) as Digest,
    isSettledAt: (row) => settled[row] === 1,
    get derived() {
      return { names: columns.texts('names'), texts: columns.texts('texts') };
    },
  };
}

function missingRow(row: number): never {
  throw new RangeError(`there is no row ${row}`);
}
