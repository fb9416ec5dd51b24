import type { Digest } from './digest.ts';
import { parseDigest } from './digest.ts';
import { documentInvalid, foreignLayer, quoted } from './errors.ts';
import { isRecord, readStringMap } from './json-document.ts';
import type { Platform } from './platform.ts';

/** Points to content: what it is, its address, and how long it is. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** In bytes. */
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  /** In an index: what the manifest runs on. */
  readonly platform?: Platform;
  /** Of what an artifact is, in an index. */
  readonly artifactType?: string;
}

/** No blob of an image is taken to be larger: 64 GiB. */
const MAX_SIZE = 64 * 1024 ** 3;

/**
 * Takes a descriptor from a document that came from outside.
 *
 * @throws {OciError} `DOCUMENT_INVALID`, `DIGEST_INVALID`, or `FOREIGN_LAYER` when it points outside its registry.
 */
export function parseDescriptor(value: unknown, what: string): Descriptor {
  if (!isRecord(value)) throw documentInvalid(what, 'a descriptor must be an object');
  const { mediaType, size, urls, platform, artifactType } = value;
  if (typeof mediaType !== 'string' || !MEDIA_TYPE_PATTERN.test(mediaType)) {
    throw documentInvalid(what, `a descriptor has the media type ${quoted(mediaType)}`);
  }
  const digest = parseDigest(value.digest);
  if (!isSize(size)) throw documentInvalid(what, `the descriptor of "${digest}" has the size ${quoted(size)}`);
  if ((Array.isArray(urls) && urls.length > 0) || /nondistributable|\.foreign\./.test(mediaType)) {
    throw foreignLayer(`the layer "${digest}" of ${what}`);
  }
  const annotations = readStringMap(value.annotations, `${what}: annotations`);
  return {
    mediaType,
    digest,
    size,
    ...(annotations && { annotations }),
    ...(platform !== undefined && { platform: parsePlatform(platform, what) }),
    ...(typeof artifactType === 'string' && { artifactType }),
  };
}

// RFC 6838, section 4.2.
const MEDIA_TYPE_PATTERN = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/;

function isSize(size: unknown): size is number {
  return Number.isSafeInteger(size) && typeof size === 'number' && size >= 0 && size <= MAX_SIZE;
}

/** Takes a platform from a document that came from outside. */
export function parsePlatform(value: unknown, what: string): Platform {
  if (!isRecord(value)) throw documentInvalid(what, 'a platform must be an object');
  const { os, architecture, variant } = value;
  if (typeof os !== 'string' || typeof architecture !== 'string') {
    throw documentInvalid(what, 'a platform must name "os" and "architecture"');
  }
  return { os, architecture, ...(typeof variant === 'string' && variant !== '' && { variant }) };
}
