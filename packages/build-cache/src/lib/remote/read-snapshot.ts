import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import type { Digest } from '../digest.ts';
import { codeOf, remoteDamaged, remoteUntrusted } from '../errors.ts';
import { type Directory, MAX_DIRECTORY, parseDirectory } from './directory.ts';
import type { RemoteDescriptor, RemoteStore } from './remote-store.ts';
import { isSigned } from './sign-snapshot.ts';
import { layersOf, MAX_SNAPSHOT, parseConfig, parseSnapshot, type Segment } from './snapshot.ts';

/** What stands under a tag, read and checked, but for the content itself. */
export interface OpenSnapshot {
  /** Of its manifest; `undefined` where there is none yet. */
  readonly digest: Digest | undefined;
  readonly segments: readonly OpenSegment[];
}

export interface OpenSegment extends Segment {
  readonly entries: Directory;
}

export interface SnapshotSource {
  readonly store: RemoteStore;
  readonly tag: string;
  /** What hits on its entries call it. */
  readonly name: string;
  /** Whose snapshots are believed; with none, anybody's. */
  readonly publicKeys: readonly KeyObject[];
  /** Told of bytes as they come. */
  readonly onBytes: (bytes: number) => void;
}

/** Nothing is there yet. */
export const EMPTY_SNAPSHOT: OpenSnapshot = { digest: undefined, segments: [] };

/**
 * Reads the snapshot under a tag with its directories.
 *
 * @throws {CacheError} `REMOTE_UNTRUSTED`, `REMOTE_DAMAGED`; and whatever the store throws.
 */
export async function readSnapshot(source: SnapshotSource): Promise<OpenSnapshot> {
  const { store } = source;
  const descriptor = await resolveTag(source);
  if (descriptor === undefined) return EMPTY_SNAPSHOT;
  const snapshot = parseSnapshot(await readBlob(source, descriptor, MAX_SNAPSHOT));
  if (snapshot === undefined) throw remoteDamaged(store.location, `"${source.tag}" is not a cache of this format`);
  await checkSignature(source, snapshot);
  const entries = await Promise.all(snapshot.segments.map((segment) => readDirectory(source, segment)));
  const segments = snapshot.segments.map((segment, index) => ({ ...segment, entries: entries[index] ?? NOTHING }));
  return { digest: descriptor.digest, segments };
}

const NOTHING: Directory = { entries: [], packs: [], bodies: [] };

/** The bytes of a blob that must not have more than `most`. */
export async function readBlob(
  { store, onBytes }: Pick<SnapshotSource, 'store' | 'onBytes'>,
  descriptor: RemoteDescriptor,
  most: number,
): Promise<Buffer> {
  if (descriptor.size > most) {
    throw remoteDamaged(store.location, `"${descriptor.digest}" has ${descriptor.size} bytes, more than ${most}`);
  }
  const pieces: Uint8Array[] = [];
  for await (const piece of readPieces({ store, onBytes }, descriptor)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** The content of a blob as it comes, no more of it than was announced. */
export async function* readPieces(
  { store, onBytes }: Pick<SnapshotSource, 'store' | 'onBytes'>,
  descriptor: RemoteDescriptor,
): AsyncGenerator<Uint8Array> {
  const { location } = store;
  let size = 0;
  try {
    for await (const piece of store.read(descriptor)) {
      size += piece.length;
      onBytes(piece.length);
      if (size > descriptor.size) throw remoteDamaged(location, `"${descriptor.digest}" is longer than announced`);
      yield piece;
    }
  } catch (error) {
    if (codeOf(error) === 'BLOB_NOT_FOUND') throw remoteDamaged(location, `"${descriptor.digest}" is gone`, error);
    throw error;
  }
}

const decompress = promisify(zstdDecompress);

/** What a blob expands to, which must not be more than `most`: a bomb is cut there. */
export async function expandBlob(location: string, bytes: Buffer, most: number): Promise<Buffer> {
  try {
    return await decompress(bytes, { maxOutputLength: Math.max(1, most) });
  } catch (error) {
    throw remoteDamaged(location, 'a blob does not expand to what it announces', error);
  }
}

async function resolveTag({ store, tag }: SnapshotSource): Promise<RemoteDescriptor | undefined> {
  try {
    return await store.resolve(tag);
  } catch (error) {
    if (codeOf(error) === 'TAG_NOT_FOUND') return undefined;
    throw error;
  }
}

async function checkSignature(
  source: SnapshotSource,
  { config, segments }: { readonly config: RemoteDescriptor; readonly segments: readonly Segment[] },
): Promise<void> {
  const { store, tag, publicKeys } = source;
  if (publicKeys.length === 0) return;
  const { signatures = [] } = parseConfig(await readBlob(source, config, config.size)) ?? {};
  if (signatures.length === 0) throw remoteUntrusted(store.location, `"${tag}" is not signed`);
  if (!isSigned(tag, layersOf(segments), { signatures, keys: publicKeys })) {
    throw remoteUntrusted(store.location, `"${tag}" is not signed by a key that is trusted`);
  }
}

async function readDirectory(source: SnapshotSource, { directory }: Segment): Promise<Directory> {
  const { location } = source.store;
  const bytes = await expandBlob(location, await readBlob(source, directory, MAX_DIRECTORY), MAX_DIRECTORY);
  const parsed = parseDirectory(bytes);
  if (parsed === undefined) throw remoteDamaged(location, `the directory "${directory.digest}" is damaged`);
  return parsed;
}
