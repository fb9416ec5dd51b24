import { compareBytes } from './compare-bytes.ts';
import type { ContentReader } from './content-store.ts';
import type { Descriptor } from './descriptor.ts';
import { documentInvalid } from './errors.ts';
import { encodeJson } from './json-document.ts';
import { type Index, type Manifest, parseManifest } from './manifest.ts';
import { isManifestType, MEDIA_TYPE } from './media-type.ts';
import { REF_NAME } from './ref-name.ts';
import { formatReference, parseReference } from './reference.ts';
import { writeFileAtomic } from './stage-file.ts';
import { paddingOf, TAR_END, tarHeader } from './tar-header.ts';
import { readDocument } from './verify-content.ts';
import { walkContent } from './walk-content.ts';

/** How an archive names its image. */
export interface ArchiveOptions {
  /** Full names: `example/app:1.0`. Docker gives the loaded image these. */
  readonly references?: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * One tar that `docker load` reads (`manifest.json`), old engines and new ones, and that OCI tools read as a layout in a
 * tar (`oci-layout`, `index.json`). Blobs stream from the store and are checked on the way.
 *
 * @throws {OciError} what reading the store throws, `REFERENCE_INVALID`
 */
export async function* imageArchive(
  store: ContentReader,
  root: Descriptor,
  options: ArchiveOptions = {},
): AsyncGenerator<Uint8Array> {
  const { references = [], signal } = options;
  const names = references.map(fullName);
  const content = await walkContent(store, root);
  const documents = {
    'index.json': encodeJson(archiveIndex(root, names)),
    'manifest.json': encodeJson(await dockerManifest(store, content, names)),
    'oci-layout': encodeJson({ imageLayoutVersion: '1.0.0' }),
  };
  yield tarHeader({ kind: 'directory', path: 'blobs', mode: 0o755, size: 0 });
  yield tarHeader({ kind: 'directory', path: 'blobs/sha256', mode: 0o755, size: 0 });
  for (const descriptor of [...content].sort((a, b) => compareBytes(a.digest, b.digest))) {
    yield tarHeader({ kind: 'file', path: blobName(descriptor), mode: 0o644, size: descriptor.size });
    for await (const chunk of store.read(descriptor)) {
      signal?.throwIfAborted();
      yield chunk;
    }
    yield TAR_END.subarray(0, paddingOf(descriptor.size));
  }
  for (const [path, bytes] of Object.entries(documents)) {
    yield tarHeader({ kind: 'file', path, mode: 0o644, size: bytes.length });
    yield bytes;
    yield TAR_END.subarray(0, paddingOf(bytes.length));
  }
  yield TAR_END;
}

/** Writes `imageArchive` to a file that is there whole or not at all. */
export async function writeImageArchive(
  store: ContentReader,
  root: Descriptor,
  { file, ...options }: ArchiveOptions & { readonly file: string },
): Promise<void> {
  await writeFileAtomic(file, imageArchive(store, root, options));
}

/** With a tag: Docker does not find an image again that was loaded without one. */
function fullName(text: string): string {
  const reference = parseReference(text);
  return formatReference({ ...reference, tag: reference.tag ?? 'latest' });
}

function blobName({ digest }: Pick<Descriptor, 'digest'>): string {
  return `blobs/${digest.replace(':', '/')}`;
}

function archiveIndex(root: Descriptor, names: readonly string[]): Index {
  const named = names.map((name) => ({
    ...root,
    // The second is containerd's own: its importer takes the full name from there.
    annotations: {
      ...root.annotations,
      'io.containerd.image.name': name,
      [REF_NAME]: parseReference(name).tag ?? 'latest',
    },
  }));
  return { schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests: named.length > 0 ? named : [root] };
}

/** Docker's own list. It knows no platforms: of an index, each image is listed and the first gets the names. */
async function dockerManifest(
  store: ContentReader,
  content: readonly Descriptor[],
  names: readonly string[],
): Promise<readonly object[]> {
  const manifests: Manifest[] = [];
  for (const descriptor of content) {
    if (!isManifestType(descriptor.mediaType)) continue;
    manifests.push(parseManifest(await readDocument(store, descriptor), descriptor.mediaType));
  }
  if (manifests.length === 0) throw documentInvalid('the image to be archived', 'it has no manifest');
  return manifests.map(({ config, layers }, position) => ({
    Config: blobName(config),
    RepoTags: position === 0 ? names : [],
    Layers: layers.map(blobName),
  }));
}
