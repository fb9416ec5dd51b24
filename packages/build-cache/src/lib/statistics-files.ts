import { randomUUID } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { readSealedFile, writeSealedFile } from './sealed-file.ts';
import { encodeTallies, mergeTallies, parseTallies, type Tallies } from './statistics.ts';
import type { StoreLayout } from './store-layout.ts';

/** A file per run is what parallel processes need and thousands of builds cannot afford. */
const MAX_FILES = 64;

/** How the names of files begin that hold what many runs counted. */
const MERGED = 'merged-';

/** Adds what one run counted: in a file of its own, so that no two processes write the same one. */
export function writeTallies(layout: StoreLayout, tallies: Tallies): void {
  if (tallies.steps.size === 0 && tallies.tiers.size === 0) return;
  const own = `${layout.stats}/${randomUUID()}`;
  writeSealedFile(own, encodeTallies(tallies));
  const others = listFiles(layout).filter((file) => file !== own);
  if (others.length >= MAX_FILES) mergeFiles(layout, others);
}

/** What the run counted that was written last; `undefined` before the first. */
export function readLastTallies(layout: StoreLayout): Tallies | undefined {
  const runs = listFiles(layout).filter((file) => !file.startsWith(`${layout.stats}/${MERGED}`));
  let last: { readonly file: string; readonly written: number } | undefined;
  for (const file of runs) {
    const written = lstatSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (last === undefined || written > last.written) last = { file, written };
  }
  return last && parseTallies(readSealedFile(last.file));
}

/** What all runs counted. */
export function readTallies(layout: StoreLayout): Tallies {
  return mergeTallies(listFiles(layout).map((file) => parseTallies(readSealedFile(file))));
}

function listFiles(layout: StoreLayout): string[] {
  try {
    const names = readdirSync(layout.stats, { withFileTypes: true });
    return names
      .filter((name) => name.isFile() && !name.name.includes('.'))
      .map(({ name }) => `${layout.stats}/${name}`);
  } catch {
    return [];
  }
}

/** Joins many files into one. Each is renamed away first: of several processes that do this at once, one gets it. */
function mergeFiles(layout: StoreLayout, files: readonly string[]): void {
  const directory = `${layout.temporary}/stats-${randomUUID()}`;
  mkdirSync(directory, { recursive: true });
  const taken: Tallies[] = [];
  for (const [index, file] of files.entries()) {
    const mine = `${directory}/${index}`;
    try {
      renameSync(file, mine);
    } catch {
      continue;
    }
    taken.push(parseTallies(readSealedFile(mine)));
  }
  writeSealedFile(`${layout.stats}/${MERGED}${randomUUID()}`, encodeTallies(mergeTallies(taken)));
  rmSync(directory, { recursive: true, force: true });
}
