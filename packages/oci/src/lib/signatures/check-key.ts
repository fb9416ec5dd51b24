import type { KeyObject } from 'node:crypto';
import { keyInvalid } from './signature-errors.ts';

/** The kind of key that cosign makes; others are refused before anything is signed by them, or believed. */
export function checkKey(key: KeyObject): void {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'ec' && details?.namedCurve === 'prime256v1') return;
  throw keyInvalid(`it is for ${[type ?? 'none', details?.namedCurve].filter(Boolean).join(' ')}, not ECDSA on P-256`);
}
