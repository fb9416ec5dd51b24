import type { CachedFile } from '../cache.ts';
import type { Digest } from '../digest.ts';
import type { StoredEntry } from '../manifest.ts';

/**
 * One entry as one artifact, all of it one frame of zstd:
 *
 *     mcpgen-entry 1\n      15 bytes
 *     0000031c\n            the manifest's length in bytes, 8 hex digits
 *     <64 hex digits>\n{…   the sealed manifest, as it lies in the local store
 *     …                     bodies that are not in the manifest, in the order of their first file, each once
 *
 * Their lengths and digests stand in the manifest: nothing is announced twice.
 */
export const MAGIC = 'mcpgen-entry 1\n';

/** Of the head: magic, length and line break. */
export const HEAD_SIZE = MAGIC.length + 9;

/** A manifest of 200,000 files has less. */
export const MAX_MANIFEST = 64 * 1024 * 1024;

/** Most that an artifact may expand to. */
export const MAX_ENTRY = 4 * 1024 ** 3;

/** Up to here a body is held in memory, on both sides. */
export const MAX_BUFFERED = 2 * 1024 * 1024;

/** What expands more than this many times is taken for a bomb once it has passed `BOMB_FLOOR`. */
export const MAX_RATIO = 100;
export const BOMB_FLOOR = 64 * 1024 * 1024;

export function encodeHead(manifest: Buffer): Buffer {
  return Buffer.from(`${MAGIC}${manifest.length.toString(16).padStart(8, '0')}\n`);
}

/** The manifest's length, or `undefined` where this is no head. */
export function parseHead(head: Buffer): number | undefined {
  const text = head.toString('latin1');
  const match = /^(?<length>[0-9a-f]{8})\n$/.exec(text.slice(MAGIC.length));
  if (!text.startsWith(MAGIC) || match?.groups?.length === undefined) return undefined;
  const length = Number.parseInt(match.groups.length, 16);
  return length <= MAX_MANIFEST ? length : undefined;
}

/** The bodies that follow a manifest. */
export function followingBodies({ entry, inline }: StoredEntry): CachedFile[] {
  const seen = new Set<Digest>();
  return entry.files.filter(({ digest }) => {
    if (inline.has(digest) || seen.has(digest)) return false;
    seen.add(digest);
    return true;
  });
}

/** Whether so many bytes may come of so many: what is written must be what is read. */
export function isBomb(expanded: number, compressed: number): boolean {
  return expanded > MAX_ENTRY || (expanded > BOMB_FLOOR && expanded > compressed * MAX_RATIO);
}
