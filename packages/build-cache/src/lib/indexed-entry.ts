import type { BodyName } from './body-store.ts';
import type { Digest } from './digest.ts';

/** One entry of the store, as `list` shows it and eviction weighs it. */
export interface ListedEntry {
  readonly key: Digest;
  readonly step: string;
  readonly files: number;
  /** Bytes of its files and its manifest; bodies shared with other entries are counted in each. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly created: number;
  /** Milliseconds since the epoch, to within some minutes. */
  readonly used: number;
  /** Milliseconds that a hit saves. */
  readonly duration: number;
}

/** What tells a manifest from every other that lay in its place. */
export interface ManifestFacts {
  readonly manifestSize: number;
  readonly ino: number;
  /** When its inode was made, since inode numbers come back. Milliseconds since the epoch. */
  readonly born: number;
}

/** What the index keeps of an entry. */
export interface IndexedEntry extends ListedEntry, ManifestFacts {
  /** Those that are not in the manifest itself; absent where there are so many that the manifest is asked when they matter. */
  readonly bodies?: readonly BodyName[];
}

/** An entry with all that it takes in the store. */
export interface MeasuredEntry extends IndexedEntry {
  readonly bodies: readonly BodyName[];
}

/** Of an entry of thousands of files the index would be a second manifest, written again whenever it is stored again. */
const MOST_BODIES = 64;

export function withoutManyBodies(entry: MeasuredEntry): IndexedEntry {
  if (entry.bodies.length <= MOST_BODIES) return entry;
  const { bodies: _, ...rest } = entry;
  return rest;
}
