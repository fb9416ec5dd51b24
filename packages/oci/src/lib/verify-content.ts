import { createHash } from 'node:crypto';
import type { Content, ContentReader } from './content-store.ts';
import type { Descriptor } from './descriptor.ts';
import { digestBytes } from './digest.ts';
import { digestMismatch, documentInvalid, sizeMismatch } from './errors.ts';
import { MAX_DOCUMENT_SIZE } from './json-document.ts';

/**
 * Passes content through and throws when it is not what the descriptor says: at the first byte too many, or at the end.
 * An endless stream is cut at the descriptor's size.
 */
export async function* verifyContent(
  content: Content,
  descriptor: Descriptor,
  what: string,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of content) {
    size += chunk.length;
    if (size > descriptor.size) throw sizeMismatch(what, descriptor, size);
    hash.update(chunk);
    yield chunk;
  }
  if (size !== descriptor.size) throw sizeMismatch(what, descriptor, size);
  const found = `sha256:${hash.digest('hex')}`;
  if (found !== descriptor.digest) throw digestMismatch(what, descriptor.digest, found);
}

/** All of a content in one piece, checked like `verifyContent`. For documents, not for layers. */
export async function collectContent(content: Content): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * Reads a manifest, index or configuration.
 *
 * @throws {OciError} `DOCUMENT_INVALID` when it is larger than 4 MiB, and what the store's `read` throws.
 */
export async function readDocument(store: ContentReader, descriptor: Descriptor): Promise<Buffer> {
  const what = `"${descriptor.digest}" from ${store.location}`;
  if (descriptor.size > MAX_DOCUMENT_SIZE)
    throw documentInvalid(what, `it has ${descriptor.size} bytes, more than 4 MiB`);
  return collectContent(store.read(descriptor));
}

/** Checks bytes in memory against their descriptor. */
export function verifyBytes(bytes: Uint8Array, descriptor: Descriptor, what: string): void {
  if (bytes.length !== descriptor.size) throw sizeMismatch(what, descriptor, bytes.length);
  const found = digestBytes(bytes);
  if (found !== descriptor.digest) throw digestMismatch(what, descriptor.digest, found);
}
