import { relative } from 'node:path';
import type { PackageFinder } from './installed-package.ts';
import { posix } from './posix.ts';

/** `ms@2.1.3/index.js`, wherever the package is installed. */
export function portableName(file: string, packages: PackageFinder): string {
  const owner = packages.owner(file);
  if (owner === undefined) return 'unknown';
  const { name, version } = owner.manifest;
  return `${name}@${version}/${posix(relative(owner.directory, file))}`;
}
