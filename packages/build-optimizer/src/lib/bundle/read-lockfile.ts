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

/** How each package manager writes down what it installed, in the order in which they are looked for. */
const READERS: Readonly<Record<string, (text: string) => ListsPackage>> = {
  'package-lock.json': readNpm,
  'pnpm-lock.yaml': (text) => (name, version) =>
    new RegExp(`^ {2}['"]?/?${literal(`${name}@${version}`)}(\\(.*)?['"]?:`, 'm').test(text),
  'yarn.lock': (text) => (name, version) =>
    new RegExp(`^"?(?:[^\\n]*[ "])?${literal(name)}@[^\\n]*:\\n {2}version:? "?${literal(version)}"?$`, 'm').test(text),
  'bun.lock': (text) => (name, version) => text.includes(`"${name}@${version}"`),
};

/** The nearest lockfile at or above a directory; `undefined` where there is none that can be read. */
export function readLockfile(directory: string): Lockfile | undefined {
  for (let folder = directory; ; folder = dirname(folder)) {
    for (const [name, reader] of Object.entries(READERS)) {
      const file = join(folder, name);
      if (existsSync(file)) return open(file, { folder, directory, reader });
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

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
