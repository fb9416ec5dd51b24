import type { Stats } from 'node:fs';
import { type FileFacts, factsOf } from '@mcpgen/build-cache';

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

/** Rows that are in place of those of the same path, or new, and paths that are gone. */
export interface TableChange {
  readonly rows: readonly FactRow[];
  readonly gone?: readonly string[];
}

/** The table after these changes, one after the other; new rows come last. */
export function changeTable(table: FactTable, changes: readonly TableChange[]): FactTable {
  const changed = new Map<string, FactRow | undefined>();
  for (const { rows, gone = [] } of changes) {
    for (const path of gone) changed.set(path, undefined);
    for (const row of rows) changed.set(row.path, row);
  }
  if (changed.size === 0) return table;
  const paths: string[] = [];
  const facts = new Float64Array(table.facts.length + changed.size * FACTS);
  for (const [row, path] of table.paths.entries()) {
    const now = changed.get(path);
    if (now === undefined && changed.has(path)) continue;
    if (now === undefined) copyFacts(table.facts, row, facts, paths.length);
    else setFacts(facts, paths.length, now.facts);
    changed.delete(path);
    paths.push(path);
  }
  for (const row of changed.values()) {
    if (row === undefined) continue;
    setFacts(facts, paths.length, row.facts);
    paths.push(row.path);
  }
  return { paths, facts: facts.subarray(0, paths.length * FACTS) };
}

/** By number: five of them are copied before a view of them is made. */
function copyFacts(source: Float64Array, from: number, target: Float64Array, to: number): void {
  for (let at = 0; at < FACTS; at++) target[to * FACTS + at] = source[from * FACTS + at] ?? 0;
}

function setFacts(table: Float64Array, row: number, facts: FileFacts | null): void {
  const { size, mtime, ctime, ino, mode } = facts ?? { size: ABSENT, mtime: 0, ctime: 0, ino: 0, mode: 0 };
  table.set([size, mtime, ctime, ino, mode], row * FACTS);
}
