import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, digestOf } from '../digest.ts';
import { codeOf } from '../errors.ts';
import type { Lockfile } from './find-lockfile.ts';

/** What decides what an installation gives, besides the lockfile. */
export interface DependenciesFacts {
  /** `linux-x64-glibc`. */
  readonly platform: string;
  /** `process.versions.modules`. */
  readonly abi: string;
  /** Of the package manager, as far as it is known: another one may lay packages out another way. */
  readonly managerVersion?: string;
  /** Tells installations of one lockfile from each other, such as `production`. */
  readonly variant?: string;
}

/** What says how packages are laid out, and which of their scripts run. */
const SETTINGS = ['package.json', '.npmrc', 'pnpm-workspace.yaml', '.pnpmfile.cjs', '.yarnrc.yml', 'bunfig.toml'];

/**
 * The key of what a package manager installs: lockfile, package manager, its settings in the project, platform and Node
 * ABI. Throws what the file system throws.
 */
export function dependenciesKey(
  directory: string,
  { manager, name }: Lockfile,
  { platform, abi, managerVersion = '', variant = '' }: DependenciesFacts,
): Digest {
  const files = [name, ...SETTINGS].map((file) => [file, digestOfFile(join(directory, file))]);
  return digestOf(JSON.stringify(['node_modules 1', manager, managerVersion, platform, abi, variant, files]));
}

/** An empty text for a file that is not there. */
function digestOfFile(path: string): string {
  try {
    return digestOf(readFileSync(path));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  }
}
