import { copyFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ImageResult } from '../build-result.ts';

const FILES = ['sbom.cdx.json', 'provenance.intoto.json'];

/** Puts the documents about an image beside its layout, where people and scanners look; what there is none of is taken away. */
export function publishDocuments({ directory, documents = [] }: ImageResult): void {
  for (const name of FILES) {
    const path = join(dirname(directory), name);
    const document = documents.find(({ file }) => file === name);
    if (document === undefined) rmSync(path, { force: true });
    // By time and size: a blob is never written again with other bytes.
    else if (!isCopyOf(blobPath(directory, document.content), path))
      copyFileSync(blobPath(directory, document.content), path);
  }
}

function blobPath(directory: string, digest: string): string {
  return join(directory, 'blobs', ...digest.split(':'));
}

function isCopyOf(source: string, copy: string): boolean {
  const found = statSync(copy, { throwIfNoEntry: false });
  const blob = statSync(source);
  return found !== undefined && found.size === blob.size && found.mtimeMs >= blob.mtimeMs;
}
