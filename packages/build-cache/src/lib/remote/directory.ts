import type { BodyName } from '../body-store.ts';
import { type Digest, isDigest } from '../digest.ts';
import { isRecord, isSize, parseJson } from './snapshot.ts';

/** Files up to here share packs; a bigger one is a blob of its own, as it is. */
export const PACKED_LIMIT = 2 * 1024 * 1024;

/** A pack is closed when it has this many bytes before compression. */
export const PACK_SIZE = 4 * 1024 * 1024;

/** No pack has more: what expands beyond is no pack of ours. */
export const MAX_PACK = PACKED_LIMIT + PACK_SIZE;

/** Most that a directory may expand to: one of 200,000 files has less. */
export const MAX_DIRECTORY = 64 * 1024 * 1024;

/** What one segment holds: which entries, and in which blob each of their bodies lies. */
export interface Directory {
  readonly entries: readonly DirectoryEntry[];
  readonly packs: readonly Pack[];
  /** Blobs of their own: manifests, too, where they are that big. */
  readonly bodies: readonly BodyName[];
}

export interface DirectoryEntry {
  readonly key: Digest;
  /** Of the sealed manifest's text, which lies in a pack like a body. */
  readonly manifest: Digest;
}

/** Bodies one after another, compressed with zstd. */
export interface Pack {
  /** Of the compressed bytes. */
  readonly digest: Digest;
  readonly bodies: readonly BodyName[];
}

/**
 *     {"format":1,
 *      "entries":[["<key, 64 hex digits>","<manifest>"], …],
 *      "packs":[["<64 hex digits>",[["<64 hex digits>",812], …]], …],
 *      "bodies":[["<64 hex digits>",5000000], …]}
 */
export function encodeDirectory({ entries, packs, bodies }: Directory): Buffer {
  const row = ({ digest, size }: BodyName) => [hexOf(digest), size];
  return Buffer.from(
    JSON.stringify({
      format: 1,
      entries: entries.map(({ key, manifest }) => [hexOf(key), hexOf(manifest)]),
      packs: packs.map((pack) => [hexOf(pack.digest), pack.bodies.map(row)]),
      bodies: bodies.map(row),
    }),
  );
}

/** `undefined` unless all of it holds together. */
export function parseDirectory(bytes: Buffer): Directory | undefined {
  const record = parseJson(bytes);
  if (!isRecord(record) || record.format !== 1) return undefined;
  const entries = parseList(record.entries, parseEntry);
  const packs = parseList(record.packs, parsePack);
  const bodies = parseList(record.bodies, parseBody);
  if (entries === undefined || packs === undefined || bodies === undefined) return undefined;
  return { entries, packs, bodies };
}

/** Bytes of a pack before compression. */
export function rawSize({ bodies }: Pick<Pack, 'bodies'>): number {
  return bodies.reduce((sum, { size }) => sum + size, 0);
}

function hexOf(digest: Digest): string {
  return digest.slice('sha256:'.length);
}

function parseList<T>(value: unknown, parse: (item: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const list: T[] = [];
  for (const item of value) {
    const parsed = parse(item);
    if (parsed === undefined) return undefined;
    list.push(parsed);
  }
  return list;
}

function parseEntry(item: unknown): DirectoryEntry | undefined {
  if (!Array.isArray(item)) return undefined;
  const [key, manifest] = [parseHex(item[0]), parseHex(item[1])];
  return key === undefined || manifest === undefined ? undefined : { key, manifest };
}

function parsePack(item: unknown): Pack | undefined {
  if (!Array.isArray(item)) return undefined;
  const digest = parseHex(item[0]);
  const bodies = parseList(item[1], parseBody);
  if (digest === undefined || bodies === undefined || rawSize({ bodies }) > MAX_PACK) return undefined;
  return { digest, bodies };
}

function parseBody(item: unknown): BodyName | undefined {
  if (!Array.isArray(item)) return undefined;
  const digest = parseHex(item[0]);
  const size: unknown = item[1];
  return digest === undefined || !isSize(size) ? undefined : { digest, size };
}

function parseHex(value: unknown): Digest | undefined {
  const digest = `sha256:${String(value)}`;
  return isDigest(digest) ? digest : undefined;
}
