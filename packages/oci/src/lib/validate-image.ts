import { createHash } from 'node:crypto';
import type { ContentReader } from './content-store.ts';
import { unpackLayer } from './contents/unpack-layer.ts';
import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';
import { type ImageConfig, parseImageConfig } from './image-config.ts';
import type { Index, Manifest } from './manifest.ts';
import { MEDIA_TYPE } from './media-type.ts';
import { formatPlatform, matchesPlatform } from './platform.ts';
import { readDocument } from './verify-content.ts';
import { readManifestOrIndex } from './walk-content.ts';

/** Something that does not hold in an image. */
export interface ImageProblem {
  /** The digest of the content in which it was found. */
  readonly digest: Digest;
  readonly problem: string;
}

const MAX_INDEX_DEPTH = 4;

/**
 * Checks everything that must hold in an image or an index, by reading all of it: digests and sizes, that documents are
 * well-formed, that each layer unpacks to the digest its configuration names, that counts and platforms agree. Gives all
 * problems, not only the first; none means the image is whole.
 */
export async function validateImage(store: ContentReader, root: Descriptor): Promise<readonly ImageProblem[]> {
  return validateDocument(store, root, 0);
}

async function validateDocument(
  store: ContentReader,
  descriptor: Descriptor,
  depth: number,
): Promise<readonly ImageProblem[]> {
  const { digest, mediaType } = descriptor;
  if (depth > MAX_INDEX_DEPTH) return [{ digest, problem: 'indexes nest too deep' }];
  return collecting(digest, async () => {
    const document = await readManifestOrIndex(store, descriptor);
    if (document === undefined) return [{ digest, problem: `"${mediaType}" is neither a manifest nor an index` }];
    if ('layers' in document) return validateManifest(store, descriptor, document);
    const children = await Promise.all(document.manifests.map((child) => validateDocument(store, child, depth + 1)));
    return [...duplicatePlatforms(digest, document), ...children.flat()];
  });
}

async function validateManifest(
  store: ContentReader,
  descriptor: Descriptor,
  manifest: Manifest,
): Promise<readonly ImageProblem[]> {
  if (!isImage(descriptor, manifest)) return readBlobs(store, [manifest.config, ...manifest.layers]);
  const { config, problem } = await tryConfig(store, manifest.config);
  const own = config === undefined ? [problem] : compareConfig(descriptor, manifest, config);
  return [...own, ...(await validateLayers(store, manifest.layers, config?.rootfs.diff_ids ?? []))];
}

/** Attestations and other artifacts are manifests too: of them only the blobs can be checked. */
function isImage({ platform }: Descriptor, { config }: Manifest): boolean {
  const isConfig = config.mediaType === MEDIA_TYPE.config || config.mediaType === MEDIA_TYPE.dockerConfig;
  return isConfig && platform?.os !== 'unknown';
}

async function readBlobs(store: ContentReader, blobs: readonly Descriptor[]): Promise<readonly ImageProblem[]> {
  const problems: ImageProblem[] = [];
  for (const blob of blobs) {
    problems.push(
      ...(await collecting(blob.digest, async () => {
        for await (const _ of store.read(blob));
        return [];
      })),
    );
  }
  return problems;
}

type ConfigResult =
  | { readonly config: ImageConfig; readonly problem?: never }
  | { readonly config?: never; readonly problem: ImageProblem };

async function tryConfig(store: ContentReader, descriptor: Descriptor): Promise<ConfigResult> {
  try {
    return { config: parseImageConfig(await readDocument(store, descriptor)) };
  } catch (error) {
    return { problem: problemOf(descriptor.digest, error) };
  }
}

function compareConfig(
  { digest, platform }: Descriptor,
  manifest: Manifest,
  config: ImageConfig,
): readonly ImageProblem[] {
  const problems: ImageProblem[] = [];
  const named = config.rootfs.diff_ids.length;
  if (named !== manifest.layers.length) {
    problems.push({ digest, problem: `it has ${manifest.layers.length} layers, its configuration names ${named}` });
  }
  const told = config.history.filter((entry) => !entry.empty_layer).length;
  if (config.history.length > 0 && told !== named) {
    problems.push({
      digest: manifest.config.digest,
      problem: `its history tells of ${told} layers, it names ${named}`,
    });
  }
  if (platform && !matchesPlatform(config, platform)) {
    const problem = `it is listed for ${formatPlatform(platform)}, its configuration says ${formatPlatform(config)}`;
    problems.push({ digest, problem });
  }
  return problems;
}

async function validateLayers(
  store: ContentReader,
  layers: readonly Descriptor[],
  diffIds: readonly Digest[],
): Promise<readonly ImageProblem[]> {
  const problems: ImageProblem[] = [];
  for (const [position, layer] of layers.entries()) {
    problems.push(...(await collecting(layer.digest, () => validateLayer(store, layer, diffIds[position]))));
  }
  return problems;
}

async function validateLayer(
  store: ContentReader,
  layer: Descriptor,
  expected: Digest | undefined,
): Promise<readonly ImageProblem[]> {
  const hash = createHash('sha256');
  for await (const chunk of unpackLayer(store, layer)) hash.update(chunk);
  const found = `sha256:${hash.digest('hex')}`;
  if (expected === undefined || found === expected) return [];
  return [{ digest: layer.digest, problem: `it unpacks to "${found}", its configuration names "${expected}"` }];
}

function duplicatePlatforms(digest: Digest, { manifests }: Index): readonly ImageProblem[] {
  const names = manifests.flatMap(({ platform }) => (platform ? formatPlatform(platform) : []));
  const twice = names.filter((name, position) => name !== 'unknown/unknown' && names.indexOf(name) !== position);
  return [...new Set(twice)].map((name) => ({ digest, problem: `it lists ${name} more than once` }));
}

async function collecting(
  digest: Digest,
  action: () => Promise<readonly ImageProblem[]>,
): Promise<readonly ImageProblem[]> {
  try {
    return await action();
  } catch (error) {
    return [problemOf(digest, error)];
  }
}

function problemOf(digest: Digest, error: unknown): ImageProblem {
  return { digest, problem: error instanceof Error ? error.message : String(error) };
}
