import type { ContentReader } from './content-store.ts';
import type { Descriptor } from './descriptor.ts';
import { baseInvalid, documentInvalid } from './errors.ts';
import type { Image } from './image.ts';
import { type ImageConfig, parseImageConfig } from './image-config.ts';
import { type Manifest, parseManifest } from './manifest.ts';
import { compressionOf, isManifestType } from './media-type.ts';
import type { Platform } from './platform.ts';
import { readDocument } from './verify-content.ts';
import { walkContent } from './walk-content.ts';
import type { Layer } from './write-layer.ts';

/**
 * Reads the images behind a manifest (one) or an index (one per platform), without their layers: to inspect them, or to
 * build on them.
 *
 * @throws {OciError} `DOCUMENT_INVALID`, `BASE_INVALID` and what reading throws.
 */
export async function readImages(store: ContentReader, root: Descriptor): Promise<readonly Image[]> {
  const content = await walkContent(store, root);
  // "unknown" is how an index lists attestations, which are manifests too.
  const manifests = content.filter(
    ({ mediaType, platform }) => isManifestType(mediaType) && platform?.os !== 'unknown',
  );
  if (manifests.length === 0)
    throw documentInvalid(`"${root.digest}" from ${store.location}`, `a "${root.mediaType}" is not an image`);
  return Promise.all(manifests.map((descriptor) => readImage(store, descriptor)));
}

/** Reads one image by the descriptor of its manifest. */
export async function readImage(
  store: ContentReader,
  descriptor: Descriptor,
  name: string = descriptor.digest,
): Promise<Image> {
  if (!isManifestType(descriptor.mediaType)) throw baseInvalid(name, `it is a "${descriptor.mediaType}", not an image`);
  const bytes = await readDocument(store, descriptor);
  const manifest = parseManifest(bytes, descriptor.mediaType, `the manifest of "${name}"`);
  const configBytes = await readDocument(store, manifest.config);
  const config = parseImageConfig(configBytes, `the configuration of "${name}"`);
  return {
    descriptor: { ...descriptor, platform: platformIn(config) },
    manifest,
    config,
    layers: pairLayers(name, manifest, config),
    bytes: { manifest: bytes, config: configBytes },
  };
}

function platformIn({ os, architecture, variant }: ImageConfig): Platform {
  return { os, architecture, ...(variant !== undefined && { variant }) };
}

/** Joins each blob of the manifest with its digest in the configuration. */
function pairLayers(name: string, { layers }: Manifest, { rootfs }: ImageConfig): readonly Layer[] {
  if (layers.length !== rootfs.diff_ids.length) {
    throw baseInvalid(name, `it has ${layers.length} layers but its configuration names ${rootfs.diff_ids.length}`);
  }
  return rootfs.diff_ids.map((diffId, position) => {
    const layer = layers[position];
    if (layer === undefined || compressionOf(layer.mediaType) === undefined) {
      throw baseInvalid(name, `a layer is a "${layer?.mediaType}"`);
    }
    const { mediaType, digest, size } = layer;
    return { mediaType, digest, size, diffId };
  });
}
