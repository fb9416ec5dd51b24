import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { digestOf } from '@mcpgen/build-cache';
import type { StatCache } from '@mcpgen/cache-invalidation';
import { version } from '../version.ts';
import { codeFiles } from './code-files.ts';
import { compatibleVersion } from './compatible-version.ts';

/** The code whose changes may change what any step gives. */
export interface GeneratorVersion {
  /** As much of the version as keys hold: `1.x`. */
  readonly version: string;
  /** Absolute: what it was read from, besides the version. */
  readonly files: readonly string[];
}

const STEP_PACKAGES = ['@mcpgen/generator', '@mcpgen/build-optimizer', '@mcpgen/oci'];

/**
 * Installed, the version says it all: a step whose results change within a major version raises its own `version`. In a
 * checkout of this repository, code changes without either: then its content counts.
 */
export function readGeneratorVersion(statCache: StatCache): GeneratorVersion {
  const own = fileURLToPath(import.meta.url);
  if (own.includes(`${sep}node_modules${sep}`)) return { version: compatibleVersion(version), files: [] };
  const require = createRequire(own);
  const packages = STEP_PACKAGES.map((name) => dirname(require.resolve(name)));
  // Code that the generator copies into validators lies beside its own.
  const copied = packages.map((folder) => join(dirname(folder), 'runtime')).filter((folder) => existsSync(folder));
  const folders = [dirname(own), ...packages, ...copied];
  const files = folders.flatMap((folder) => codeFiles(folder));
  const digest = digestOf(files.map((file) => statCache.digest(file)).join('\n'));
  return { version: `${version}+${digest.slice(7, 19)}`, files };
}
