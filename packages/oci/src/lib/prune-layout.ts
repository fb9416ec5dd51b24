import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContentReader } from './content-store.ts';
import type { Descriptor } from './descriptor.ts';
import { errnoOf } from './errors.ts';
import { TEMPORARY_PREFIX } from './stage-file.ts';
import { walkContent } from './walk-content.ts';

/** What was removed from a layout. */
export interface PruneResult {
  /** Files. */
  readonly removed: number;
  readonly bytes: number;
}

/** Removes the blobs of a layout that none of `roots` needs, and temporary files of interrupted writes. */
export async function pruneLayout(
  directory: string,
  store: ContentReader,
  roots: readonly Descriptor[],
): Promise<PruneResult> {
  const needed = new Set<string>();
  for (const root of roots) {
    for (const { digest } of await walkContent(store, root)) needed.add(digest.slice('sha256:'.length));
  }
  const blobs = join(directory, 'blobs', 'sha256');
  const garbage = [
    ...(await names(blobs)).filter((name) => !needed.has(name)).map((name) => join(blobs, name)),
    ...(await names(directory))
      .filter((name) => name.startsWith(TEMPORARY_PREFIX))
      .map((name) => join(directory, name)),
  ];
  let bytes = 0;
  for (const path of garbage) {
    bytes += (await stat(path)).size;
    await rm(path, { recursive: true });
  }
  return { removed: garbage.length, bytes };
}

async function names(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}
