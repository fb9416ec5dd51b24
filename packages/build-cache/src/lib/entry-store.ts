import { linkSync, lstatSync } from 'node:fs';
import type { Digest } from './digest.ts';
import { codeOf } from './errors.ts';
import { createReader, exists, readToEnd, removeFile, withFile } from './file-bytes.ts';
import { parseManifest, type StoredEntry, sealOf } from './manifest.ts';
import { markUsed } from './mark-used.ts';
import { isSealed } from './sealed-file.ts';
import { moveIntoStore, quarantine, reportFailure, type Store, stageFile } from './store.ts';
import { entryPath } from './store-layout.ts';

const readText = createReader();

/** A manifest of more than this is not ours. */
const MAX_MANIFEST = 256 * 1024 * 1024;

/** Codes that say the same as a missing file. */
const ABSENT = new Set(['ENOENT', 'ENOTDIR']);

/** Codes of a file system without hard links. */
export const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL']);

/**
 * The entry under a key; `undefined` when there is none. A damaged one is put aside and reported. One that was used is
 * marked so, at most once in five minutes, for eviction in order of use.
 */
export function readEntry(store: Store, key: Digest): StoredEntry | undefined {
  const file = entryPath(store.layout, key);
  try {
    if (!exists(file)) return undefined;
    const stored = readManifest(file, key, (used) => markUsed(store, file, used));
    if (stored === undefined) dropEntry(store, key, 'the manifest is damaged');
    return stored;
  } catch (error) {
    if (!ABSENT.has(codeOf(error) ?? '')) reportFailure(store, 'lookup', error);
    return undefined;
  }
}

/**
 * The manifest under a key while it is still the one with this seal. It is marked as used before it is looked at,
 * so that nothing that it names is evicted for some minutes. Throws when it cannot be read.
 */
export function readSealedManifest(store: Store, key: Digest, seal: string): Buffer | undefined {
  const file = entryPath(store.layout, key);
  const stats = lstatSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  markUsed(store, file, stats.mtimeMs);
  const manifest = withFile(file, (descriptor, { size }) => readToEnd(descriptor, size));
  return sealOf(manifest) === seal && isSealed(manifest) ? manifest : undefined;
}

/** The manifest in a file; `undefined` when it is damaged or another key's. Throws when it cannot be read. */
export function readManifest(file: string, key: Digest, onUse?: (used: number) => void): StoredEntry | undefined {
  try {
    return withFile(file, (descriptor, stats) => {
      if (!stats.isFile() || stats.size > MAX_MANIFEST) return undefined;
      onUse?.(stats.mtimeMs);
      return parseManifest(readText(descriptor, stats.size), key);
    });
  } catch (error) {
    // A link where a manifest should be.
    if (codeOf(error) === 'ELOOP') return undefined;
    throw error;
  }
}

/** Takes an entry out of the store because of what was found in it. */
export function dropEntry(store: Store, key: Digest, reason: string): void {
  quarantine(store, entryPath(store.layout, key));
  store.emit({ type: 'damaged', key, reason });
}

/** Writes a manifest, after all its bodies. False when another writer was first. */
export function writeEntry(store: Store, key: Digest, bytes: Buffer): boolean {
  const target = entryPath(store.layout, key);
  const temporary = stageFile(store, bytes);
  try {
    if (!linkFirst(temporary, target)) {
      if (readEntry(store, key) !== undefined) return false;
      moveIntoStore(temporary, target);
    }
    store.grown += bytes.length;
    return true;
  } finally {
    removeFile(temporary);
  }
}

/** A link, unlike a rename, fails where something lies already: the first writer wins. */
function linkFirst(temporary: string, target: string): boolean {
  try {
    linkSync(temporary, target);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') return false;
    if (code !== 'ENOENT' && (code === undefined || !NO_LINKS.has(code))) throw error;
    moveIntoStore(temporary, target);
    return true;
  }
}
