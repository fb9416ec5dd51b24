import { type Descriptor, parseDescriptor } from './descriptor.ts';
import { documentInvalid, quoted } from './errors.ts';
import { isRecord, type JsonRecord, parseJsonDocument, readStringMap } from './json-document.ts';
import { isIndexType, isManifestType } from './media-type.ts';

/** The manifest of one image: https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md */
export interface Manifest {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly artifactType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A list of manifests, one per platform: https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md */
export interface Index {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly artifactType?: string;
  readonly manifests: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** More layers than any engine mounts. */
const MAX_LAYERS = 1000;

/**
 * Takes a manifest from bytes that came from outside; `mediaType` is what its descriptor or the registry calls it.
 *
 * @throws {OciError} `DOCUMENT_INVALID`, `DIGEST_INVALID`, `FOREIGN_LAYER`
 */
export function parseManifest(bytes: Uint8Array, mediaType: string, what = 'the manifest'): Manifest {
  const document = parseJsonDocument(bytes, what);
  checkHead(document, mediaType, what);
  if (!isManifestType(mediaType))
    throw documentInvalid(what, `its media type ${quoted(mediaType)} is not that of a manifest`);
  if ('manifests' in document) throw documentInvalid(what, 'it is a manifest and an index at once');
  const layers = readList(document.layers, 'layers', what);
  return { ...readCommon(document, mediaType, what), config: parseDescriptor(document.config, what), layers };
}

/**
 * Takes an index from bytes that came from outside.
 *
 * @throws {OciError} `DOCUMENT_INVALID`, `DIGEST_INVALID`, `FOREIGN_LAYER`
 */
export function parseIndex(bytes: Uint8Array, mediaType: string, what = 'the index'): Index {
  const document = parseJsonDocument(bytes, what);
  checkHead(document, mediaType, what);
  if (!isIndexType(mediaType))
    throw documentInvalid(what, `its media type ${quoted(mediaType)} is not that of an index`);
  if ('layers' in document || 'config' in document)
    throw documentInvalid(what, 'it is a manifest and an index at once');
  return { ...readCommon(document, mediaType, what), manifests: readList(document.manifests, 'manifests', what) };
}

/** What a document points to, in the order in which it must be copied: children before the document itself. */
export function successorsOf(document: Manifest | Index): readonly Descriptor[] {
  return 'manifests' in document ? document.manifests : [...document.layers, document.config];
}

function checkHead(document: JsonRecord, mediaType: string, what: string): void {
  if (document.schemaVersion !== 2) {
    throw documentInvalid(what, `expected "schemaVersion" 2, found ${quoted(document.schemaVersion)}`);
  }
  if (document.mediaType !== undefined && document.mediaType !== mediaType) {
    throw documentInvalid(
      what,
      `it calls itself ${quoted(document.mediaType)} but was announced as ${quoted(mediaType)}`,
    );
  }
}

function readCommon(document: JsonRecord, mediaType: string, what: string) {
  const annotations = readStringMap(document.annotations, `${what}: annotations`);
  return {
    schemaVersion: 2 as const,
    mediaType,
    ...(typeof document.artifactType === 'string' && { artifactType: document.artifactType }),
    ...(isRecord(document.subject) && { subject: parseDescriptor(document.subject, what) }),
    ...(annotations && { annotations }),
  };
}

function readList(value: unknown, name: string, what: string): readonly Descriptor[] {
  if (!Array.isArray(value)) throw documentInvalid(what, `expected a list "${name}"`);
  if (value.length > MAX_LAYERS)
    throw documentInvalid(what, `"${name}" has ${value.length} entries, more than ${MAX_LAYERS}`);
  return value.map((item) => parseDescriptor(item, what));
}
