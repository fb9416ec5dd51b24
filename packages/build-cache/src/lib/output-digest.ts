import type { CachedFile } from './cache.ts';
import { type Digest, digestOf } from './digest.ts';
import { jsonText } from './json-text.ts';
import { comparePaths } from './output-paths.ts';

/**
 * One digest for all that dependents can see of a step: each file's name, exec bit and content, and the value. Where it
 * stays the same, dependents need not run. Independent of the order of `files` and of when or where they were made.
 */
export function outputDigest(
  files: readonly Pick<CachedFile, 'path' | 'digest' | 'mode'>[],
  value: unknown = null,
): Digest {
  const rows = [...files]
    .sort((a, b) => comparePaths(a.path, b.path))
    .map((file) => [file.path, file.mode, file.digest]);
  return digestOf(`${JSON.stringify(rows)}\n${jsonText(value ?? null)}`);
}
