import { OciError } from '../errors.ts';

export function keyInvalid(problem: string, cause?: unknown): OciError {
  return new OciError(`Cannot use the key: ${problem}`, {
    code: 'KEY_INVALID',
    hint: 'Make one by `cosign generate-key-pair`.',
    cause,
  });
}

export function signatureMissing(location: string, digest: string): OciError {
  return new OciError(`Cannot trust "${digest}" from ${location}: nobody signed it`, {
    code: 'SIGNATURE_MISSING',
    hint: 'Sign it by `mcpgen build --push … --sign` or `cosign sign`.',
    facts: { digest },
  });
}

export function signatureUntrusted(location: string, digest: string, found: number): OciError {
  const made = found === 1 ? 'its signature is' : `its ${found} signatures are`;
  return new OciError(`Cannot trust "${digest}" from ${location}: ${made} not by this key`, {
    code: 'SIGNATURE_UNTRUSTED',
    hint: 'Check that it is the right key; if it is, do not run the image.',
    facts: { digest, found },
  });
}
