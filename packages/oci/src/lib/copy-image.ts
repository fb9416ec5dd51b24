import type { ContentReader, ContentWriter, TagStore } from './content-store.ts';
import type { Descriptor } from './descriptor.ts';
import { OciError } from './errors.ts';
import { isDocumentType } from './media-type.ts';
import { walkContent } from './walk-content.ts';

/** How a blob or manifest came to be in the target. */
export type CopyOutcome = 'copied' | 'mounted' | 'present';

/** What `copyImage` tells while it works. */
export type CopyEvent =
  | { readonly type: 'copy-started'; readonly descriptor: Descriptor }
  /** Of a blob that is being copied: bytes so far. */
  | { readonly type: 'copy-progress'; readonly descriptor: Descriptor; readonly bytes: number }
  | { readonly type: 'copy-done'; readonly descriptor: Descriptor; readonly outcome: CopyOutcome }
  | { readonly type: 'copy-tagged'; readonly descriptor: Descriptor; readonly tag: string };

/** How to copy. */
export interface CopyBlobsOptions {
  /** Blobs on their way at once. @default 4 */
  readonly concurrency?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: CopyEvent) => void) | undefined;
}

/** How to copy an image, and what to call it. */
export interface CopyImageOptions extends CopyBlobsOptions {
  /** Names in the target, set when all else is there. */
  readonly tags?: readonly string[];
}

/** What a copy did. */
export interface CopyResult {
  readonly copied: number;
  readonly mounted: number;
  readonly present: number;
  /** Of the blobs and manifests that were copied. */
  readonly bytes: number;
}

/** Where an image goes. */
export type CopyTarget = ContentReader & ContentWriter & TagStore;

/**
 * Copies an image or an index with all it needs: what is there is skipped, what the source knows in another repository of
 * the target's registry is mounted, the rest is streamed and checked. Blobs come first, then manifests, then tags, so no
 * tag and no manifest is ever visible before what it needs.
 *
 * @throws {OciError} what source or target throw; the first failure stops the others.
 */
export async function copyImage(
  source: ContentReader,
  root: Descriptor,
  target: CopyTarget,
  options: CopyImageOptions = {},
): Promise<CopyResult> {
  const { tags = [], signal, onEvent } = options;
  const missing = await missingTags(target, root, tags);
  if (target.rejectsIncomplete && (tags.length > missing.length || (await target.has(root)))) {
    onEvent?.({ type: 'copy-done', descriptor: root, outcome: 'present' });
    await tagAll(target, root, missing, onEvent);
    return { copied: 0, mounted: 0, present: 1, bytes: 0 };
  }
  const content = await walkContent(source, root);
  const blobs = content.filter(({ mediaType }) => !isDocumentType(mediaType));
  // One after another: an index may only come after its manifests.
  const documents = content.filter(({ mediaType }) => isDocumentType(mediaType));
  const done = [
    await copyBlobs(source, blobs, target, options),
    await copyBlobs(source, documents, target, { ...options, concurrency: 1 }),
  ];
  signal?.throwIfAborted();
  await tagAll(target, root, missing, onEvent);
  return done.reduce(addResults);
}

function addResults(a: CopyResult, b: CopyResult): CopyResult {
  return {
    copied: a.copied + b.copied,
    mounted: a.mounted + b.mounted,
    present: a.present + b.present,
    bytes: a.bytes + b.bytes,
  };
}

/**
 * Copies blobs in the order given, several at once. By itself for the layers of a base that a layout is to hold.
 *
 * @throws {OciError} what source or target throw; the first failure stops the others.
 */
export async function copyBlobs(
  source: ContentReader,
  descriptors: readonly Descriptor[],
  target: ContentReader & ContentWriter,
  { concurrency = 4, signal, onEvent }: CopyBlobsOptions = {},
): Promise<CopyResult> {
  const result = { copied: 0, mounted: 0, present: 0, bytes: 0 };
  const failure = new AbortController();
  const stop = signal === undefined ? failure.signal : AbortSignal.any([signal, failure.signal]);
  const queue = descriptors.values();

  async function work(): Promise<void> {
    for (const descriptor of queue) {
      stop.throwIfAborted();
      onEvent?.({ type: 'copy-started', descriptor });
      const outcome = await copyOne(source, descriptor, target, { signal: stop, onEvent });
      result[outcome] += 1;
      if (outcome === 'copied') result.bytes += descriptor.size;
      onEvent?.({ type: 'copy-done', descriptor, outcome });
    }
  }

  const workers = Array.from({ length: Math.min(concurrency, descriptors.length) }, () =>
    work().catch((error: unknown) => {
      if (!failure.signal.aborted) failure.abort(error);
    }),
  );
  await Promise.all(workers);
  if (failure.signal.aborted) throw failure.signal.reason;
  return result;
}

async function copyOne(
  source: ContentReader,
  descriptor: Descriptor,
  target: ContentReader & ContentWriter,
  { signal, onEvent }: Pick<CopyBlobsOptions, 'signal' | 'onEvent'>,
): Promise<CopyOutcome> {
  if (await target.has(descriptor)) return 'present';
  const origin = target.mount && (await source.origin?.(descriptor));
  if (origin && (await target.mount?.(descriptor, origin))) return 'mounted';
  await target.write(descriptor, async function* () {
    let bytes = 0;
    for await (const chunk of source.read(descriptor)) {
      signal?.throwIfAborted();
      bytes += chunk.length;
      onEvent?.({ type: 'copy-progress', descriptor, bytes });
      yield chunk;
    }
  });
  return 'copied';
}

/** The tags that do not point at the image yet. */
async function missingTags(target: TagStore, root: Descriptor, tags: readonly string[]): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const tag of tags) {
    if ((await resolveTag(target, tag))?.digest !== root.digest) missing.push(tag);
  }
  return missing;
}

async function resolveTag(target: TagStore, tag: string): Promise<Descriptor | undefined> {
  try {
    return await target.resolve(tag);
  } catch (error) {
    if (error instanceof OciError && error.code === 'TAG_NOT_FOUND') return undefined;
    throw error;
  }
}

async function tagAll(
  target: TagStore,
  descriptor: Descriptor,
  tags: readonly string[],
  onEvent: CopyBlobsOptions['onEvent'],
): Promise<void> {
  for (const tag of tags) {
    await target.tag(descriptor, tag);
    onEvent?.({ type: 'copy-tagged', descriptor, tag });
  }
}
