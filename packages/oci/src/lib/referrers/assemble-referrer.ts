import { compareBytes } from '../compare-bytes.ts';
import type { ContentWriter, ReferrerStore } from '../content-store.ts';
import type { Descriptor } from '../descriptor.ts';
import { digestBytes } from '../digest.ts';
import { encodeJson } from '../json-document.ts';
import type { Manifest } from '../manifest.ts';
import { MEDIA_TYPE } from '../media-type.ts';

/** A document about an image, to be kept beside it. */
export interface ReferrerParts {
  /** Of the manifest that it speaks of. */
  readonly subject: Descriptor;
  /** `application/vnd.cyclonedx+json` */
  readonly mediaType: string;
  /** @default the media type */
  readonly artifactType?: string;
  readonly content: Uint8Array;
  /** Of the manifest, which lists of referrers show. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A referrer as data: its manifest and what that points to, ready to be written. */
export interface Referrer {
  /** As lists of referrers have it. */
  readonly descriptor: Descriptor;
  readonly subject: Descriptor;
  readonly manifest: Manifest;
  readonly blobs: readonly { readonly descriptor: Descriptor; readonly bytes: Uint8Array }[];
  readonly bytes: Uint8Array;
}

const EMPTY = Buffer.from('{}');

/**
 * Makes the manifest of a document about an image. Pure.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidelines-for-artifact-usage
 */
export function assembleReferrer(parts: ReferrerParts): Referrer {
  const { subject, mediaType, content, artifactType = mediaType } = parts;
  const entries = Object.entries(parts.annotations ?? {}).sort(([a], [b]) => compareBytes(a, b));
  const annotations = entries.length > 0 ? { annotations: Object.fromEntries(entries) } : {};
  const config = describe(MEDIA_TYPE.empty, EMPTY);
  const layer = describe(mediaType, content);
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.manifest,
    artifactType,
    config,
    layers: [layer],
    subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
    ...annotations,
  };
  const bytes = encodeJson(manifest);
  return {
    descriptor: { ...describe(MEDIA_TYPE.manifest, bytes), artifactType, ...annotations },
    subject,
    manifest,
    blobs: [
      { descriptor: config, bytes: EMPTY },
      { descriptor: layer, bytes: content },
    ],
    bytes,
  };
}

/** Writes a referrer and makes it known as one. */
export async function writeReferrer(store: ContentWriter & ReferrerStore, referrer: Referrer): Promise<void> {
  for (const { descriptor, bytes } of referrer.blobs) await store.write(descriptor, () => [bytes]);
  await store.write(referrer.descriptor, () => [referrer.bytes]);
  await store.attach(referrer.descriptor, referrer.subject);
}

function describe(mediaType: string, bytes: Uint8Array): Descriptor {
  return { mediaType, digest: digestBytes(bytes), size: bytes.length };
}
