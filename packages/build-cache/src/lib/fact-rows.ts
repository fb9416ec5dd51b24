import type { Stats } from 'node:fs';
import { type FileFacts, microseconds } from './file-facts.ts';

/** Numbers of one file in a table of facts: size, mtime, ctime, ino, mode. */
export const FACTS_PER_ROW = 5;

/** A table of facts that are those of no file. */
export function emptyFacts(rows: number): Float64Array {
  return new Float64Array(rows * FACTS_PER_ROW).fill(Number.NaN);
}

export function setFacts(table: Float64Array, row: number, { size, mtime, ctime, ino, mode }: FileFacts): void {
  const at = row * FACTS_PER_ROW;
  table[at] = size;
  table[at + 1] = mtime;
  table[at + 2] = ctime;
  table[at + 3] = ino;
  table[at + 4] = mode;
}

export function copyFacts(source: Float64Array, from: number, target: Float64Array, to: number): void {
  for (let at = 0; at < FACTS_PER_ROW; at++) {
    target[to * FACTS_PER_ROW + at] = source[from * FACTS_PER_ROW + at] ?? Number.NaN;
  }
}

/** Whether the file system says of a file what a row does. */
export function sameAsRow(table: Float64Array, row: number, stats: Stats): boolean {
  const at = row * FACTS_PER_ROW;
  // An object for each of thousands of files would be garbage at once.
  return (
    table[at] === stats.size &&
    table[at + 3] === stats.ino &&
    table[at + 4] === stats.mode &&
    table[at + 1] === microseconds(stats.mtimeMs) &&
    table[at + 2] === microseconds(stats.ctimeMs)
  );
}

/** In bytes; `NaN` where nothing is known. */
export function sizeAt(table: Float64Array, row: number): number {
  return table[row * FACTS_PER_ROW] ?? Number.NaN;
}
