import {
  type ContentReader,
  type Image,
  limitStore,
  parseReference,
  type Reference,
  type RemoteBase,
  type RuntimeBase,
  readBase,
  readRuntime,
  rebaseImage,
} from '@mcpgen/oci';
import type { OpenRepository } from '../build/open-registries.ts';
import { baseUntold } from '../errors.ts';

/** Which base goes and which comes, and how to reach them. */
export interface RebaseOptions {
  /** Of the image, for messages. */
  readonly name: string;
  /** The store that has the image. */
  readonly store: ContentReader;
  /** Default: the base that the image says it was built on, by its tag. */
  readonly base: string | undefined;
  /** Default: what the image says. */
  readonly oldBase: string | undefined;
  readonly openRepository: OpenRepository;
  /** Wraps a store of layers that are read. */
  readonly watch: (store: ContentReader) => ContentReader;
}

/** One image on its new base. */
export interface RebasedImage {
  readonly image: Image;
  /** Where the layers are: those of the base, and the image's own. */
  readonly sources: readonly ContentReader[];
  readonly from: BaseName;
  readonly to: BaseName;
}

export interface BaseName {
  readonly name: string;
  readonly digest: string;
}

/** Puts one image on its new base: documents alone, nothing is written. The same base gives the same image. */
export async function rebasePlatform(image: Image, options: RebaseOptions): Promise<RebasedImage> {
  const { name, store, openRepository, watch } = options;
  const old = await readOldBase(image, options);
  const wanted = options.base ?? old.name;
  const reference = parseReference(wanted);
  const platform = image.descriptor.platform ?? image.config;
  const next = await readBase(openRepository(reference, 'pull'), {
    name: wanted,
    reference: referenceIn(reference),
    platform,
  });
  const own = image.layers.slice(old.layers.length);
  const names = { from: baseName(old), to: baseName(next) };
  if (old.descriptor.digest === next.descriptor.digest) return { image, sources: [store], ...names };
  const rebased = rebaseImage(image, {
    name,
    oldBase: await withRuntime(old, watch),
    newBase: await withRuntime(next, watch),
  });
  return { image: rebased, sources: [next.source, limitStore(store, own)], ...names };
}

const BASE = 'org.opencontainers.image.base';

/** By digest where the image says it: its tag stands for another image by now. */
async function readOldBase(image: Image, { name, oldBase, openRepository }: RebaseOptions): Promise<RemoteBase> {
  const annotations = image.manifest.annotations ?? {};
  const told = oldBase ?? annotations[`${BASE}.name`];
  if (told === undefined) throw baseUntold(name);
  const reference = parseReference(told);
  const digest = oldBase === undefined ? annotations[`${BASE}.digest`] : undefined;
  return readBase(openRepository(reference, 'pull'), {
    name: told,
    reference: digest ?? referenceIn(reference),
    platform: image.descriptor.platform ?? image.config,
  });
}

function referenceIn({ digest, tag }: Reference): string {
  return digest ?? tag ?? 'latest';
}

async function withRuntime(base: RemoteBase, watch: RebaseOptions['watch']): Promise<RuntimeBase> {
  return { ...base, runtime: await readRuntime(watch(base.source), base) };
}

function baseName({ name, descriptor }: RemoteBase): BaseName {
  return { name, digest: descriptor.digest };
}
