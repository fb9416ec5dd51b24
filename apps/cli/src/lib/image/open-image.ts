import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type Archive,
  type Descriptor,
  isDigest,
  type Layout,
  openArchive,
  openLayout,
  parseReference,
  type Reference,
  type RegistryStore,
} from '@mcpgen/oci';
import { openRegistries } from '../build/open-registries.ts';
import type { CliContext } from '../context.ts';
import { imageMissing, imageTagUnclear } from '../errors.ts';

interface NamedImage {
  /** As the person named it. */
  readonly name: string;
  readonly root: Descriptor;
}

/** An image of a registry. */
export interface RegistryImage extends NamedImage {
  readonly kind: 'registry';
  readonly store: RegistryStore;
  readonly reference: Reference;
}

/** An image in a layout on disk. */
export interface LayoutImage extends NamedImage {
  readonly kind: 'layout';
  readonly store: Layout;
  /** Where it was asked for by one. */
  readonly tag?: string;
}

/** An image in a tar file, which can only be read. */
export interface ArchiveImage extends NamedImage {
  readonly kind: 'archive';
  readonly store: Archive;
}

/** An image or index that a person named, wherever it lies. */
export type OpenImage = RegistryImage | LayoutImage | ArchiveImage;

export interface OpenImageOptions {
  readonly insecure: boolean;
  /** @default 'pull' */
  readonly access?: 'pull' | 'push';
}

/** Never asked of a registry. Where a build writes its image is the default of commands: only that it is not there yet. */
const PATH = /^[./~]|\.tar$|^dist\/image(?:[:@]|$)/;

/** Opens a layout directory or a tar file, where there is one of that name, else an image of a registry. */
export async function openImage(context: CliContext, name: string, options: OpenImageOptions): Promise<OpenImage> {
  const place = findPlace(context.directory, name);
  if (place === undefined) {
    if (PATH.test(name)) throw imageMissing(name);
    return openRegistryImage(context, name, options);
  }
  if (place.kind === 'archive') {
    const store = await openArchive(place.path);
    return { kind: 'archive', name, store, root: await findRoot(store, place, name) };
  }
  const store = await openLayout(place.path);
  const { reference } = place;
  const tag = reference === undefined || isDigest(reference) ? {} : { tag: reference };
  return { kind: 'layout', name, store, root: await findRoot(store, place, name), ...tag };
}

/** Opens an image of a registry by reference; without a tag it is `latest`. */
export async function openRegistryImage(
  context: CliContext,
  name: string,
  { insecure, access = 'pull' }: OpenImageOptions,
): Promise<RegistryImage> {
  const reference = parseReference(name);
  const store = openRegistries(context, { insecure })(reference, access);
  const root = await store.resolve(reference.digest ?? reference.tag ?? 'latest');
  return { kind: 'registry', name, store, reference, root };
}

interface Place {
  readonly path: string;
  readonly kind: 'layout' | 'archive';
  /** Tag or digest, where the name ends with one. */
  readonly reference?: string;
}

/** `dist/image`, `dist/image:1.0`, `image.tar`, `image.tar@sha256:…` */
function findPlace(directory: string, name: string): Place | undefined {
  const [, stem = '', reference] =
    /^(.+?)(?:@(sha256:[a-f0-9]{64})|:([\w][\w.-]*))$/.exec(name)?.flatMap((part) => part ?? []) ?? [];
  const names = [[name], [stem, reference]].flatMap(([path = '', suffix]) => (path === '' ? [] : [{ path, suffix }]));
  for (const { path, suffix } of names) {
    const full = resolve(directory, path);
    const stats = statSync(full, { throwIfNoEntry: false });
    if (stats === undefined) continue;
    const kind = stats.isDirectory() ? 'layout' : 'archive';
    return { path: full, kind, ...(suffix !== undefined && { reference: suffix }) };
  }
  return undefined;
}

async function findRoot(store: Layout | Archive, { reference }: Place, name: string): Promise<Descriptor> {
  if (reference !== undefined) return store.resolve(reference);
  // Documents that speak of images are listed, too.
  return onlyImage(
    name,
    (await store.list()).filter(({ artifactType }) => artifactType === undefined),
  );
}

function onlyImage(name: string, listed: readonly Descriptor[]): Descriptor {
  const digests = new Set(listed.map(({ digest }) => digest));
  const latest = listed.find((descriptor) => tagOf(descriptor) === 'latest');
  const [first] = listed;
  const found = latest ?? (digests.size === 1 ? first : undefined);
  if (found === undefined)
    throw imageTagUnclear(
      name,
      listed.flatMap((descriptor) => tagOf(descriptor) ?? []),
    );
  return found;
}

function tagOf({ annotations }: Descriptor): string | undefined {
  return annotations?.['org.opencontainers.image.ref.name'];
}
