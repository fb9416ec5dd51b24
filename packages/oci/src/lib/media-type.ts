/** The media types this package writes and reads, by the names of the OCI image specification. */
export const MEDIA_TYPE = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  empty: 'application/vnd.oci.empty.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
  layerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  layerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar',
  dockerLayerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  dockerLayerZstd: 'application/vnd.docker.image.rootfs.diff.tar.zstd',
} as const;

/** How the tar of a layer is compressed. */
export type Compression = 'gzip' | 'zstd' | 'none';

/** Tells whether a descriptor points to a list of manifests. */
export function isIndexType(mediaType: string): boolean {
  return mediaType === MEDIA_TYPE.index || mediaType === MEDIA_TYPE.dockerIndex;
}

/** Tells whether a descriptor points to the manifest of one image. */
export function isManifestType(mediaType: string): boolean {
  return mediaType === MEDIA_TYPE.manifest || mediaType === MEDIA_TYPE.dockerManifest;
}

/** Tells whether content is a manifest or an index: registries keep these apart from blobs. */
export function isDocumentType(mediaType: string): boolean {
  return isManifestType(mediaType) || isIndexType(mediaType);
}

const LAYER_COMPRESSION: ReadonlyMap<string, Compression> = new Map([
  [MEDIA_TYPE.layer, 'none'],
  [MEDIA_TYPE.layerGzip, 'gzip'],
  [MEDIA_TYPE.layerZstd, 'zstd'],
  [MEDIA_TYPE.dockerLayer, 'none'],
  [MEDIA_TYPE.dockerLayerGzip, 'gzip'],
  [MEDIA_TYPE.dockerLayerZstd, 'zstd'],
]);

/** How a layer of this media type is compressed; `undefined` when it is no layer of a file system. */
export function compressionOf(mediaType: string): Compression | undefined {
  return LAYER_COMPRESSION.get(mediaType);
}

/** The OCI media type of a layer. */
export function layerMediaType(compression: Compression): string {
  switch (compression) {
    case 'gzip':
      return MEDIA_TYPE.layerGzip;
    case 'zstd':
      return MEDIA_TYPE.layerZstd;
    case 'none':
      return MEDIA_TYPE.layer;
    default:
      return compression satisfies never;
  }
}
