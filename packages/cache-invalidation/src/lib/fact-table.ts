import type { Stats } from 'node:fs';
import { type FileFacts, factsOf } from './file-facts.ts';

/** Paths, and five numbers for each: thousands of objects take several times as long to write, read and compare. */
export interface FactTable {
  readonly paths: readonly string[];
  /** Size, mtime, ctime, ino, mode. A size of -1 stands for a file that was not there. */
  readonly facts: Float64Array;
}

export interface FactRow {
  readonly path: string;
  readonly facts: FileFacts | null;
}

const FACTS = 5;
const ABSENT = -1;

export function toFactTable(rows: readonly FactRow[]): FactTable {
  const facts = new Float64Array(rows.length * FACTS);
  for (const [row, { facts: own }] of rows.entries()) setFacts(facts, row, own);
  return { paths: rows.map(({ path }) => path), facts };
}

export function factsAt({ facts }: FactTable, row: number): FileFacts {
  const [size = 0, mtime = 0, ctime = 0, ino = 0, mode = 0] = facts.subarray(row * FACTS, (row + 1) * FACTS);
  return { size, mtime, ctime, ino, mode };
}

/** Whether the file was not there. */
export function wasAbsent({ facts }: FactTable, row: number): boolean {
  return facts[row * FACTS] === ABSENT;
}

/** Whether the file system says of a file what the table does. */
export function sameAsRow({ facts }: FactTable, row: number, stats: Stats): boolean {
  const at = row * FACTS;
  const { size, mtime, ctime, ino, mode } = factsOf(stats);
  return (
    facts[at] === size &&
    facts[at + 1] === mtime &&
    facts[at + 2] === ctime &&
    facts[at + 3] === ino &&
    facts[at + 4] === mode
  );
}

/** The table with these rows in place of those of the same path, or behind them, and without the paths that are gone. */
export function changeTable(
  table: FactTable,
  rows: readonly FactRow[],
  gone: ReadonlySet<string> = new Set(),
): FactTable {
  if (rows.length === 0 && gone.size === 0) return table;
  const changed = new Map(rows.map((row) => [row.path, row]));
  const kept: number[] = [];
  const places = new Map<string, number>();
  for (const [row, path] of table.paths.entries()) {
    if (gone.has(path) && !changed.has(path)) continue;
    if (changed.has(path)) places.set(path, kept.length);
    kept.push(row);
  }
  const added = rows.filter(({ path }) => !places.has(path));
  const facts = new Float64Array((kept.length + added.length) * FACTS);
  if (kept.length === table.paths.length) facts.set(table.facts);
  else
    for (const [to, from] of kept.entries())
      facts.set(table.facts.subarray(from * FACTS, (from + 1) * FACTS), to * FACTS);
  for (const row of rows) setFacts(facts, places.get(row.path) ?? kept.length + added.indexOf(row), row.facts);
  const paths = kept.length === table.paths.length ? table.paths : kept.map((row) => table.paths[row] ?? '');
  return { paths: [...paths, ...added.map(({ path }) => path)], facts };
}

function setFacts(table: Float64Array, row: number, facts: FileFacts | null): void {
  const { size, mtime, ctime, ino, mode } = facts ?? { size: ABSENT, mtime: 0, ctime: 0, ino: 0, mode: 0 };
  table.set([size, mtime, ctime, ino, mode], row * FACTS);
}
