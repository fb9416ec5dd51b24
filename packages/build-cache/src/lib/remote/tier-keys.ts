import { createPublicKey, type KeyObject } from 'node:crypto';
import { readPrivateKey, readPublicKey } from './sign-snapshot.ts';

/** Whose signatures a tier believes, and with what it signs. */
export interface TierKeys {
  readonly publicKeys: readonly KeyObject[];
  readonly privateKey: KeyObject | undefined;
}

/**
 * Whoever signs believes what was signed by the same key: else a signature would vouch for what anybody wrote.
 *
 * @throws {CacheError} `SIGNING_KEY_INVALID`
 */
export function readTierKeys({
  publicKeys = [],
  privateKey,
}: {
  readonly publicKeys?: readonly string[];
  readonly privateKey?: string;
}): TierKeys {
  const own = privateKey === undefined ? undefined : readPrivateKey(privateKey);
  const trusted = publicKeys.map(readPublicKey);
  return { publicKeys: own === undefined ? trusted : [...trusted, createPublicKey(own)], privateKey: own };
}

/** What would be written unsigned where signatures are asked for, nobody would read. */
export function maySign({ publicKeys, privateKey }: TierKeys): boolean {
  return publicKeys.length === 0 || privateKey !== undefined;
}
