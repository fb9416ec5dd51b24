import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { compareBytes } from './compare-bytes.ts';
import type { Content, ContentIngester, ImageStore } from './content-store.ts';
import type { Descriptor } from './descriptor.ts';
import { type Digest, digestHex } from './digest.ts';
import { blobNotFound, errnoOf, layoutInvalid, tagNotFound } from './errors.ts';
import { encodeJson, parseJsonDocument } from './json-document.ts';
import { type Index, parseIndex } from './manifest.ts';
import { MEDIA_TYPE } from './media-type.ts';
import { type PruneResult, pruneLayout } from './prune-layout.ts';
import { stageFile, writeFileAtomic } from './stage-file.ts';
import { verifyContent } from './verify-content.ts';

/** Where a tag stands in `index.json`. */
export const REF_NAME = 'org.opencontainers.image.ref.name';

const READ_CHUNK = 256 * 1024;

/**
 * An OCI image layout on disk: https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 *
 *     oci-layout                   {"imageLayoutVersion":"1.0.0"}
 *     index.json                   the tags
 *     blobs/sha256/<64 digits>     the blobs: layers, configurations, manifests
 */
export interface Layout extends ImageStore, ContentIngester {
  /** Absolute or relative, as it was opened. */
  readonly directory: string;
  /** The file of a blob, whether it is there or not. */
  blobPath(digest: Digest): string;
  /** What `index.json` lists, tagged or not. */
  list(): Promise<readonly Descriptor[]>;
  /** Removes blobs that no listed image needs, and what interrupted writes left. Not while another process writes here. */
  prune(): Promise<PruneResult>;
}

/**
 * Opens a layout that is there.
 *
 * @throws {OciError} `LAYOUT_INVALID`
 */
export async function openLayout(directory: string): Promise<Layout> {
  const marker = join(directory, 'oci-layout');
  const bytes = await readFile(marker).catch((cause: unknown) => {
    throw layoutInvalid(
      directory,
      errnoOf(cause) === 'ENOENT' ? 'it has no file "oci-layout"' : 'it cannot be read',
      cause,
    );
  });
  const { imageLayoutVersion } = parseJsonDocument(bytes, `"${marker}"`);
  if (imageLayoutVersion !== '1.0.0') throw layoutInvalid(directory, 'its version is not 1.0.0');
  return layoutAt(directory);
}

/**
 * Opens a layout, making an empty one where there is none.
 *
 * @throws {OciError} `LAYOUT_INVALID`, `WRITE_FAILED`
 */
export async function createLayout(directory: string): Promise<Layout> {
  const marker = join(directory, 'oci-layout');
  if (!(await fileSize(marker))) {
    await writeFileAtomic(join(directory, 'index.json'), [encodeJson(EMPTY_INDEX)]);
    await writeFileAtomic(marker, [encodeJson({ imageLayoutVersion: '1.0.0' })]);
  }
  return openLayout(directory);
}

const EMPTY_INDEX: Index = { schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests: [] };

function layoutAt(directory: string): Layout {
  const location = `layout "${directory}"`;
  const indexPath = join(directory, 'index.json');
  const blobPath = (digest: Digest) => join(directory, 'blobs', 'sha256', digestHex(digest));
  const list = async () => (await readIndex(directory, indexPath)).manifests;
  let writing: Promise<void> = Promise.resolve();

  const layout: Layout = {
    directory,
    location,
    blobPath,
    list,
    has: async ({ digest, size }) => (await fileSize(blobPath(digest))) === size,
    async *read(descriptor) {
      yield* verifyContent(
        readBlob(blobPath(descriptor.digest), location, descriptor.digest),
        descriptor,
        `"${descriptor.digest}" from ${location}`,
      );
    },
    async write(descriptor, open) {
      const content = verifyContent(open(), descriptor, `"${descriptor.digest}" for ${location}`);
      const staged = await stageFile(directory, content);
      await staged.commit(blobPath(descriptor.digest));
    },
    ingest: (content) => ingest(directory, blobPath, content),
    async resolve(reference) {
      const manifests = await list();
      const found = manifests.find(
        ({ annotations, digest }) => annotations?.[REF_NAME] === reference || digest === reference,
      );
      if (found !== undefined) return withoutTag(found);
      throw tagNotFound(
        location,
        reference,
        manifests.flatMap(({ annotations }) => annotations?.[REF_NAME] ?? []),
      );
    },
    tag(descriptor, tag) {
      writing = writing.catch(() => {}).then(() => writeTag(descriptor, tag));
      return writing;
    },
    prune: async () => pruneLayout(directory, layout, await list()),
  };
  return layout;

  async function writeTag(descriptor: Descriptor, tag: string): Promise<void> {
    if ((await fileSize(blobPath(descriptor.digest))) === undefined) throw blobNotFound(location, descriptor.digest);
    const index = await readIndex(directory, indexPath);
    const others = index.manifests.filter(({ annotations }) => annotations?.[REF_NAME] !== tag);
    const tagged = { ...descriptor, annotations: { ...descriptor.annotations, [REF_NAME]: tag } };
    const manifests = [...others, tagged].sort((a, b) =>
      compareBytes(a.annotations?.[REF_NAME] ?? '', b.annotations?.[REF_NAME] ?? ''),
    );
    await writeFileAtomic(indexPath, [encodeJson({ ...index, manifests })]);
  }
}

async function readIndex(directory: string, path: string): Promise<Index> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw layoutInvalid(directory, 'it has no file "index.json" that can be read', cause);
  });
  return parseIndex(bytes, MEDIA_TYPE.index, `"${path}"`);
}

async function* readBlob(path: string, location: string, digest: Digest): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path, { highWaterMark: READ_CHUNK });
  } catch (error) {
    throw errnoOf(error) === 'ENOENT' ? blobNotFound(location, digest) : error;
  }
}

async function ingest(directory: string, blobPath: (digest: Digest) => string, content: Content) {
  const hash = createHash('sha256');
  let size = 0;
  const staged = await stageFile(directory, observe(content));
  const digest: Digest = `sha256:${hash.digest('hex')}`;
  await staged.commit(blobPath(digest));
  return { digest, size };

  async function* observe(chunks: Content) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }
}

async function fileSize(path: string): Promise<number | undefined> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isFile() ? stats.size : undefined;
}

function withoutTag({ annotations, ...descriptor }: Descriptor): Descriptor {
  const rest = Object.entries(annotations ?? {}).filter(([name]) => name !== REF_NAME);
  return rest.length > 0 ? { ...descriptor, annotations: Object.fromEntries(rest) } : descriptor;
}
