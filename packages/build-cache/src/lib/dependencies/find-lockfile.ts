import { existsSync } from 'node:fs';
import { join } from 'node:path';

export type PackageManager = 'npm' | 'pnpm' | 'yarn' | 'bun';

/** Which packages a project installs, to the byte. */
export interface Lockfile {
  readonly manager: PackageManager;
  /** In the project's directory. */
  readonly name: string;
}

const LOCKFILES: readonly Lockfile[] = [
  { manager: 'npm', name: 'package-lock.json' },
  { manager: 'npm', name: 'npm-shrinkwrap.json' },
  { manager: 'pnpm', name: 'pnpm-lock.yaml' },
  { manager: 'yarn', name: 'yarn.lock' },
  { manager: 'bun', name: 'bun.lock' },
];

/** The lockfile in a directory; `undefined` where there is none, or there are those of two package managers. */
export function findLockfile(directory: string): Lockfile | undefined {
  const found = LOCKFILES.filter(({ name }) => existsSync(join(directory, name)));
  return new Set(found.map(({ manager }) => manager)).size === 1 ? found.at(-1) : undefined;
}
