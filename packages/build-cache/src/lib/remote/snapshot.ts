import { type Digest, digestOf, isDigest } from '../digest.ts';
import type { RemoteDescriptor } from './remote-store.ts';

const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const ARTIFACT_TYPE = 'application/vnd.mcpgen.cache.v1+json';

/** Media types of what a snapshot is made of. */
export const LAYER_TYPE = {
  config: 'application/vnd.mcpgen.cache.config.v1+json',
  directory: 'application/vnd.mcpgen.cache.directory.v1+zstd',
  pack: 'application/vnd.mcpgen.cache.pack.v1+zstd',
  body: 'application/vnd.mcpgen.cache.body.v1',
} as const;

/** Most that a registry takes for a manifest: 4 MiB. */
export const MAX_SNAPSHOT = 4 * 1024 * 1024;

export const MAX_CONFIG = 64 * 1024;

/**
 * All that a remote cache holds under one tag: an OCI manifest whose layers are segments, each a directory with the packs
 * and bodies that follow it. A segment is what one run added.
 */
export interface Snapshot {
  readonly config: RemoteDescriptor;
  readonly segments: readonly Segment[];
}

export interface Segment {
  readonly directory: RemoteDescriptor;
  readonly content: readonly RemoteDescriptor[];
}

export interface SnapshotConfig {
  readonly format: 1;
  /** Base64. */
  readonly signatures: readonly string[];
}

/** Bytes with the descriptor under which they are kept. */
export interface RemoteBlob {
  readonly descriptor: RemoteDescriptor;
  readonly bytes: Buffer;
}

export function remoteBlob(mediaType: string, bytes: Buffer): RemoteBlob {
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}

export function layersOf(segments: readonly Segment[]): RemoteDescriptor[] {
  const seen = new Set<Digest>();
  const layers = segments.flatMap(({ directory, content }) => [directory, ...content]);
  // What two segments need is listed once: whoever reads asks for it by digest.
  return layers.filter(({ digest }) => !seen.has(digest) && seen.add(digest));
}

export function encodeSnapshot(segments: readonly Segment[], config: RemoteDescriptor): RemoteBlob {
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    artifactType: ARTIFACT_TYPE,
    config,
    layers: layersOf(segments),
  };
  return remoteBlob(MANIFEST_TYPE, Buffer.from(JSON.stringify(manifest)));
}

/** `undefined` for anything that is not a snapshot of this format. */
export function parseSnapshot(bytes: Buffer): Snapshot | undefined {
  const manifest = parseJson(bytes);
  if (!isRecord(manifest) || manifest.schemaVersion !== 2 || manifest.artifactType !== ARTIFACT_TYPE) return undefined;
  const config = parseDescriptor(manifest.config);
  if (config?.mediaType !== LAYER_TYPE.config || config.size > MAX_CONFIG) return undefined;
  if (!Array.isArray(manifest.layers)) return undefined;
  const segments: { directory: RemoteDescriptor; content: RemoteDescriptor[] }[] = [];
  for (const value of manifest.layers) {
    const layer = parseDescriptor(value);
    if (layer === undefined) return undefined;
    if (layer.mediaType === LAYER_TYPE.directory) segments.push({ directory: layer, content: [] });
    else if (layer.mediaType === LAYER_TYPE.pack || layer.mediaType === LAYER_TYPE.body) {
      const last = segments.at(-1);
      if (last === undefined) return undefined;
      last.content.push(layer);
    } else return undefined;
  }
  return { config, segments };
}

export function encodeConfig(signatures: readonly string[]): RemoteBlob {
  const config: SnapshotConfig = { format: 1, signatures };
  return remoteBlob(LAYER_TYPE.config, Buffer.from(JSON.stringify(config)));
}

export function parseConfig(bytes: Buffer): SnapshotConfig | undefined {
  const config = parseJson(bytes);
  if (!isRecord(config) || config.format !== 1 || !Array.isArray(config.signatures)) return undefined;
  const signatures = config.signatures.filter((signature): signature is string => typeof signature === 'string');
  return { format: 1, signatures };
}

export function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function parseDescriptor(value: unknown): RemoteDescriptor | undefined {
  if (!isRecord(value)) return undefined;
  const { mediaType, digest, size, urls } = value;
  if (typeof mediaType !== 'string' || !isDigest(digest) || !isSize(size) || urls !== undefined) return undefined;
  return { mediaType, digest, size };
}
