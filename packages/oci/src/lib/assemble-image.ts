import { compareBytes } from './compare-bytes.ts';
import type { Descriptor } from './descriptor.ts';
import { digestBytes } from './digest.ts';
import { baseInvalid } from './errors.ts';
import type { Image } from './image.ts';
import type { ContainerConfig, HistoryEntry, ImageConfig } from './image-config.ts';
import { encodeJson } from './json-document.ts';
import type { Manifest } from './manifest.ts';
import { compressionOf, layerMediaType, MEDIA_TYPE } from './media-type.ts';
import { formatPlatform, matchesPlatform, type Platform } from './platform.ts';
import type { Layer } from './write-layer.ts';

/** What an image starts from: a pulled base, the host base, or `scratch`. */
export interface Base {
  /** `ghcr.io/a/b:1`, `host`, `scratch`: for messages and the annotation `org.opencontainers.image.base.name`. */
  readonly name: string;
  /** Of its manifest, where it has one. */
  readonly descriptor?: Descriptor;
  readonly platform?: Platform;
  readonly config: ContainerConfig;
  readonly layers: readonly Layer[];
  readonly history: readonly HistoryEntry[];
}

/** An empty base. */
export const scratchBase: Base = { name: 'scratch', config: {}, layers: [], history: [] };

/** A layer on top of the base, with what `docker history` shows for it. */
export interface AddedLayer {
  readonly layer: Layer;
  /** What the layer holds: `mcpgen layer:app`. */
  readonly createdBy: string;
}

/** How to run the image. What is absent comes from the base. */
export interface RunConfig {
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  /** Set on top of the base's, by name. */
  readonly env?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly workingDirectory?: string;
  /** `3000/tcp` */
  readonly exposedPorts?: readonly string[];
  /** Set on top of the base's, by name. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly stopSignal?: string;
}

/** What goes into an image. */
export interface ImageParts {
  readonly base: Base;
  readonly layers: readonly AddedLayer[];
  readonly config: RunConfig;
  readonly platform: Platform;
  /** @default 1970-01-01T00:00:00Z, so that the digest does not depend on the time. */
  readonly created?: Date;
  /** Of the manifest. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Makes the configuration and the manifest of an image. Pure: the same parts give the same bytes; the order of keys in
 * `env`, `labels` and `annotations` does not matter.
 *
 * @throws {OciError} `BASE_INVALID` when the base is for another platform.
 */
export function assembleImage(parts: ImageParts): Image {
  const { base, platform, annotations = {} } = parts;
  if (base.platform && !matchesPlatform(base.platform, platform)) {
    throw baseInvalid(base.name, `it is for ${formatPlatform(base.platform)}, not for ${formatPlatform(platform)}`);
  }
  const created = (parts.created ?? new Date(0)).toISOString().replace('.000Z', 'Z');
  const layers = [...base.layers.map(withOciType), ...parts.layers.map(({ layer }) => layer)];
  const config = assembleConfig(parts, layers, created);
  const configBytes = encodeJson(config);
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.manifest,
    config: { mediaType: MEDIA_TYPE.config, digest: digestBytes(configBytes), size: configBytes.length },
    layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
    ...withEntries('annotations', { ...baseAnnotations(base), ...annotations }),
  };
  const manifestBytes = encodeJson(manifest);
  return {
    descriptor: {
      mediaType: MEDIA_TYPE.manifest,
      digest: digestBytes(manifestBytes),
      size: manifestBytes.length,
      platform,
    },
    manifest,
    config,
    layers,
    bytes: { manifest: manifestBytes, config: configBytes },
  };
}

function assembleConfig(parts: ImageParts, layers: readonly Layer[], created: string): ImageConfig {
  const { base, platform } = parts;
  const { os, architecture, variant } = platform;
  return {
    created,
    architecture,
    os,
    ...(variant !== undefined && { variant }),
    config: mergeConfig(base.config, parts.config),
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: [...baseHistory(base), ...parts.layers.map(({ createdBy }) => ({ created, created_by: createdBy }))],
  };
}

function mergeConfig(base: ContainerConfig, own: RunConfig): ContainerConfig {
  // As in a Dockerfile: a new entrypoint makes the base's default arguments meaningless.
  const { Cmd: baseCmd, ...inherited } = base;
  const cmd = own.cmd ?? (own.entrypoint === undefined ? baseCmd : undefined);
  const ports = Object.fromEntries((own.exposedPorts ?? []).map((port) => [port, {}]));
  const env = new Map((base.Env ?? []).map((item) => splitVariable(item)));
  for (const [name, value] of sortedEntries(own.env ?? {})) env.set(name, value);
  const merged: ContainerConfig = {
    ...inherited,
    ...(own.user !== undefined && { User: own.user }),
    ...withEntries('ExposedPorts', { ...base.ExposedPorts, ...ports }),
    ...(env.size > 0 && { Env: [...env].map(([name, value]) => `${name}=${value}`) }),
    ...(own.entrypoint !== undefined && { Entrypoint: own.entrypoint }),
    ...(cmd !== undefined && { Cmd: cmd }),
    ...(own.workingDirectory !== undefined && { WorkingDir: own.workingDirectory }),
    ...withEntries('Labels', { ...base.Labels, ...own.labels }),
    ...(own.stopSignal !== undefined && { StopSignal: own.stopSignal }),
  };
  return Object.fromEntries(sortedEntries(merged));
}

function splitVariable(item: string): readonly [name: string, value: string] {
  const equals = item.indexOf('=');
  return equals < 0 ? [item, ''] : [item.slice(0, equals), item.slice(equals + 1)];
}

/** The base's history, or one made up when it does not tell of each layer: some builders leave it out. */
function baseHistory({ name, layers, history }: Base): readonly HistoryEntry[] {
  if (history.filter((entry) => !entry.empty_layer).length === layers.length) return history;
  return layers.map(() => ({ created_by: `base ${name}` }));
}

/** Docker's layers are byte for byte OCI's: a manifest of ours names them so. */
function withOciType(layer: Layer): Layer {
  const compression = compressionOf(layer.mediaType);
  return compression === undefined ? layer : { ...layer, mediaType: layerMediaType(compression) };
}

function baseAnnotations({ name, descriptor }: Base): Record<string, string> {
  if (descriptor === undefined) return {};
  return { 'org.opencontainers.image.base.digest': descriptor.digest, 'org.opencontainers.image.base.name': name };
}

function withEntries<T>(key: string, values: Readonly<Record<string, T>>): Record<string, Readonly<Record<string, T>>> {
  const entries = sortedEntries(values);
  return entries.length > 0 ? { [key]: Object.fromEntries(entries) } : {};
}

function sortedEntries<T>(values: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(values).sort(([a], [b]) => compareBytes(a, b));
}
