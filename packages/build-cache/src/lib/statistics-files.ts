import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { readSealedFile, writeSealedFile } from './sealed-file.ts';
import { encodeTallies, mergeTallies, parseTallies, type Tallies } from './statistics.ts';
import type { StoreLayout } from './store-layout.ts';

/** A file per run is what parallel processes need and thousands of builds cannot afford. */
const MAX_FILES = 64;

/** Adds what one run counted: in a file of its own, so that no two processes write the same one. */
export function writeTallies(layout: StoreLayout, tallies: Tallies): void {
  if (tallies.size === 0) return;
  writeSealedFile(`${layout.stats}/${randomUUID()}`, encodeTallies(tallies));
  const files = listFiles(layout);
  if (files.length > MAX_FILES) mergeFiles(layout, files);
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
  writeSealedFile(`${layout.stats}/${randomUUID()}`, encodeTallies(mergeTallies(taken)));
  rmSync(directory, { recursive: true, force: true });
}
