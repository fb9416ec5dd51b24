import type { BodyName } from './body-store.ts';
import type { Digest } from './digest.ts';
import type { IndexedEntry, ListedEntry, ManifestFacts } from './indexed-entry.ts';
import { readSealedColumns, type SealedColumns, writeSealedColumns } from './sealed-columns.ts';

/** Entries in columns, each decoded when it is asked for. Rows are sorted by key. */
export interface IndexTable {
  readonly size: number;
  /** -1 where the key has none. */
  rowOf(key: Digest): number;
  /** Of a key and its row. */
  listed(key: Digest, row: number): ListedEntry;
  facts(row: number): ManifestFacts;
  entry(key: Digest, row: number): IndexedEntry;
}

const FORMAT = 1;

/** Hex digits of a key. */
const KEY = 64;

/** Numbers of an entry, in this order: files, size, created, used, duration; manifestSize, ino, born; how many bodies, or -1. */
const NUMBERS = 9;

/** Where the last of them is. */
const BODIES = NUMBERS - 1;

/** Bytes of a body's digest. */
const DIGEST = 32;

/** Hex digits by which rows are in groups: keys are digests, and so evenly spread. */
const GROUP = 8;

/** Replaces the table; see docs/cache-format.md. Throws what the file system throws. */
export function writeIndexTable(file: string, entries: readonly IndexedEntry[]): void {
  const sorted = [...entries].sort((a, b) => (a.key < b.key ? -1 : 1));
  const bodies = sorted.flatMap((entry) => entry.bodies ?? []);
  writeSealedColumns(file, FORMAT, {
    keys: Buffer.from(sorted.map(({ key }) => hexOf(key)).join(''), 'latin1'),
    groups: groupRows(sorted.map(({ key }) => hexOf(key))),
    steps: sorted.map(({ step }) => step),
    numbers: Float64Array.from(sorted.flatMap(numbersOf)),
    bodies: Buffer.from(bodies.map(({ digest }) => hexOf(digest)).join(''), 'hex'),
    bodySizes: Float64Array.from(bodies, ({ size }) => size),
  });
}

export function readIndexTable(file: string): IndexTable | undefined {
  const columns = readSealedColumns(file, FORMAT);
  return columns && openTable(columns);
}

/** The seal and the format vouch for what is in the columns. */
function openTable(columns: SealedColumns): IndexTable {
  const keys = columns.bytes('keys').toString('latin1');
  const groups = columns.numbers('groups');
  const numbers = columns.numbers('numbers');
  const bodiesAt = once(() => openBodies(columns, numbers));
  const steps = once(() => columns.texts('steps'));
  // Written out: most processes ask a few thousand times, before anything of this is compiled.
  const facts = (row: number): ManifestFacts => {
    const at = row * NUMBERS;
    return { manifestSize: numbers[at + 5] ?? 0, ino: numbers[at + 6] ?? 0, born: numbers[at + 7] ?? 0 };
  };
  const listed = (key: Digest, row: number): ListedEntry => {
    const at = row * NUMBERS;
    return {
      key,
      step: steps()[row] ?? '',
      files: numbers[at] ?? 0,
      size: numbers[at + 1] ?? 0,
      created: numbers[at + 2] ?? 0,
      used: numbers[at + 3] ?? 0,
      duration: numbers[at + 4] ?? 0,
    };
  };
  return {
    size: keys.length / KEY,
    rowOf: (key) => findRow(hexOf(key), keys, groups),
    listed,
    facts,
    entry: (key, row) => {
      const rest = { ...listed(key, row), ...facts(row) };
      return numbers[row * NUMBERS + BODIES] === -1 ? rest : { ...rest, bodies: bodiesAt()(row) };
    },
  };
}

/** Where each group of sorted keys begins, and the last one ends: about one key in each. */
function groupRows(keys: readonly string[]): Float64Array {
  const groups = new Float64Array(keys.length + 1);
  for (let row = 0, group = 0; group < groups.length; group++) {
    while (row < keys.length && groupOf(keys[row] ?? '', keys.length) < group) row++;
    groups[group] = row;
  }
  return groups;
}

function findRow(hex: string, keys: string, groups: Float64Array): number {
  const group = groupOf(hex, groups.length - 1);
  const end = groups[group + 1] ?? 0;
  for (let row = groups[group] ?? 0; row < end; row++) if (keys.startsWith(hex, row * KEY)) return row;
  return -1;
}

function groupOf(hex: string, groups: number): number {
  return Math.floor((Number.parseInt(hex.slice(0, GROUP), 16) / 16 ** GROUP) * groups);
}

function hexOf(digest: Digest): string {
  return digest.slice(7);
}

function numbersOf(entry: IndexedEntry): number[] {
  const { files, size, created, used, duration, manifestSize, ino, born, bodies } = entry;
  return [files, size, created, used, duration, manifestSize, ino, born, bodies?.length ?? -1];
}

/** The bodies of a row: they lie one after the other, so that where a row's begin is the sum of those before it. */
function openBodies(columns: SealedColumns, numbers: Float64Array): (row: number) => BodyName[] {
  const digests = columns.bytes('bodies');
  const sizes = columns.numbers('bodySizes');
  const rows = numbers.length / NUMBERS;
  const ends = new Float64Array(rows);
  for (let row = 0, end = 0; row < rows; row++) {
    end += Math.max(0, numbers[row * NUMBERS + BODIES] ?? 0);
    ends[row] = end;
  }
  return (row) => {
    const bodies: BodyName[] = [];
    for (let at = ends[row - 1] ?? 0; at < (ends[row] ?? 0); at++) {
      const digest: Digest = `sha256:${digests.toString('hex', at * DIGEST, (at + 1) * DIGEST)}`;
      bodies.push({ digest, size: sizes[at] ?? 0 });
    }
    return bodies;
  };
}

function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
