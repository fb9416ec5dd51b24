import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { type Digest, digestOf } from '@mcpgen/build-cache';
import type { StatCache } from '@mcpgen/cache-invalidation';
import { codeFiles } from './code-files.ts';

/**
 * What the server runtime is made of: the code of the protocol package and of the performance parts it composes. In a
 * released version it changes with the version; in a checkout of this repository, with every edit.
 */
export function runtimeDigest(
  entry: string,
  statCache: StatCache,
): { readonly digest: Digest; readonly files: readonly string[] } {
  const performance = createRequire(entry).resolve('@mcpgen/server-runtime-perf');
  const folders = [dirname(entry), dirname(performance)];
  const files = folders.flatMap((folder) => codeFiles(folder));
  return { digest: digestOf(files.map((file) => statCache.digest(file)).join('\n')), files };
}
