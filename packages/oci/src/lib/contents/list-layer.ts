import { createHash } from 'node:crypto';
import { compareBytes } from '../compare-bytes.ts';
import type { ContentReader } from '../content-store.ts';
import type { Descriptor } from '../descriptor.ts';
import type { Digest } from '../digest.ts';
import { documentInvalid } from '../errors.ts';
import { streamSource } from './byte-source.ts';
import { type ArchivedMember, readTar, type TarMemberKind } from './read-tar.ts';
import { unpackLayer } from './unpack-layer.ts';

/** One thing in a layer. */
export interface LayerFile {
  /** `removed` hides what a layer below has at this path; `opaque` all that layers below have in this directory. */
  readonly kind: TarMemberKind | 'removed' | 'opaque';
  /** Relative to the root of the image. */
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** In bytes; 0 unless a file. */
  readonly size: number;
  /** Of a link. */
  readonly target?: string;
  /** Of a file's content. */
  readonly digest?: Digest;
}

const MAX_ENTRIES = 200_000;

/**
 * What is in a layer, sorted by path; where a path is there twice, the last one counts, as it does for an engine. The
 * whole layer is read and checked; memory holds no file.
 *
 * @throws {OciError} `DOCUMENT_INVALID`, `LAYER_TOO_LARGE`, and what reading throws.
 */
export async function listLayer(store: ContentReader, layer: Descriptor): Promise<readonly LayerFile[]> {
  const what = `layer "${layer.digest}" from ${store.location}`;
  const files = new Map<string, LayerFile>();
  let entries = 0;
  await using source = streamSource(unpackLayer(store, layer));
  for await (const member of readTar(source, what)) {
    entries += 1;
    if (entries > MAX_ENTRIES) throw documentInvalid(what, `it has more than ${MAX_ENTRIES} entries`);
    if (member.path === '') continue;
    const file = await toFile(member);
    files.set(`${file.kind === 'opaque' ? 'opaque ' : ''}${file.path}`, file);
  }
  // What comes after the archive's end belongs to the digest, too.
  await source.skip(Number.POSITIVE_INFINITY);
  return [...files.values()].sort((a, b) => compareBytes(a.path, b.path));
}

async function toFile(member: ArchivedMember): Promise<LayerFile> {
  const { kind, path, mode, uid, gid, size, target } = member;
  const facts = { mode, uid, gid, size };
  const slash = path.lastIndexOf('/');
  const name = path.slice(slash + 1);
  if (name === OPAQUE) return { ...facts, kind: 'opaque', path: path.slice(0, Math.max(slash, 0)) };
  // https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md#whiteouts
  if (name.startsWith('.wh.')) return { ...facts, kind: 'removed', path: path.slice(0, slash + 1) + name.slice(4) };
  if (kind !== 'file') return { ...facts, kind, path, ...(target !== undefined && { target }) };
  const hash = createHash('sha256');
  for await (const piece of member.content()) hash.update(piece);
  return { ...facts, kind, path, digest: `sha256:${hash.digest('hex')}` };
}

const OPAQUE = '.wh..wh..opq';
