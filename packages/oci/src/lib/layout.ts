import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Content, ContentIngester, ImageStore, ReferrerStore } from './content-store.ts';
import type { Descriptor } from './descriptor.ts';
import { type Digest, digestHex } from './digest.ts';
import { blobNotFound, errnoOf, layoutInvalid } from './errors.ts';
import { findListed } from './find-listed.ts';
import { encodeJson, parseJsonDocument } from './json-document.ts';
import { EMPTY_INDEX, layoutIndex } from './layout-index.ts';
import { type PruneResult, pruneLayout } from './prune-layout.ts';
import { REF_NAME } from './ref-name.ts';
import { addDescriptor } from './referrers/add-descriptor.ts';
import { listedReferrers, withoutReferrers } from './referrers/listed-referrers.ts';
import { stageFile, writeFileAtomic } from './stage-file.ts';
import { verifyContent } from './verify-content.ts';

const READ_CHUNK = 256 * 1024;

/**
 * An OCI image layout on disk: https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 *
 *     oci-layout                   {"imageLayoutVersion":"1.0.0"}
 *     index.json                   the tags
 *     blobs/sha256/<64 digits>     the blobs: layers, configurations, manifests
 */
export interface Layout extends ImageStore, ContentIngester, ReferrerStore {
  /** Absolute or relative, as it was opened. */
  readonly directory: string;
  /** The file of a blob, whether it is there or not. */
  blobPath(digest: Digest): string;
  /** What `index.json` lists, tagged or not. */
  list(): Promise<readonly Descriptor[]>;
  /** Takes all referrers out of `index.json`, of whatever they speak: before the image is written anew. */
  detachAll(): Promise<void>;
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

function layoutAt(directory: string): Layout {
  const location = `layout "${directory}"`;
  const blobPath = (digest: Digest) => join(directory, 'blobs', 'sha256', digestHex(digest));
  const { list, change } = layoutIndex(directory);
  const checkThere = async ({ digest }: Descriptor): Promise<void> => {
    if ((await fileSize(blobPath(digest))) === undefined) throw blobNotFound(location, digest);
  };

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
    resolve: async (reference) => withoutTag(findListed(await list(), reference, location)),
    async tag(descriptor, tag) {
      await checkThere(descriptor);
      await change(async (manifests) => withTag(manifests, descriptor, tag));
    },
    referrers: (subject) => listedReferrers(layout, subject),
    async attach(referrer, subject) {
      await checkThere(subject);
      await change(async (manifests) => addDescriptor(manifests, referrer));
    },
    detachAll: () => change(async (manifests) => withoutReferrers(layout, manifests)),
    prune: async () => pruneLayout(directory, layout, await list()),
  };
  return layout;
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

function withTag(manifests: readonly Descriptor[], descriptor: Descriptor, tag: string): readonly Descriptor[] {
  const others = manifests.filter(({ annotations }) => annotations?.[REF_NAME] !== tag);
  return [...others, { ...descriptor, annotations: { ...descriptor.annotations, [REF_NAME]: tag } }];
}

function withoutTag({ annotations, ...descriptor }: Descriptor): Descriptor {
  const rest = Object.entries(annotations ?? {}).filter(([name]) => name !== REF_NAME);
  return rest.length > 0 ? { ...descriptor, annotations: Object.fromEntries(rest) } : descriptor;
}
