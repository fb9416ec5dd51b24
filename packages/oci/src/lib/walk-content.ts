import type { ContentReader } from './content-store.ts';
import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';
import { documentInvalid } from './errors.ts';
import { type Index, type Manifest, parseIndex, parseManifest, successorsOf } from './manifest.ts';
import { isIndexType, isManifestType } from './media-type.ts';
import { readDocument } from './verify-content.ts';

/** An index may hold indexes; no real one nests deeper. */
const MAX_DEPTH = 4;

/** Reads the manifest or index behind a descriptor; `undefined` for a blob, which points to nothing. */
export async function readManifestOrIndex(
  store: ContentReader,
  descriptor: Descriptor,
): Promise<Manifest | Index | undefined> {
  const { mediaType, digest } = descriptor;
  const what = `"${digest}" from ${store.location}`;
  if (isIndexType(mediaType)) return parseIndex(await readDocument(store, descriptor), mediaType, what);
  if (isManifestType(mediaType)) return parseManifest(await readDocument(store, descriptor), mediaType, what);
  return undefined;
}

/**
 * Everything that a manifest or index needs, itself included, each once, children before what points to them.
 *
 * @throws {OciError} `DOCUMENT_INVALID` when indexes nest too deep, and what reading throws.
 */
export async function walkContent(store: ContentReader, root: Descriptor): Promise<readonly Descriptor[]> {
  const found = new Map<Digest, Descriptor>();
  await visit(root, 0);
  return [...found.values()];

  async function visit(descriptor: Descriptor, depth: number): Promise<void> {
    if (found.has(descriptor.digest)) return;
    if (depth > MAX_DEPTH)
      throw documentInvalid(`"${root.digest}" from ${store.location}`, 'its indexes nest too deep');
    const document = await readManifestOrIndex(store, descriptor);
    if (document !== undefined) {
      for (const child of successorsOf(document)) await visit(child, depth + 1);
    }
    found.set(descriptor.digest, descriptor);
  }
}
