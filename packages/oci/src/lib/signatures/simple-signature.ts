import { type KeyObject, sign, verify } from 'node:crypto';
import type { ContentReader, ContentWriter, TagStore } from '../content-store.ts';
import type { Descriptor } from '../descriptor.ts';
import { type Digest, digestBytes, digestHex } from '../digest.ts';
import { OciError } from '../errors.ts';
import { encodeJson, isRecord } from '../json-document.ts';
import { MEDIA_TYPE } from '../media-type.ts';
import { readDocument } from '../verify-content.ts';
import { readManifestOrIndex } from '../walk-content.ts';
import { parseRecord } from './signature-bundle.ts';

/**
 * Signatures in the form that cosign wrote before version 3, and all its versions read: a manifest under the tag
 * `sha256-<digest>.sig`, a layer for each signature.
 * https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
 */
const PAYLOAD_TYPE = 'application/vnd.dev.cosign.simplesigning.v1+json';
const SIGNATURE = 'dev.cosignproject.cosign/signature';

type Store = ContentReader & ContentWriter & TagStore;

/** Adds a signature to those that the tag has. `name` is the repository, as it stands in what is signed. */
export async function addSimpleSignature(
  store: Store,
  subject: Digest,
  { name, privateKey }: { readonly name: string; readonly privateKey: KeyObject },
): Promise<void> {
  const payload = encodeJson({
    critical: {
      identity: { 'docker-reference': name },
      image: { 'docker-manifest-digest': subject },
      type: 'cosign container image signature',
    },
    optional: null,
  });
  const signature = sign('sha256', payload, privateKey).toString('base64');
  const layer = { ...describe(PAYLOAD_TYPE, payload), annotations: { [SIGNATURE]: signature } };
  const layers = [...(await listLayers(store, subject)), layer];
  const diffIds = layers.map(({ digest }) => digest);
  const config = encodeJson({ architecture: '', os: '', config: {}, rootfs: { type: 'layers', diff_ids: diffIds } });
  const manifest = encodeJson({
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.manifest,
    config: describe(MEDIA_TYPE.config, config),
    layers,
  });
  const descriptor = describe(MEDIA_TYPE.manifest, manifest);
  await store.write(layer, () => [payload]);
  await store.write(describe(MEDIA_TYPE.config, config), () => [config]);
  await store.write(descriptor, () => [manifest]);
  await store.tag(descriptor, signatureTag(subject));
}

/** Tells for each signature whether this key made it, for this image. */
export async function checkSimpleSignatures(
  store: Store,
  subject: Digest,
  publicKey: KeyObject,
): Promise<readonly boolean[]> {
  const checked: boolean[] = [];
  for (const layer of await listLayers(store, subject)) {
    const signature = Buffer.from(layer.annotations?.[SIGNATURE] ?? '', 'base64');
    const payload = await readDocument(store, layer);
    checked.push(verify('sha256', payload, publicKey, signature) && digestIn(payload) === subject);
  }
  return checked;
}

function digestIn(payload: Uint8Array): unknown {
  const { critical } = parseRecord(payload) ?? {};
  const image = isRecord(critical) ? critical.image : undefined;
  return isRecord(image) ? image['docker-manifest-digest'] : undefined;
}

async function listLayers(store: Store, subject: Digest): Promise<readonly Descriptor[]> {
  try {
    const document = await readManifestOrIndex(store, await store.resolve(signatureTag(subject)));
    if (document === undefined || !('layers' in document)) return [];
    return document.layers.filter(({ mediaType }) => mediaType === PAYLOAD_TYPE);
  } catch (error) {
    if (error instanceof OciError && error.code === 'TAG_NOT_FOUND') return [];
    throw error;
  }
}

function signatureTag(subject: Digest): string {
  return `sha256-${digestHex(subject)}.sig`;
}

function describe(mediaType: string, bytes: Uint8Array): Descriptor {
  return { mediaType, digest: digestBytes(bytes), size: bytes.length };
}
