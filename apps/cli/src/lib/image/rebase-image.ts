import {
  assembleIndex,
  type ContentReader,
  type CopyResult,
  type CopyTarget,
  copyImage,
  type Descriptor,
  joinStores,
  memoryStore,
  parseReference,
  readManifestOrIndex,
  writeImage,
  writeIndex,
} from '@mcpgen/oci';
import { type OpenRepository, openRegistries } from '../build/open-registries.ts';
import type { CliContext } from '../context.ts';
import { imageReadOnly, usageError } from '../errors.ts';
import { formatBytes } from '../report/format.ts';
import type { ProgressLine } from '../report/progress-line.ts';
import { watched } from './layer-contents.ts';
import { type OpenImage, openImage } from './open-image.ts';
import { readPlatforms } from './read-platforms.ts';
import { type RebasedImage, rebasePlatform } from './rebase-platform.ts';

export interface RebaseRequest {
  readonly name: string;
  /** The new base; default: the old one by its tag. */
  readonly base: string | undefined;
  /** Default: what the image says. */
  readonly oldBase: string | undefined;
  /** What to call the result: a reference, or a tag of a layout. Default: as the image is called. */
  readonly tag: string | undefined;
  readonly insecure: boolean;
  readonly progress: ProgressLine;
}

/** What became of an image. */
export interface RebaseResult {
  /** As a person would name the result. */
  readonly target: string;
  readonly before: Descriptor;
  readonly after: Descriptor;
  readonly images: readonly RebasedImage[];
  readonly copied: CopyResult;
}

/** Puts an image, or each image of an index, on its new base, and gives the result its name when all of it is there. */
export async function rebase(context: CliContext, request: RebaseRequest): Promise<RebaseResult> {
  const { name, insecure, progress } = request;
  const image = await openImage(context, name, { insecure, access: 'push' });
  const openRepository = openRegistries(context, { insecure });
  const { target, tag, shown } = openTarget(image, request.tag, openRepository);
  const watch = (store: ContentReader) => watched(store, { progress, signal: context.signal });
  const images: RebasedImage[] = [];
  for (const one of await readPlatforms(image, undefined)) {
    images.push(await rebasePlatform(one, { ...request, store: image.store, openRepository, watch }));
  }
  const documents = memoryStore();
  const after = await writeDocuments(documents, image, images);
  const source = joinStores(documents, ...images.flatMap(({ sources }) => sources));
  const copied = await copyImage(source, after, target, {
    tags: [tag],
    signal: context.signal,
    onEvent: (event) => {
      if (event.type === 'copy-progress') progress.show(`sending ${formatBytes(event.bytes)}`);
    },
  });
  return { target: shown, before: image.root, after, images, copied };
}

interface Target {
  readonly target: CopyTarget;
  readonly tag: string;
  readonly shown: string;
}

/** The same tag of the same place, unless another one is named: in a registry by a reference, in a layout by a tag. */
function openTarget(image: OpenImage, wanted: string | undefined, openRepository: OpenRepository): Target {
  const { kind, name } = image;
  if (kind === 'archive') throw imageReadOnly(name);
  if (kind === 'layout') {
    const tag = wanted ?? image.tag ?? 'latest';
    if (!/^\w[\w.-]{0,127}$/.test(tag))
      throw usageError(`Cannot use "${tag}" as a tag of a layout`, 'Such as --tag 1.0');
    return { target: image.store, tag, shown: `${image.store.directory}:${tag}` };
  }
  const reference = wanted === undefined ? image.reference : parseReference(wanted);
  if (reference.digest !== undefined) {
    throw usageError('Cannot write to a digest: it always stands for the same image', 'Name the result with --tag');
  }
  const tag = reference.tag ?? 'latest';
  return { target: openRepository(reference, 'push'), tag, shown: wanted ?? name };
}

/** The documents of the result: an index where it was one. */
async function writeDocuments(
  documents: ReturnType<typeof memoryStore>,
  { store, root }: OpenImage,
  images: readonly RebasedImage[],
): Promise<Descriptor> {
  const document = await readManifestOrIndex(store, root);
  const [first] = images;
  if (document !== undefined && 'manifests' in document) {
    const index = assembleIndex(
      images.map(({ image }) => image),
      document.annotations,
    );
    await writeIndex(documents, index);
    return index.descriptor;
  }
  if (first === undefined) throw new TypeError('An image has at least one platform');
  await writeImage(documents, first.image);
  return first.image.descriptor;
}
