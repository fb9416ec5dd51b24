import { isDeepStrictEqual } from 'node:util';
import { compareBytes } from '../compare-bytes.ts';
import type { Image } from '../image.ts';
import type { ImageConfig } from '../image-config.ts';
import { formatPlatform } from '../platform.ts';
import type { Layer } from '../write-layer.ts';

/** A layer with what its history says of it. */
export interface NamedLayer extends Layer {
  /** `mcpgen layer:app`, or the command of a Dockerfile; empty where nothing is told. */
  readonly createdBy: string;
}

/** A value of the configuration or an annotation that differs; absent where it is not there. */
export interface ValueDifference {
  /** `config.Env.PORT`, `config.User`, `annotations.org.opencontainers.image.version` */
  readonly name: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Two layers that stand for each other, or one that has no counterpart. */
export type LayerPair =
  | { readonly kind: 'same'; readonly before: NamedLayer; readonly after: NamedLayer }
  | { readonly kind: 'changed'; readonly before: NamedLayer; readonly after: NamedLayer }
  | { readonly kind: 'removed'; readonly before: NamedLayer }
  | { readonly kind: 'added'; readonly after: NamedLayer };

/** What differs between two images, as far as their documents tell. */
export interface ImageDifference {
  readonly values: readonly ValueDifference[];
  readonly layers: readonly LayerPair[];
}

/**
 * Compares configuration, annotations and layers of two images. Layers are paired by content, then by what made them, in
 * order; `same` means the same files, however they are compressed. Pure: `listLayer` and `diffFiles` say what differs
 * within a pair that changed.
 */
export function diffImages(before: Image, after: Image): ImageDifference {
  return { values: diffValues(valuesOf(before), valuesOf(after)), layers: pairLayers(before, after) };
}

/** The layers of an image with what made them. */
export function namedLayers({ layers, config }: Pick<Image, 'layers' | 'config'>): readonly NamedLayer[] {
  const told = config.history.filter((entry) => !entry.empty_layer);
  const fits = told.length === layers.length;
  return layers.map((layer, position) => ({
    ...layer,
    createdBy: fits ? (told[position]?.created_by ?? '') : '',
  }));
}

/** Unchanged layers part both lists into runs; within a run, layers with one maker and then neighbours are paired. */
function pairLayers(before: Image, after: Image): readonly LayerPair[] {
  const old = namedLayers(before);
  const now = namedLayers(after);
  const pairs: LayerPair[] = [];
  let oldFrom = 0;
  let nowFrom = 0;
  for (const [position, layer] of now.entries()) {
    const same = old.findIndex((candidate, at) => at >= oldFrom && candidate.diffId === layer.diffId);
    const counterpart = old[same];
    if (counterpart === undefined) continue;
    pairs.push(...pairRun(old.slice(oldFrom, same), now.slice(nowFrom, position)));
    pairs.push({ kind: 'same', before: counterpart, after: layer });
    oldFrom = same + 1;
    nowFrom = position + 1;
  }
  return [...pairs, ...pairRun(old.slice(oldFrom), now.slice(nowFrom))];
}

function pairRun(before: readonly NamedLayer[], after: readonly NamedLayer[]): readonly LayerPair[] {
  const left = [...before];
  const pairs = after.map((layer): LayerPair => {
    const named = left.findIndex(({ createdBy }) => createdBy !== '' && createdBy === layer.createdBy);
    // Of base images from elsewhere: commands change with what they do.
    const position = named >= 0 ? named : before.length === after.length ? 0 : -1;
    const [counterpart] = position < 0 ? [] : left.splice(position, 1);
    return counterpart === undefined
      ? { kind: 'added', after: layer }
      : { kind: 'changed', before: counterpart, after: layer };
  });
  return [...left.map((layer): LayerPair => ({ kind: 'removed', before: layer })), ...pairs];
}

function valuesOf({ manifest, config }: Image): ReadonlyMap<string, unknown> {
  const values = new Map<string, unknown>([
    ['platform', formatPlatform(config)],
    ['created', config.created],
  ]);
  for (const [name, value] of Object.entries(manifest.annotations ?? {})) values.set(`annotations.${name}`, value);
  for (const [name, value] of configValues(config)) values.set(`config.${name}`, value);
  return values;
}

function configValues({ config }: ImageConfig): readonly (readonly [string, unknown])[] {
  const { Env = [], Labels = {}, ExposedPorts = {}, ...rest } = config;
  return [
    ...Object.entries(rest),
    ...Env.map((item) => [`Env.${item.split('=', 1)[0]}`, item.slice(item.indexOf('=') + 1)] as const),
    ...Object.entries(Labels).map(([name, value]) => [`Labels.${name}`, value] as const),
    ...Object.keys(ExposedPorts).map((port) => [`ExposedPorts.${port}`, true] as const),
  ];
}

function diffValues(
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
): readonly ValueDifference[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort(compareBytes);
  return names
    .filter((name) => !isDeepStrictEqual(before.get(name), after.get(name)))
    .map((name) => ({
      name,
      ...(before.has(name) && { before: before.get(name) }),
      ...(after.has(name) && { after: after.get(name) }),
    }));
}
