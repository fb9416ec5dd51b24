import { createHmac, timingSafeEqual } from 'node:crypto';

/** Computes the tag of an artifact whose bytes come in pieces. */
export interface ArtifactSigner {
  update(bytes: Uint8Array): void;
  /** What `x-artifact-tag` says. */
  tag(): string;
  /** Whether a tag is the one of these bytes. */
  verifies(tag: string): boolean;
}

/**
 * HMAC-SHA256 in base64. The hash and the scope are part of it: an artifact that somebody moves to another name, or to
 * another team, is refused. Neither has a line break.
 */
export function signArtifact(
  key: string,
  { hash, scope }: { readonly hash: string; readonly scope: string },
): ArtifactSigner {
  const hmac = createHmac('sha256', key).update(`${hash}\n${scope}\n`);
  let digest: Buffer | undefined;
  const finish = (): Buffer => {
    digest ??= hmac.digest();
    return digest;
  };
  return {
    update: (bytes) => void hmac.update(bytes),
    tag: () => finish().toString('base64'),
    verifies(tag) {
      const given = Buffer.from(tag, 'base64');
      return given.length === finish().length && timingSafeEqual(given, finish());
    },
  };
}
