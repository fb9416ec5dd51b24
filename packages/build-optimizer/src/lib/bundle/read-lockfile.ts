import { hash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Digest } from '@mcpgen/build-cache';
import type { PackageLookup } from './dependency-facts.ts';
import { posix } from './posix.ts';

/** The lockfile that says which packages an installation of the project would bring. */
export interface Lockfile {
  /** Absolute. */
  readonly file: string;
  /** Of its content. */
  readonly digest: Digest;
  /** Whether an installation by it would bring what this lookup found. */
  lists(lookup: PackageLookup): boolean;
}

type ListsPackage = (name: string, version: string, path: string) => boolean;

/** How each package manager writes down what it installs, in the order in which it looks for them. */
const READERS: Readonly<Record<string, (text: string) => ListsPackage>> = {
  'npm-shrinkwrap.json': readNpm,
  'package-lock.json': readNpm,
  'pnpm-lock.yaml': readVersions((name) => `^ {2}['"]?/?${name}@([^\\s('":]+)(?:\\(.*)?['"]?:`),
  'yarn.lock': readVersions((name) => `^"?(?:[^\\n]*[ "])?${name}@[^\\n]*:\\n {2}version:? "?([^"\\n]+)"?$`),
  'bun.lock': readVersions((name) => `"${name}@([^"]+)"`),
};

/**
 * The nearest lockfile at or above a directory; `undefined` where there is none that can be read, or there are those of two
 * package managers: nobody knows which of them is asked to install.
 */
export function readLockfile(directory: string): Lockfile | undefined {
  for (let folder = directory; ; folder = dirname(folder)) {
    const found = Object.entries(READERS).filter(([name]) => existsSync(join(folder, name)));
    const [first] = found;
    if (first !== undefined) {
      const [name, reader] = first;
      const one = found.every(([, other]) => other === reader);
      return one ? open(join(folder, name), { folder, directory, reader }) : undefined;
    }
    if (dirname(folder) === folder) return undefined;
  }
}

interface Place {
  readonly folder: string;
  readonly directory: string;
  readonly reader: (text: string) => ListsPackage;
}

function open(file: string, { folder, directory, reader }: Place): Lockfile | undefined {
  try {
    const text = readFileSync(file, 'utf8');
    const lists = reader(text);
    return {
      file,
      digest: `sha256:${hash('sha256', text)}`,
      // What is not installed for this platform is not asked for.
      lists: ({ name, version, directory: at }) =>
        at === undefined || lists(name, version ?? '', posix(relative(folder, join(directory, at)))),
    };
  } catch {
    return undefined;
  }
}

/** The only one that says where each package lies. */
function readNpm(text: string): ListsPackage {
  const lock: unknown = JSON.parse(text);
  const packages = isRecord(lock) && isRecord(lock.packages) ? lock.packages : {};
  return (_, version, path) => {
    const found = packages[path];
    return isRecord(found) && found.version === version;
  };
}

/**
 * Those that say which versions there are, and not where each lies: of a package in several, any of them may be what was
 * installed before the lockfile was changed.
 *
 * @param pattern finds the versions of a package by its escaped name.
 */
function readVersions(pattern: (name: string) => string): (text: string) => ListsPackage {
  return (text) => (name, version) => {
    const found = text.matchAll(new RegExp(pattern(literal(name)), 'gm'));
    const versions = new Set(Array.from(found, ([, listed]) => listed));
    return versions.size === 1 && versions.has(version);
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
