import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { signingKeyInvalid } from '../errors.ts';
import type { RemoteDescriptor } from './remote-store.ts';

/** Reads a private Ed25519 key: PEM, or base64 of PKCS #8. */
export function readPrivateKey(text: string): KeyObject {
  return readKey('private', () =>
    isPem(text) ? createPrivateKey(text) : createPrivateKey({ key: fromBase64(text), format: 'der', type: 'pkcs8' }),
  );
}

/** Reads a public Ed25519 key: PEM, or base64 of SPKI. */
export function readPublicKey(text: string): KeyObject {
  return readKey('public', () => {
    // `createPublicKey` would take a private one, too: that must never stand in a configuration.
    if (text.includes('PRIVATE')) throw new Error('it is a private key');
    return isPem(text)
      ? createPublicKey(text)
      : createPublicKey({ key: fromBase64(text), format: 'der', type: 'spki' });
  });
}

/**
 * What is signed: the name under which the snapshot stands and every layer, so that neither can be exchanged.
 *
 *     mcpgen cache snapshot 1
 *     main
 *     application/vnd.mcpgen.cache.directory.v1+zstd sha256:… 1234
 */
function signedText(tag: string, layers: readonly RemoteDescriptor[]): Buffer {
  const lines = layers.map(({ mediaType, digest, size }) => `${mediaType} ${digest} ${size}\n`);
  return Buffer.from(`mcpgen cache snapshot 1\n${tag}\n${lines.join('')}`);
}

/** A signature in base64. */
export function signSnapshot(tag: string, layers: readonly RemoteDescriptor[], key: KeyObject): string {
  return sign(null, signedText(tag, layers), key).toString('base64');
}

/** Whether one of the signatures is of one of the keys. */
export function isSigned(
  tag: string,
  layers: readonly RemoteDescriptor[],
  { signatures, keys }: { readonly signatures: readonly string[]; readonly keys: readonly KeyObject[] },
): boolean {
  const text = signedText(tag, layers);
  return signatures.some((signature) => keys.some((key) => verify(null, text, key, fromBase64(signature))));
}

function readKey(which: 'public' | 'private', read: () => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = read();
  } catch (error) {
    throw signingKeyInvalid(which, error);
  }
  if (key.asymmetricKeyType !== 'ed25519') throw signingKeyInvalid(which, undefined);
  return key;
}

function isPem(text: string): boolean {
  return text.includes('-----BEGIN');
}

function fromBase64(text: string): Buffer {
  return Buffer.from(text, 'base64');
}
