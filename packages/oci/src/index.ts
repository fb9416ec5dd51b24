export {
  type AddedLayer,
  assembleImage,
  type Base,
  type ImageParts,
  type RunConfig,
  scratchBase,
} from './lib/assemble-image.ts';
export { assembleIndex } from './lib/assemble-index.ts';
export {
  assembleProvenance,
  type Material,
  PROVENANCE_MEDIA_TYPE,
  PROVENANCE_TYPE,
  type ProvenanceParts,
} from './lib/attestations/assemble-provenance.ts';
export {
  assembleSbom,
  SBOM_MEDIA_TYPE,
  type SbomPackage,
  type SbomParts,
} from './lib/attestations/assemble-sbom.ts';
export { npmPurl, ociPurl } from './lib/attestations/package-url.ts';
export type { CompressionOptions } from './lib/compress.ts';
export type {
  Content,
  ContentIngester,
  ContentReader,
  ContentWriter,
  ImageStore,
  OpenContent,
  ReferrerReader,
  ReferrerStore,
  Repository,
  TagStore,
} from './lib/content-store.ts';
export { diffFiles, type FileDifference } from './lib/contents/diff-files.ts';
export {
  diffImages,
  type ImageDifference,
  type LayerPair,
  type NamedLayer,
  namedLayers,
  type ValueDifference,
} from './lib/contents/diff-images.ts';
export { type LayerFile, listLayer } from './lib/contents/list-layer.ts';
export { type Archive, openArchive } from './lib/contents/open-archive.ts';
export { type Runtime, readRuntime } from './lib/contents/read-runtime.ts';
export type { TarMemberKind } from './lib/contents/read-tar.ts';
export {
  type CopyBlobsOptions,
  type CopyEvent,
  type CopyImageOptions,
  type CopyOutcome,
  type CopyResult,
  type CopyTarget,
  copyBlobs,
  copyImage,
} from './lib/copy-image.ts';
export type { Descriptor } from './lib/descriptor.ts';
export { type Digest, digestBytes, isDigest, parseDigest } from './lib/digest.ts';
export { OciError, type OciErrorCode, type OciErrorFacts } from './lib/errors.ts';
export {
  type HostBaseOptions,
  type HostBasePlan,
  hostBaseOf,
  NONROOT_USER,
  planHostBase,
  writeHostBase,
} from './lib/host-base.ts';
export type { Image, ImageIndex } from './lib/image.ts';
export { type ArchiveOptions, imageArchive, writeImageArchive } from './lib/image-archive.ts';
export type { ContainerConfig, HistoryEntry, ImageConfig } from './lib/image-config.ts';
export { joinStores } from './lib/join-stores.ts';
export type { DirectoryEntry, FileEntry, LayerEntry, SymlinkEntry } from './lib/layer-entry.ts';
export { layerTar } from './lib/layer-tar.ts';
export { createLayout, type Layout, openLayout } from './lib/layout.ts';
export { limitStore } from './lib/limit-store.ts';
export type { Index, Manifest } from './lib/manifest.ts';
export { type Compression, MEDIA_TYPE } from './lib/media-type.ts';
export { type MemoryStore, memoryStore } from './lib/memory-store.ts';
export { formatPlatform, type Platform, platformOf } from './lib/platform.ts';
export type { PruneResult } from './lib/prune-layout.ts';
export { type ReadBaseOptions, type RemoteBase, readBase } from './lib/read-base.ts';
export { readImages } from './lib/read-images.ts';
export { type RebaseOptions, type RuntimeBase, rebaseImage } from './lib/rebase-image.ts';
export { formatReference, parseReference, type Reference } from './lib/reference.ts';
export {
  assembleReferrer,
  type Referrer,
  type ReferrerParts,
  writeReferrer,
} from './lib/referrers/assemble-referrer.ts';
export type { Credentials, CredentialsProvider } from './lib/registry/authenticator.ts';
export { type DockerCredentialsOptions, dockerCredentials } from './lib/registry/docker-credentials.ts';
export { mirroredRegistry } from './lib/registry/mirrored-registry.ts';
export {
  openRegistry,
  type RegistryEvent,
  type RegistryOptions,
  type RegistryStore,
} from './lib/registry/open-registry.ts';
export type { RetryEvent, RetryPolicy } from './lib/registry/retry.ts';
export type { RequestEvent } from './lib/registry/transport.ts';
export { checkKey } from './lib/signatures/check-key.ts';
export {
  type SignatureStore,
  type SignImageOptions,
  signImage,
  type VerifiedImage,
  verifyImage,
} from './lib/signatures/sign-image.ts';
export { type ImageProblem, validateImage } from './lib/validate-image.ts';
export { readManifestOrIndex } from './lib/walk-content.ts';
export { type WriteImageOptions, writeImage, writeIndex } from './lib/write-image.ts';
export { type Layer, type WriteLayerOptions, writeLayer } from './lib/write-layer.ts';
