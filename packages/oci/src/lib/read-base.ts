import type { Base } from './assemble-image.ts';
import type { ContentReader, TagStore } from './content-store.ts';
import type { Descriptor } from './descriptor.ts';
import { baseInvalid, platformNotFound } from './errors.ts';
import { type ImageConfig, parseImageConfig } from './image-config.ts';
import { type Manifest, parseManifest } from './manifest.ts';
import { compressionOf, isIndexType, isManifestType } from './media-type.ts';
import { formatPlatform, matchesPlatform, type Platform } from './platform.ts';
import { readDocument } from './verify-content.ts';
import { readManifestOrIndex } from './walk-content.ts';
import type { Layer } from './write-layer.ts';

/** Which base to read. */
export interface ReadBaseOptions {
  /** Its full name, for messages and annotations. */
  readonly name: string;
  /** The tag or digest in the store. */
  readonly reference: string;
  readonly platform: Platform;
}

/**
 * Reads what is needed to build on an image: manifest and configuration, not the layers. The tag is resolved once; all that
 * follows is by digest. Push targets get the layers by mounting or through `joinStores`; `copyBlobs` brings them to a layout.
 *
 * @throws {OciError} `TAG_NOT_FOUND`, `PLATFORM_NOT_FOUND`, `BASE_INVALID`, and what reading throws.
 */
export async function readBase(
  store: ContentReader & TagStore,
  { name, reference, platform }: ReadBaseOptions,
): Promise<Base> {
  const root = await store.resolve(reference);
  const descriptor = await selectPlatform(store, root, { name, platform });
  if (!isManifestType(descriptor.mediaType)) throw baseInvalid(name, `it is a "${descriptor.mediaType}", not an image`);
  const manifest = parseManifest(
    await readDocument(store, descriptor),
    descriptor.mediaType,
    `the manifest of "${name}"`,
  );
  const config = parseImageConfig(await readDocument(store, manifest.config), `the configuration of "${name}"`);
  if (!matchesPlatform(config, platform))
    throw platformNotFound(name, formatPlatform(platform), [formatPlatform(config)]);
  return {
    name,
    descriptor,
    platform: {
      os: config.os,
      architecture: config.architecture,
      ...(config.variant !== undefined && { variant: config.variant }),
    },
    config: config.config,
    layers: pairLayers(name, manifest, config),
    history: config.history,
  };
}

async function selectPlatform(
  store: ContentReader,
  root: Descriptor,
  { name, platform }: Pick<ReadBaseOptions, 'name' | 'platform'>,
): Promise<Descriptor> {
  if (!isIndexType(root.mediaType)) return root;
  const index = await readManifestOrIndex(store, root);
  const offered = index !== undefined && 'manifests' in index ? index.manifests : [];
  const found = offered.find((candidate) => candidate.platform && matchesPlatform(candidate.platform, platform));
  if (found !== undefined) return found;
  const names = offered.flatMap((candidate) => (candidate.platform ? formatPlatform(candidate.platform) : []));
  // "unknown/unknown" is how attestations stand in an index.
  throw platformNotFound(
    name,
    formatPlatform(platform),
    names.filter((text) => !text.startsWith('unknown/')),
  );
}

function pairLayers(name: string, { layers }: Manifest, { rootfs }: ImageConfig): readonly Layer[] {
  if (layers.length !== rootfs.diff_ids.length) {
    throw baseInvalid(name, `it has ${layers.length} layers but its configuration names ${rootfs.diff_ids.length}`);
  }
  return layers.map(({ mediaType, digest, size }, position) => {
    const diffId = rootfs.diff_ids[position];
    if (diffId === undefined || compressionOf(mediaType) === undefined)
      throw baseInvalid(name, `a layer is a "${mediaType}"`);
    return { mediaType, digest, size, diffId };
  });
}
