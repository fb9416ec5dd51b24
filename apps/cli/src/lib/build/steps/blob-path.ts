import type { Digest } from '@mcpgen/oci';

/** Where a blob lies in an image layout. */
export function blobPath(digest: Digest): string {
  return `blobs/sha256/${digest.slice('sha256:'.length)}`;
}
