import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { packageUnreadable } from './errors.ts';

/** The parts of a package.json that say whether and how a package can be bundled. */
export interface PackageManifest {
  readonly name: string;
  readonly version: string;
  readonly type: 'module' | 'commonjs' | undefined;
  readonly native: boolean;
  readonly dependencies: readonly string[];
  readonly optionalDependencies: readonly string[];
  readonly peerDependencies: readonly string[];
}

export interface InstalledPackage {
  /** Absolute, symbolic links resolved. */
  readonly directory: string;
  readonly manifest: PackageManifest;
}

/** Finds installed packages, reading each package.json once. */
export interface PackageFinder {
  /** The package that code in `folder` gets by this name, as Node looks it up; `undefined` where it is not installed. */
  find(name: string, folder: string): InstalledPackage | undefined;
  /** The package that a file belongs to: that of the nearest package.json with a name. */
  owner(file: string): InstalledPackage | undefined;
}

export function createPackageFinder(): PackageFinder {
  const manifests = new Map<string, PackageManifest | undefined>();
  const found = new Map<string, InstalledPackage | undefined>();

  function read(directory: string): InstalledPackage | undefined {
    let manifest = manifests.get(directory);
    if (manifest === undefined && !manifests.has(directory)) {
      manifest = readManifest(directory);
      manifests.set(directory, manifest);
    }
    return manifest === undefined ? undefined : { directory, manifest };
  }

  function find(name: string, folder: string): InstalledPackage | undefined {
    const key = `${folder}\0${name}`;
    if (found.has(key)) return found.get(key);
    const directory = join(folder, 'node_modules', name);
    const here =
      folder.endsWith(`${sep}node_modules`) || !existsSync(directory) ? undefined : read(realpathSync(directory));
    const parent = dirname(folder);
    const result = here ?? (parent === folder ? undefined : find(name, parent));
    found.set(key, result);
    return result;
  }

  function owner(file: string): InstalledPackage | undefined {
    for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
      const result = read(folder);
      if (result !== undefined && result.manifest.name !== '') return result;
    }
    return undefined;
  }

  return { find, owner };
}

/** Whether a package lies where package managers put what never changes under one version. */
export function isInstalledCopy(directory: string): boolean {
  return directory.split(sep).includes('node_modules');
}

function readManifest(directory: string): PackageManifest | undefined {
  const path = join(directory, 'package.json');
  if (!existsSync(path)) return undefined;
  try {
    return parseManifest(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw packageUnreadable(path, cause);
  }
}

function parseManifest(json: unknown): PackageManifest {
  const field = (name: string) => (isRecord(json) ? json[name] : undefined);
  const names = (name: string) => Object.keys(isRecord(field(name)) ? Object(field(name)) : {});
  const text = (name: string) => (typeof field(name) === 'string' ? String(field(name)) : '');
  const type = field('type');
  return {
    name: text('name'),
    version: text('version'),
    type: type === 'module' || type === 'commonjs' ? type : undefined,
    native: field('gypfile') === true || field('napi') !== undefined || field('binary') !== undefined,
    dependencies: names('dependencies'),
    optionalDependencies: names('optionalDependencies'),
    peerDependencies: names('peerDependencies'),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
