import type { Base } from './assemble-image.ts';
import type { ContentReader, TagStore } from './content-store.ts';
import type { Descriptor } from './descriptor.ts';
import { platformNotFound } from './errors.ts';
import { limitStore } from './limit-store.ts';
import { isIndexType } from './media-type.ts';
import { formatPlatform, matchesPlatform, type Platform } from './platform.ts';
import { readImage } from './read-images.ts';
import { readManifestOrIndex } from './walk-content.ts';

/** Which base to read. */
export interface ReadBaseOptions {
  /** Its full name, for messages and annotations. */
  readonly name: string;
  /** The tag or digest in the store. */
  readonly reference: string;
  readonly platform: Platform;
}

/** A base whose layers lie elsewhere. */
export interface RemoteBase extends Base {
  /** The manifest of the base for the platform. */
  readonly descriptor: Descriptor;
  readonly platform: Platform;
  /** Where its layers are: join it to the store of your own layers (`joinStores`) to copy or archive the whole image. */
  readonly source: ContentReader;
}

/**
 * Reads what is needed to build on an image: manifest and configuration, not the layers. The tag is resolved once; all that
 * follows is by digest. A push mounts the layers where it can; `copyBlobs` brings them to a layout.
 *
 * @throws {OciError} `TAG_NOT_FOUND`, `PLATFORM_NOT_FOUND`, `BASE_INVALID`, and what reading throws.
 */
export async function readBase(
  store: ContentReader & TagStore,
  { name, reference, platform }: ReadBaseOptions,
): Promise<RemoteBase> {
  const root = await store.resolve(reference);
  const selected = await selectPlatform(store, root, { name, platform });
  const { descriptor, config, layers } = await readImage(store, selected, name);
  if (!matchesPlatform(config, platform))
    throw platformNotFound(name, formatPlatform(platform), [formatPlatform(config)]);
  return {
    name,
    descriptor,
    platform: descriptor.platform ?? platform,
    config: config.config,
    layers,
    history: config.history,
    source: limitStore(store, layers),
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
