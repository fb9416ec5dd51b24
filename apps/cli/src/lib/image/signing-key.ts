import { createPrivateKey, createPublicKey, type KeyObject, scrypt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { checkKey } from '@mcpgen/oci';
import { keyUnusable } from '../errors.ts';

/** Where the private key and its password stand: by the names that cosign uses. A key has no place in a file of the project. */
export const KEY_VARIABLE = 'COSIGN_PRIVATE_KEY';
const PASSWORD_VARIABLE = 'COSIGN_PASSWORD';

/**
 * Takes the private key from the environment: as cosign keeps it, encrypted under a password, or PEM of OpenSSL. Throws a
 * `CliError` that quotes nothing of it.
 */
export async function readSigningKey(environment: Readonly<Record<string, string | undefined>>): Promise<KeyObject> {
  const pem = environment[KEY_VARIABLE]?.trim() ?? '';
  const password = environment[PASSWORD_VARIABLE] ?? '';
  if (pem === '') throw keyUnusable(KEY_VARIABLE, 'it is not set', `export ${KEY_VARIABLE}="$(cat cosign.key)"`);
  const sealed = /-----BEGIN ENCRYPTED (?:SIGSTORE|COSIGN) PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END/.exec(pem)?.[1];
  const key = sealed === undefined ? openPem(pem, password) : await openSealed(sealed, password);
  checkKey(key);
  return key;
}

/** Reads a public key, such as `cosign.pub`. */
export function readVerifyKey(file: string, shown: string): KeyObject {
  let pem: string;
  try {
    pem = readFileSync(file, 'utf8');
  } catch (error) {
    throw keyUnusable(shown, 'it cannot be read', 'Name the public key, such as --key cosign.pub', error);
  }
  if (/PRIVATE KEY-----/.test(pem))
    throw keyUnusable(shown, 'it is a private key', 'Name its public key, such as cosign.pub');
  try {
    const key = createPublicKey(pem);
    checkKey(key);
    return key;
  } catch (error) {
    throw keyUnusable(
      shown,
      'it is no public key for ECDSA on P-256 in PEM',
      'Make one by cosign generate-key-pair',
      error,
    );
  }
}

function openPem(pem: string, passphrase: string): KeyObject {
  try {
    return createPrivateKey({ key: pem, passphrase });
  } catch {
    // The cause could quote the key.
    throw keyUnusable(KEY_VARIABLE, 'it is no private key in PEM, or the password is wrong', WHERE);
  }
}

const WHERE = `Put the content of cosign.key into ${KEY_VARIABLE}, and its password into ${PASSWORD_VARIABLE}`;

/** The most memory that a key may ask for when it is opened, bytes; cosign's ask for 64 MiB. */
const MAX_MEMORY = 512 * 1024 * 1024;

/** Cosign's own form: https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md, scrypt and NaCl's secretbox. */
async function openSealed(sealed: string, password: string): Promise<KeyObject> {
  const { kdf, cipher, ciphertext } = parseSealed(Buffer.from(sealed, 'base64').toString('utf8'));
  const { xsalsa20poly1305 } = await import('@noble/ciphers/salsa.js');
  try {
    const { N, r, p } = kdf.params;
    const salt = Buffer.from(kdf.salt, 'base64');
    const secret = await deriveKey(password, salt, 32, { N, r, p, maxmem: MAX_MEMORY });
    const nonce = Buffer.from(cipher.nonce, 'base64');
    const key = xsalsa20poly1305(secret, nonce).decrypt(Buffer.from(ciphertext, 'base64'));
    return createPrivateKey({ key: Buffer.from(key), format: 'der', type: 'pkcs8' });
  } catch {
    throw keyUnusable(KEY_VARIABLE, 'its password is wrong, or it is damaged', WHERE);
  }
}

const deriveKey = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(
  scrypt,
);

interface SealedKey {
  readonly kdf: { readonly name: string; readonly params: { N: number; r: number; p: number }; readonly salt: string };
  readonly cipher: { readonly name: string; readonly nonce: string };
  readonly ciphertext: string;
}

function parseSealed(text: string): SealedKey {
  try {
    const key = JSON.parse(text) as SealedKey;
    if (key.kdf.name === 'scrypt' && key.cipher.name === 'nacl/secretbox') return key;
  } catch {
    // Told below.
  }
  throw keyUnusable(KEY_VARIABLE, 'it is not a key as cosign writes it', WHERE);
}
