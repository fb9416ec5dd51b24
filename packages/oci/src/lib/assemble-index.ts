import { digestBytes } from './digest.ts';
import type { Image, ImageIndex } from './image.ts';
import { encodeJson } from './json-document.ts';
import type { Index } from './manifest.ts';
import { MEDIA_TYPE } from './media-type.ts';

/** Makes the index of images for several platforms, in the order given. Pure. */
export function assembleIndex(
  images: readonly Image[],
  annotations: Readonly<Record<string, string>> = {},
): ImageIndex {
  const names = Object.keys(annotations).sort();
  const index: Index = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.index,
    manifests: images.map(({ descriptor }) => descriptor),
    ...(names.length > 0 && { annotations: Object.fromEntries(names.map((name) => [name, annotations[name] ?? ''])) }),
  };
  const bytes = encodeJson(index);
  const descriptor = { mediaType: MEDIA_TYPE.index, digest: digestBytes(bytes), size: bytes.length };
  return { descriptor, index, images, bytes };
}
