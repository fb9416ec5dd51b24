import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { encodeJson, isRecord, type JsonRecord } from '../json-document.ts';

/** The media type of a signature with all that is needed to verify it, which cosign 3 writes. */
export const BUNDLE_MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

const STATEMENT_TYPE = 'application/vnd.in-toto+json';

/**
 * Signs an in-toto statement by a key: a sigstore bundle without transparency log, as `cosign sign --key` and
 * `cosign attest --key` write it. https://github.com/sigstore/protobuf-specs, https://github.com/secure-systems-lab/dsse
 */
export function signStatement(statement: Uint8Array, privateKey: KeyObject): Buffer {
  const signature = sign('sha256', preAuthEncoding(statement), privateKey);
  return encodeJson({
    mediaType: BUNDLE_MEDIA_TYPE,
    verificationMaterial: { publicKey: { hint: keyHint(createPublicKey(privateKey)) } },
    dsseEnvelope: {
      payload: Buffer.from(statement).toString('base64'),
      payloadType: STATEMENT_TYPE,
      signatures: [{ sig: signature.toString('base64') }],
    },
  });
}

/** The statement in a bundle that this key signed; `undefined` where it did not, or it is no bundle. */
export function openStatement(bundle: Uint8Array, publicKey: KeyObject): JsonRecord | undefined {
  const { dsseEnvelope } = parseRecord(bundle) ?? {};
  if (!isRecord(dsseEnvelope) || dsseEnvelope.payloadType !== STATEMENT_TYPE) return undefined;
  const { payload, signatures } = dsseEnvelope;
  if (typeof payload !== 'string' || !Array.isArray(signatures)) return undefined;
  const statement = Buffer.from(payload, 'base64');
  const encoded = preAuthEncoding(statement);
  const signed = signatures.some((entry: unknown) => {
    const sig = isRecord(entry) ? entry.sig : undefined;
    return typeof sig === 'string' && verify('sha256', encoded, publicKey, Buffer.from(sig, 'base64'));
  });
  return signed ? parseRecord(statement) : undefined;
}

/** What is signed of a statement: its type and length are part of it. */
function preAuthEncoding(statement: Uint8Array): Buffer {
  const head = `DSSEv1 ${STATEMENT_TYPE.length} ${STATEMENT_TYPE} ${statement.length} `;
  return Buffer.concat([Buffer.from(head), statement]);
}

/** Which key it was, as cosign tells: its digest. */
function keyHint(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');
}

export function parseRecord(bytes: Uint8Array): JsonRecord | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
