import { hash } from 'node:crypto';
import { type Stats, statSync } from 'node:fs';
import type { CachedFile, NewEntry } from './cache.ts';
import { type Digest, digestOf, isDigest } from './digest.ts';
import { readSealedManifest } from './entry-store.ts';
import { copyFacts, emptyFacts, sameAsRow, setFacts, sizeAt } from './fact-rows.ts';
import { exists } from './file-bytes.ts';
import { openFileClock } from './file-clock.ts';
import { factsOf } from './file-facts.ts';
import { modeOf } from './file-mode.ts';
import { jsonText } from './json-text.ts';
import { type StoredEntry, sealOf } from './manifest.ts';
import { readSealedColumns, writeSealedColumns } from './sealed-columns.ts';
import type { Store } from './store.ts';

/**
 * What the file system said of a step's outputs when they were last stored from a directory, and the entry that holds
 * them: a file of which it still says the same need not be read again, nor its body be looked for. A hint: where it is
 * lost, or the entry is, files are read.
 */
export interface StoredOutputs {
  readonly key: Digest;
  /** The entry's manifest, as it lies in the store now. */
  readonly manifest: Buffer;
  /** Digest of its outputs, and of its value alone, as JSON. */
  readonly output: Digest;
  readonly value: Digest;
  /** Sorted. */
  readonly paths: readonly string[];
  /** Whether these are the paths that are given now: they need not be checked or sorted again. */
  readonly samePaths: boolean;
  /** A row for each path. */
  readonly facts: Float64Array;
  /** Checksums, as the entry has them. */
  readonly checks: string;
  /** The file of a row while the file system says of it what it said when it was stored. */
  recall(row: number, stats: Stats): CachedFile | undefined;
}

const FORMAT = 2;

/** Hex digits. */
const DIGEST = 64;

/** Files, or bytes of one file, from which on it is worth a file of its own to remember them. */
export const MANY_FILES = 32;
const MANY_BYTES = 1024 * 1024;

/** What was stored before by this step from this directory, while the entry that it went to is there, and the same. */
export function recallOutputs(store: Store, entry: NewEntry): StoredOutputs | undefined {
  const file = fileOf(store, entry);
  try {
    if (!exists(file)) return undefined;
    const columns = readSealedColumns(file, FORMAT);
    const head = columns && parseHead(columns.json('head'));
    if (columns === undefined || head === undefined) return undefined;
    const manifest = readSealedManifest(store, head.key, head.seal);
    if (manifest === undefined) return undefined;
    const paths = columns.texts('paths');
    const digests = columns.bytes('digests').toString('latin1');
    const facts = columns.numbers('facts');
    const recall = (row: number, stats: Stats): CachedFile | undefined => {
      const path = paths[row];
      if (path === undefined || !sameAsRow(facts, row, stats)) return undefined;
      return { path, mode: modeOf(stats), digest: digestAt(digests, row), size: sizeAt(facts, row) };
    };
    const samePaths = paths.length === entry.paths.length && head.given === digestOfPaths(entry);
    const checks = columns.bytes('checks').toString('latin1');
    return { ...head, manifest, paths, samePaths, facts, checks, recall };
  } catch {
    return undefined;
  }
}

/** Watches outputs while they are stored, for the next time. Rows are counted in the order of the entry's files. */
export interface OutputWatch {
  /** To be told before a file is read: whatever is written to it from then on must show in its facts. */
  reading(row: number, stats: Stats): void;
  /** To be told of a file that was not read, because it has the facts of this row. */
  unchanged(row: number, facts: Float64Array, from: number): void;
  /** Remembers them under the entry that they were just stored in, if that is worth a file. */
  remember(stored: StoredEntry, manifest: Buffer): void;
}

export function watchOutputs(store: Store, entry: NewEntry): OutputWatch {
  const file = fileOf(store, entry);
  const clock = openFileClock(file, store.now);
  const facts = emptyFacts(entry.paths.length);
  const many = entry.paths.length >= MANY_FILES;
  let worth = many;
  let device: number | undefined;
  return {
    reading: (row, stats) => {
      if (!many && stats.size < MANY_BYTES) return;
      worth = true;
      device ??= deviceOf(store);
      // Another device has another clock, and what it says of a file proves nothing here.
      if (stats.dev === device && clock.isSettled(factsOf(stats))) setFacts(facts, row, factsOf(stats));
    },
    unchanged: (row, known, from) => {
      worth = true;
      copyFacts(known, from, facts, row);
    },
    remember: ({ entry: { key, files, output, value }, checks }, manifest) => {
      if (!worth) return;
      const given = digestOfPaths(entry);
      const head: Head = { key, seal: sealOf(manifest), given, output, value: digestOf(jsonText(value)) };
      const digests = Buffer.from(files.map(({ digest }) => digest.slice(-DIGEST)).join(''), 'latin1');
      try {
        const paths = files.map(({ path }) => path);
        writeSealedColumns(file, FORMAT, {
          head: { json: head },
          paths,
          digests,
          checks: Buffer.from(checks, 'latin1'),
          facts,
        });
      } catch {
        // The next store reads all of it.
      }
    },
  };
}

interface Head {
  readonly key: Digest;
  /** Of its manifest. */
  readonly seal: string;
  /** Digest of the paths as they were given. */
  readonly given: Digest;
  readonly output: Digest;
  readonly value: Digest;
}

/** The seal of the file proves that `remember` wrote it, if it has these. */
function parseHead(value: unknown): Head | undefined {
  const head = value as Head | null;
  return isDigest(head?.key) && isDigest(head.given) && isDigest(head.output) ? head : undefined;
}

function digestAt(digests: string, row: number): Digest {
  return `sha256:${digests.slice(row * DIGEST, (row + 1) * DIGEST)}`;
}

/** The names as they were given. None has a line break, or they would not have been stored. */
function digestOfPaths({ paths }: Pick<NewEntry, 'paths'>): Digest {
  return digestOf(paths.join('\n'));
}

/** By directory, so that a moved checkout starts anew: an inode number says something of one place only. */
function fileOf({ layout }: Store, { directory, step }: Pick<NewEntry, 'directory' | 'step'>): string {
  return `${layout.outputs}/${hash('sha256', JSON.stringify([directory, step]))}`;
}

function deviceOf(store: Store): number {
  try {
    store.temporaryFile();
    return statSync(store.staging).dev;
  } catch {
    return Number.NaN;
  }
}
