import { closeSync, existsSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { outputsInPlace } from '@mcpgen/cache-invalidation';
import { outputNotEmpty } from '../../errors.ts';
import type { BuildPaths } from '../build-paths.ts';
import { readPublished } from './published-files.ts';

/**
 * Makes sure that a build writes only where nothing is, or where an earlier build has written: an output directory such
 * as `.` may hold a `server` of the user's own. Throws `OUTPUT_NOT_EMPTY`.
 */
export function claimOutput(
  { server, published, image }: Pick<BuildPaths, 'server' | 'published' | 'image'>,
  wanted: { readonly image: boolean },
): void {
  if (!isEmpty(server) && !holdsServer(server) && !holdsPublished(server, published)) throw outputNotEmpty(server);
  if (wanted.image && !isEmpty(image) && !holdsImage(image)) throw outputNotEmpty(image);
}

/** Whether a manifest of ours lies there, told by its first bytes. */
export function holdsServer(directory: string): boolean {
  return /^\{\s*"format":\s*1,\s*"info":/.test(readStart(join(directory, 'manifest.json')));
}

/** Somebody may have removed the manifest alone. */
function holdsPublished(directory: string, memory: string): boolean {
  return [...readPublished(memory).values()].some(({ target }) => outputsInPlace(directory, [target]));
}

/** A build that was ended early leaves blobs and no index. */
function holdsImage(directory: string): boolean {
  return ['oci-layout', 'blobs/sha256'].some((name) => existsSync(join(directory, name)));
}

function isEmpty(directory: string): boolean {
  try {
    return readdirSync(directory).length === 0;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return true;
    throw error;
  }
}

function readStart(file: string): string {
  const bytes = Buffer.alloc(64);
  try {
    const descriptor = openSync(file, 'r');
    try {
      return bytes.toString('latin1', 0, readSync(descriptor, bytes));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return '';
  }
}
