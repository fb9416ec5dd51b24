import type { ContentWriter, TagStore } from './content-store.ts';
import type { Image, ImageIndex } from './image.ts';

/** Names that the image gets when all of it is there. */
export interface WriteImageOptions {
  readonly tags?: readonly string[];
}

/** Writes the configuration and the manifest of an image whose layers the store has, then its tags. */
export async function writeImage(
  store: ContentWriter & TagStore,
  image: Image,
  { tags = [] }: WriteImageOptions = {},
): Promise<void> {
  await store.write(image.manifest.config, () => [image.bytes.config]);
  await store.write(image.descriptor, () => [image.bytes.manifest]);
  for (const tag of tags) await store.tag(image.descriptor, tag);
}

/** Writes an index and the documents of all its images, then its tags; the images themselves get none. */
export async function writeIndex(
  store: ContentWriter & TagStore,
  { images, descriptor, bytes }: ImageIndex,
  { tags = [] }: WriteImageOptions = {},
): Promise<void> {
  for (const image of images) await writeImage(store, image);
  await store.write(descriptor, () => [bytes]);
  for (const tag of tags) await store.tag(descriptor, tag);
}
