import { createPublicKey, type KeyObject } from 'node:crypto';
import type { ContentReader, ContentWriter, ReferrerStore, TagStore } from '../content-store.ts';
import type { Descriptor } from '../descriptor.ts';
import { type Digest, digestHex } from '../digest.ts';
import { encodeJson, isRecord } from '../json-document.ts';
import { isManifestType } from '../media-type.ts';
import { assembleReferrer, writeReferrer } from '../referrers/assemble-referrer.ts';
import { readDocument } from '../verify-content.ts';
import { readManifestOrIndex } from '../walk-content.ts';
import { checkKey } from './check-key.ts';
import { BUNDLE_MEDIA_TYPE, openStatement, signStatement } from './signature-bundle.ts';
import { signatureMissing, signatureUntrusted } from './signature-errors.ts';
import { addSimpleSignature, checkSimpleSignatures } from './simple-signature.ts';

/** Where signatures of images are kept: with the images. */
export type SignatureStore = ContentReader & ContentWriter & TagStore & ReferrerStore;

/** How to sign. */
export interface SignImageOptions {
  /** The repository, as it stands in what is signed: `ghcr.io/owner/name`. */
  readonly name: string;
  /** ECDSA on P-256. */
  readonly privateKey: KeyObject;
  /** In-toto statements about the image, such as its provenance, to be signed as well. */
  readonly statements?: readonly Uint8Array[];
}

/** What says in a statement that it is nothing but a signature of its subject. */
const SIGN_TYPE = 'https://sigstore.dev/cosign/sign/v1';

/**
 * Signs an image or index that is in the store, in both forms that cosign verifies: a bundle as referrer, and under the tag
 * `sha256-<digest>.sig` for its versions before 3. What this key has signed is not signed again.
 *
 * @throws {OciError} `KEY_INVALID`, and what the store throws.
 */
export async function signImage(store: SignatureStore, subject: Descriptor, options: SignImageOptions): Promise<void> {
  const { name, privateKey, statements = [] } = options;
  checkKey(privateKey);
  const publicKey = createPublicKey(privateKey);
  const signed = new Set(
    (await listBundles(store, subject.digest, publicKey)).map((statement) => statement?.predicateType),
  );
  for (const statement of [signStatementOf(subject.digest), ...statements]) {
    const type = predicateType(statement);
    if (signed.has(type)) continue;
    const annotations = { 'dev.sigstore.bundle.content': 'dsse-envelope', 'dev.sigstore.bundle.predicateType': type };
    const content = signStatement(statement, privateKey);
    await writeReferrer(store, assembleReferrer({ subject, mediaType: BUNDLE_MEDIA_TYPE, content, annotations }));
  }
  const simple = await checkSimpleSignatures(store, subject.digest, publicKey);
  if (!simple.includes(true)) await addSimpleSignature(store, subject.digest, { name, privateKey });
}

/** What was found of an image's signatures. */
export interface VerifiedImage {
  /** Predicate types of the statements that the key signed about the image, the signature's own among them. */
  readonly statements: readonly string[];
  /** Signatures in all, also those of other keys. */
  readonly signatures: number;
}

/**
 * Checks that a key signed an image or index, in either form that cosign writes.
 *
 * @throws {OciError} `SIGNATURE_MISSING` where nobody signed it, `SIGNATURE_UNTRUSTED` where others did, `KEY_INVALID`.
 */
export async function verifyImage(
  store: SignatureStore,
  subject: Digest,
  publicKey: KeyObject,
): Promise<VerifiedImage> {
  checkKey(publicKey);
  const bundles = await listBundles(store, subject, publicKey);
  const simple = await checkSimpleSignatures(store, subject, publicKey);
  const own = bundles.flatMap((statement) => (statement === undefined ? [] : [statement.predicateType]));
  const statements = [...new Set([...own, ...(simple.includes(true) ? [SIGN_TYPE] : [])])].sort();
  const signatures = bundles.length + simple.length;
  if (statements.includes(SIGN_TYPE)) return { statements, signatures };
  throw signatures === 0
    ? signatureMissing(store.location, subject)
    : signatureUntrusted(store.location, subject, signatures);
}

function signStatementOf(subject: Digest): Buffer {
  return encodeJson({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { sha256: digestHex(subject) }, annotations: {} }],
    predicateType: SIGN_TYPE,
    predicate: {},
  });
}

function predicateType(statement: Uint8Array): string {
  const value: unknown = JSON.parse(Buffer.from(statement).toString('utf8'));
  return isRecord(value) && typeof value.predicateType === 'string' ? value.predicateType : '';
}

/** A statement that the key signed about this image. */
interface OwnStatement {
  readonly predicateType: string;
}

/** Of each bundle about the image: what the key signed, or `undefined` where another one did. */
async function listBundles(
  store: SignatureStore,
  subject: Digest,
  publicKey: KeyObject,
): Promise<readonly (OwnStatement | undefined)[]> {
  const found: (OwnStatement | undefined)[] = [];
  for (const referrer of await store.referrers(subject)) {
    // Cosign lists its own by another artifact type: what counts is what they hold.
    const document = isManifestType(referrer.mediaType) ? await readManifestOrIndex(store, referrer) : undefined;
    const layers = document !== undefined && 'layers' in document ? document.layers : [];
    for (const layer of layers.filter(({ mediaType }) => mediaType === BUNDLE_MEDIA_TYPE)) {
      found.push(ownStatement(openStatement(await readDocument(store, layer), publicKey), subject));
    }
  }
  return found;
}

function ownStatement(statement: ReturnType<typeof openStatement>, subject: Digest): OwnStatement | undefined {
  if (typeof statement?.predicateType !== 'string' || !Array.isArray(statement.subject)) return undefined;
  const digest = digestHex(subject);
  const speaks = statement.subject.some(
    (entry: unknown) => isRecord(entry) && isRecord(entry.digest) && entry.digest.sha256 === digest,
  );
  return speaks ? { predicateType: statement.predicateType } : undefined;
}
