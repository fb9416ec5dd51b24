import { compareBytes } from './compare-bytes.ts';
import { layerEntryInvalid } from './errors.ts';

/**
 * One thing in a layer. `path` is relative to the root of the image, with `/`. Owner is always root and the time always
 * zero; of `mode` only what matters is kept (see `normalMode`), so no umask reaches the image.
 */
export type LayerEntry = FileEntry | DirectoryEntry | SymlinkEntry;

/** A regular file from a file on disk (absolute path) or from bytes. */
export interface FileEntry {
  readonly kind: 'file';
  readonly path: string;
  /** Executable for all (0755) when any execute bit is set, else 0644. @default 0o644 */
  readonly mode?: number;
  readonly source: string | Uint8Array;
}

/** A directory. Parents need no entry: they are added with mode 0755. */
export interface DirectoryEntry {
  readonly kind: 'directory';
  readonly path: string;
  /** 01777 when the sticky bit is set, else 0755. @default 0o755 */
  readonly mode?: number;
}

/** A symbolic link; `target` is written as given. */
export interface SymlinkEntry {
  readonly kind: 'symlink';
  readonly path: string;
  readonly target: string;
}

/** The mode that is written for an entry. */
export function normalMode(entry: LayerEntry): number {
  switch (entry.kind) {
    case 'file':
      return (entry.mode ?? 0) & 0o111 ? 0o755 : 0o644;
    case 'directory':
      return (entry.mode ?? 0) & 0o1000 ? 0o1777 : 0o755;
    case 'symlink':
      return 0o777;
    default:
      return entry satisfies never;
  }
}

/**
 * Orders entries by the bytes of their paths and adds each missing parent directory once.
 *
 * @throws {OciError} `LAYER_ENTRY_INVALID` for a path that leaves the root, is not normal, is there twice or lies below a
 * file, and for names that mean deletion in a layer.
 */
export function planLayerEntries(entries: readonly LayerEntry[]): readonly LayerEntry[] {
  const byPath = new Map<string, LayerEntry>();
  for (const entry of entries) {
    checkPath(entry.path);
    const other = byPath.get(entry.path);
    if (other !== undefined && !(other.kind === 'directory' && entry.kind === 'directory')) {
      throw layerEntryInvalid(entry.path, 'two entries have this path');
    }
    byPath.set(entry.path, entry);
  }
  for (const entry of entries) addParents(entry.path, byPath);
  return [...byPath.values()].sort((a, b) => compareBytes(a.path, b.path));
}

function addParents(path: string, byPath: Map<string, LayerEntry>): void {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    const parent = path.slice(0, end);
    const found = byPath.get(parent);
    if (found === undefined) byPath.set(parent, { kind: 'directory', path: parent });
    else if (found.kind !== 'directory') throw layerEntryInvalid(path, `"${parent}" is a ${found.kind}`);
  }
}

const MAX_PATH_BYTES = 4096;

function checkPath(path: string): void {
  if (path === '') throw layerEntryInvalid(path, 'the path is empty');
  if (Buffer.byteLength(path) > MAX_PATH_BYTES)
    throw layerEntryInvalid(path, `the path is longer than ${MAX_PATH_BYTES} bytes`);
  if (!path.isWellFormed()) throw layerEntryInvalid(path, 'the path has half a surrogate pair');
  if (CONTROL_CHARACTERS.test(path)) throw layerEntryInvalid(path, 'the path has a control character');
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.' || segment === '..') {
      throw layerEntryInvalid(
        path,
        'expected a path relative to the root of the image, without empty parts, "." or ".."',
      );
    }
    if (segment.startsWith('.wh.'))
      throw layerEntryInvalid(path, 'names that begin with ".wh." mean deletion in a layer');
  }
}

const CONTROL_CHARACTERS = /\p{Cc}/u;
