import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { type CachedFile, type Digest, digestOf, outputDigest } from '@mcpgen/build-cache';
import type { TestRegistry } from '@mcpgen/testing';

/** `path, mode, size, hex digest, base64?`: see docs/cache-format.md. */
export type FileRow = [path: string, mode: number, size: number, hex: string, bytes?: string];

export interface Forgery {
  /** Gives the files of an entry other names, modes or companions; entries without files stay. */
  readonly files?: (rows: readonly FileRow[]) => readonly FileRow[];
  /** What stands in place of each pack. */
  readonly pack?: (bytes: Buffer) => Buffer;
}

type Row = [hex: string, size: number];

interface Directory {
  readonly entries: [key: string, manifest: string][];
  readonly packs: [hex: string, bodies: Row[]][];
  readonly bodies: Row[];
}

/**
 * Writes a cache of one segment anew with all digests and seals right but for what the forgery is about: what a registry
 * could do whose owner knows the format.
 */
export function forgeCache(registry: TestRegistry, name: string, { files = (rows) => rows, pack = (b) => b }: Forgery) {
  const repository = registry.repository(name);
  const snapshot = JSON.parse(String(repository.manifests.get(repository.tags.get('main') ?? '')?.bytes));
  const [first, ...content] = snapshot.layers;
  const blob = (digest: string): Buffer => repository.blobs.get(digest) ?? Buffer.alloc(0);
  const directory: Directory = JSON.parse(String(zstdDecompressSync(blob(first.digest))));
  const bodies = new Map<string, Buffer>();
  for (const [hex, rows] of directory.packs) {
    let rest = zstdDecompressSync(blob(`sha256:${hex}`));
    for (const [body, size] of rows) {
      bodies.set(body, rest.subarray(0, size));
      rest = rest.subarray(size);
    }
  }
  const entries = directory.entries.map(([key, hex]): [string, string] => {
    const sealed = forgeManifest(bodies.get(hex) ?? Buffer.alloc(0), files);
    const forged = digestOf(sealed).slice(7);
    bodies.delete(hex);
    bodies.set(forged, sealed);
    return [key, forged];
  });
  const packed = pack(zstdCompressSync(Buffer.concat([...bodies.values()])));
  const rows = [...bodies].map(([hex, bytes]): Row => [hex, bytes.length]);
  const packs = [[digestOf(packed).slice(7), rows]];
  const index = zstdCompressSync(JSON.stringify({ ...directory, entries, packs }));
  const put = (mediaType: string, bytes: Buffer) => ({
    mediaType,
    digest: registry.putBlob(name, bytes),
    size: bytes.length,
  });
  const big = content.filter(({ mediaType }: { mediaType: string }) => !mediaType.includes('pack'));
  const layers = [put(first.mediaType, index), put(first.mediaType.replace('directory', 'pack'), packed), ...big];
  const bytes = Buffer.from(JSON.stringify({ ...snapshot, layers }));
  registry.putManifest(name, bytes, { mediaType: snapshot.mediaType, tag: 'main' });
}

/** A manifest that holds together: its output digest and its seal are right. */
function forgeManifest(sealed: Buffer, change: NonNullable<Forgery['files']>): Buffer {
  const manifest = JSON.parse(sealed.subarray(65).toString());
  if (manifest.files.length > 0) manifest.files = change(manifest.files);
  const rows: readonly FileRow[] = manifest.files;
  const listed = rows.map(([path, mode, size, hex]) => ({ path, mode, size, digest: `sha256:${hex}` as Digest }));
  manifest.output = outputDigest(listed as CachedFile[], manifest.value);
  const text = JSON.stringify(manifest);
  return Buffer.from(`${digestOf(text).slice(7)}\n${text}`);
}
