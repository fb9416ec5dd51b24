import { readdirSync, readFileSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { type PathConditionsMap, resolveImports } from 'resolve-pkg-maps';
import { bytewise } from './bytewise.ts';
import { type BundleError, importNotFound, importUnsupported, type SourceLocation } from './errors.ts';
import type { ImportTarget } from './module-graph.ts';
import { posix } from './posix.ts';

/** Extensions of the author's modules, in the order in which a path without one is tried. */
const EXTENSIONS = ['.ts', '.tsx', '.mts', '.js', '.mjs', '.json'] as const;

/** What TypeScript tries for a path that names the JavaScript it will become. */
const SOURCES_OF: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx', '.js'],
  '.jsx': ['.tsx'],
  '.mjs': ['.mts', '.mjs'],
};

export interface ImportResolver {
  /**
   * @param location where the import stands; its file is relative to the project.
   * @throws {BundleError} IMPORT_NOT_FOUND, IMPORT_UNSUPPORTED.
   */
  resolve(specifier: string, location: SourceLocation): ImportTarget;
  /** Whether there is such a file, relative to the project. */
  has(file: string): boolean;
  /** The folders that it has listed so far, absolute, sorted bytewise; those that are not there as well. */
  folders(): readonly string[];
}

export interface ImportResolverOptions {
  /** Absolute. */
  readonly directory: string;
  /** The `paths` of tsconfig.json. */
  readonly mapPath?: ((specifier: string) => readonly string[]) | undefined;
}

/**
 * Resolves imports of the author's files as TypeScript and Node do together. Lists each folder once and so knows only
 * the files that were there when it was made.
 */
export function createImportResolver({ directory, mapPath }: ImportResolverOptions): ImportResolver {
  const resolved = new Map<string, ImportTarget>();
  const listed = new Map<string, ReadonlySet<string>>();
  const isFile = createFileTest(listed);
  const subpaths = createSubpathImports(directory);
  const project = (absolute: string) => posix(relative(directory, absolute));

  function find(absolute: string): string | undefined {
    for (const path of candidates(absolute)) if (isFile(path)) return path;
    return undefined;
  }

  function resolve(specifier: string, location: SourceLocation): ImportTarget {
    const folder = dirname(location.file);
    const key = `${folder}\0${specifier}`;
    const known = resolved.get(key);
    if (known !== undefined) return known;
    const target = resolveIn(join(directory, folder), specifier, location);
    resolved.set(key, target);
    return target;
  }

  function resolveIn(folder: string, specifier: string, location: SourceLocation): ImportTarget {
    if (/^\.{0,2}\//.test(specifier) || specifier === '.' || specifier === '..') {
      const path = specifier.startsWith('/') ? specifier : join(folder, specifier);
      const found = find(path);
      if (found !== undefined) return { kind: 'file', file: project(found) };
      if (isFile(path)) throw fileUnsupported(specifier, location);
      throw importNotFound(specifier, location, suggest(join(folder, specifier), specifier));
    }
    if (isBuiltin(specifier)) return { kind: 'builtin', name: `node:${specifier.replace(/^node:/, '')}` };
    const mapped = specifier.startsWith('#') ? subpaths(specifier) : (mapPath?.(specifier) ?? []);
    for (const path of mapped) {
      const found = find(path);
      if (found !== undefined) return { kind: 'file', file: project(found) };
    }
    if (mapped.some(isFile)) throw fileUnsupported(specifier, location);
    if (specifier.startsWith('#')) throw importNotFound(specifier, location);
    return packageTarget(specifier, location);
  }

  return { resolve, has: (file) => isFile(join(directory, file)), folders: () => [...listed.keys()].sort(bytewise) };
}

/** The package that a bare specifier names: `zod` of `zod/v4`, `@scope/name` of `@scope/name/sub`. */
export function packageName(specifier: string): string {
  const [first = '', second = ''] = specifier.split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}

function packageTarget(specifier: string, location: SourceLocation): ImportTarget {
  if (/^[a-z][a-z+.-]*:/i.test(specifier)) {
    const state = 'a server is built from files, packages and the modules of Node';
    throw importUnsupported(specifier, location, state, 'Install it as a package, or copy it into the project.');
  }
  return { kind: 'package', name: packageName(specifier) };
}

function fileUnsupported(specifier: string, location: SourceLocation): BundleError {
  const state = 'a server is built from code and JSON only';
  const hint = `Put what it holds into a file that ends in ${EXTENSIONS.join(', ')}: a text can be its default export.`;
  return importUnsupported(specifier, location, state, hint);
}

function* candidates(path: string): Generator<string> {
  const extension = /\.[^./\\]+$/.exec(path)?.[0] ?? '';
  const sources = SOURCES_OF[extension];
  if (sources !== undefined) {
    for (const source of sources) yield path.slice(0, -extension.length) + source;
  } else if (EXTENSIONS.some((known) => known === extension)) {
    yield path;
  }
  for (const known of EXTENSIONS) yield path + known;
  for (const known of EXTENSIONS) yield join(path, `index${known}`);
}

/** Tells files by listing their folder: one system call for all the files of a folder. Names match exactly. */
function createFileTest(folders: Map<string, ReadonlySet<string>>): (absolute: string) => boolean {
  return (absolute) => {
    const folder = dirname(absolute);
    let names = folders.get(folder);
    if (names === undefined) {
      names = listFiles(folder);
      folders.set(folder, names);
    }
    return names.has(absolute);
  };
}

function listFiles(folder: string): ReadonlySet<string> {
  const files = new Set<string>();
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = `${folder}${sep}${entry.name}`;
      if (entry.isFile() || (entry.isSymbolicLink() && isFileBehindLink(path))) files.add(path);
    }
  } catch {
    // No such folder, or one that may not be read: nothing can be imported from it.
  }
  return files;
}

function isFileBehindLink(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** The `imports` of the project's package.json: absolute paths for a specifier such as `#db`. */
function createSubpathImports(directory: string): (specifier: string) => string[] {
  let map: PathConditionsMap | undefined;
  return (specifier) => {
    map ??= readSubpathImports(directory);
    try {
      return resolveImports(map, specifier, ['node', 'import']).map((path) => join(directory, path));
    } catch {
      return [];
    }
  };
}

function readSubpathImports(directory: string): PathConditionsMap {
  try {
    return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')).imports ?? {};
  } catch {
    return {};
  }
}

/** A file of the same name but for its case or extension, as the author would write it. */
function suggest(absolute: string, specifier: string): string | undefined {
  const stem = (path: string) => path.replace(/\.[^./\\]+$/, '').toLowerCase();
  const similar = [...listFiles(dirname(absolute))].sort().find((path) => stem(path) === stem(absolute));
  return similar === undefined
    ? undefined
    : specifier.slice(0, specifier.lastIndexOf('/') + 1) + similar.slice(dirname(similar).length + 1);
}
