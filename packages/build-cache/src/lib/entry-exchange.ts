import { createHash } from 'node:crypto';
import { appendFileSync, chmodSync, readSync } from 'node:fs';
import { putBytes } from './body-store.ts';
import { type Digest, digestOf } from './digest.ts';
import { readEntry, writeEntry } from './entry-store.ts';
import { exists, readToEnd, removeFile, withFile } from './file-bytes.ts';
import { encodeManifest, parseManifest, type StoredEntry } from './manifest.ts';
import { addTally, type RunTallies } from './statistics.ts';
import { moveIntoStore, reportFailure, type Store, stageFile } from './store.ts';
import { bodyPath, entryPath } from './store-layout.ts';
import { walkDigests } from './walk-store.ts';

/**
 * Entries as they lie in a store, in and out: what remote tiers carry. What comes in is verified. Trouble of the disk is
 * reported as the cache's own and never thrown.
 */
export interface EntryExchange {
  hasEntry(key: Digest): boolean;
  hasBody(digest: Digest): boolean;
  /** Keys of all entries. */
  keys(): Digest[];
  /** `undefined` when there is no such entry, or it is damaged. */
  exportEntry(key: Digest): ExportedEntry | undefined;
  /** False when the bytes are not what the digest says, or cannot be kept. */
  importBody(digest: Digest, bytes: Uint8Array): boolean;
  /** The same for a body that does not fit into memory. Throws what `content` throws. */
  importBigBody(digest: Digest, content: AsyncIterable<Uint8Array>): Promise<boolean>;
  /**
   * Puts a manifest into its place, after its bodies. False when it is damaged, another key's, has names that must not be
   * written, or cannot be kept. `tier` is where it came from: its hits say so.
   */
  importEntry(key: Digest, manifest: Buffer, tier: string): boolean;
  /** Counts a look-up that a tier had nothing for. Its hits are counted when the entry that came from it is looked up. */
  countMiss(tier: string): void;
}

export interface ExportedEntry {
  /** The sealed text. */
  readonly manifest: Buffer;
  /** Those that are not in the manifest. */
  readonly bodies: readonly ExportedBody[];
}

export interface ExportedBody {
  readonly digest: Digest;
  /** In bytes. */
  readonly size: number;
  /** `undefined` when it is missing or damaged. */
  read(): Buffer | undefined;
  /** Unverified. */
  pieces(): Iterable<Uint8Array>;
}

const PIECE = 1024 * 1024;

export function entryExchange(store: Store, tallies: RunTallies): EntryExchange {
  const { layout } = store;
  return {
    hasEntry: (key) => isThere(entryPath(layout, key)),
    hasBody: (digest) => isThere(bodyPath(layout, digest)),
    keys: () => Array.from(walkDigests(layout.entries), ({ digest }) => digest),
    exportEntry: (key) => exportEntry(store, key),
    importBody: (digest, bytes) => digestOf(bytes) === digest && attempt(store, () => putBytes(store, digest, bytes)),
    importBigBody: (digest, content) => importBigBody(store, digest, content),
    importEntry: (key, manifest, tier) => {
      const stored = importEntry(store, key, manifest, tier);
      if (stored !== undefined) addTally(tallies.tiers, tier, [0, 0, 0, manifest.length + bytesBeside(stored)]);
      return stored !== undefined;
    },
    countMiss: (tier) => addTally(tallies.tiers, tier, [0, 1, 0, 0]),
  };
}

function isThere(file: string): boolean {
  try {
    return exists(file);
  } catch {
    return false;
  }
}

/** False where it failed, which is then reported. */
function attempt(store: Store, action: () => void): boolean {
  if (!store.writable) return false;
  try {
    action();
    return true;
  } catch (error) {
    reportFailure(store, 'store', error);
    return false;
  }
}

function importEntry(store: Store, key: Digest, manifest: Buffer, tier: string): StoredEntry | undefined {
  const stored = parseManifest(manifest, key);
  if (stored === undefined) return undefined;
  for (const [digest, bytes] of stored.inline) if (digestOf(bytes) !== digest) return undefined;
  store.origins.set(key, tier);
  store.pinned.add(key);
  const kept = attempt(store, () => {
    if (writeEntry(store, key, encodeManifest({ ...stored, checks: '' }))) store.added.set(key, stored.entry);
  });
  return kept ? stored : undefined;
}

/** Of the bodies that are not in the manifest itself. */
function bytesBeside({ entry, inline }: StoredEntry): number {
  return entry.files.reduce((sum, { digest, size }) => (inline.has(digest) ? sum : sum + size), 0);
}

function exportEntry(store: Store, key: Digest): ExportedEntry | undefined {
  const stored = readEntry(store, key);
  if (stored === undefined) return undefined;
  const sizes = new Map(stored.entry.files.map(({ digest, size }) => [digest, size]));
  const bodies = [...sizes].filter(([digest]) => !stored.inline.has(digest));
  return {
    manifest: encodeManifest({ ...stored, checks: '' }),
    bodies: bodies.map(([digest, size]) => ({
      digest,
      size,
      read: () => readBody(store, digest, size),
      pieces: () => readPieces(bodyPath(store.layout, digest)),
    })),
  };
}

function readBody(store: Store, digest: Digest, size: number): Buffer | undefined {
  try {
    const bytes = withFile(bodyPath(store.layout, digest), (descriptor) => readToEnd(descriptor, size));
    return digestOf(bytes) === digest ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** Opened anew for each piece: whoever takes them may never come to the end. */
function* readPieces(file: string): Generator<Uint8Array> {
  for (let position = 0; ; ) {
    const piece = withFile(file, (descriptor) => readAt(descriptor, position));
    if (piece.length === 0) return;
    position += piece.length;
    yield piece;
  }
}

function readAt(descriptor: number, position: number): Uint8Array {
  const buffer = Buffer.allocUnsafeSlow(PIECE);
  return buffer.subarray(0, readSync(descriptor, buffer, 0, PIECE, position));
}

async function importBigBody(store: Store, digest: Digest, content: AsyncIterable<Uint8Array>): Promise<boolean> {
  const hash = createHash('sha256');
  let size = 0;
  let temporary = '';
  const staged = attempt(store, () => {
    temporary = stageFile(store, new Uint8Array());
    chmodSync(temporary, 0o644);
  });
  try {
    if (!staged) return false;
    for await (const piece of content) {
      hash.update(piece);
      size += piece.length;
      if (!attempt(store, () => appendFileSync(temporary, piece))) return false;
    }
    if (`sha256:${hash.digest('hex')}` !== digest) return false;
    return attempt(store, () => {
      chmodSync(temporary, 0o444);
      moveIntoStore(temporary, bodyPath(store.layout, digest));
      store.grown += size;
    });
  } finally {
    if (temporary !== '') removeFile(temporary);
  }
}
