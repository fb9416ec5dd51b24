import { readFile, realpath } from 'node:fs/promises';
import { join, parse, relative, resolve, sep } from 'node:path';
import { bytewise } from './bytewise.ts';
import type { ExternalDependency } from './dependency-plan.ts';
import { packageUntraceable } from './errors.ts';
import { createPackageFinder, type InstalledPackage } from './installed-package.ts';
import { placePackages } from './place-packages.ts';
import { posix } from './posix.ts';

/** One file of a package that stays as it is. */
export interface TracedFile {
  /** Where it belongs, relative to the server's directory: `node_modules/sharp/lib/index.js`. */
  readonly path: string;
  /** Where it lies now; absolute, symbolic links resolved. */
  readonly source: string;
  readonly package: string;
  readonly version: string;
}

export interface TraceExternalsOptions {
  /** The project; absolute. */
  readonly directory: string;
  /** `external` of the dependency plan. */
  readonly packages: readonly ExternalDependency[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds the files that packages need to run, with those of the packages below them, and lays them out as npm would:
 * each package at the top of `node_modules`, or below the one that needs another version of it.
 *
 * Only parts for this machine's platform can be found, since only those are installed.
 *
 * @returns sorted bytewise by path.
 * @throws {BundleError} PACKAGE_UNREADABLE.
 */
export async function traceExternals({ directory, packages, signal }: TraceExternalsOptions): Promise<TracedFile[]> {
  if (packages.length === 0) return [];
  signal?.throwIfAborted();
  const finder = createPackageFinder();
  const files = await traceFiles(directory, packages);
  signal?.throwIfAborted();
  const owners = new Map<string, InstalledPackage>();
  for (const file of files) {
    const owner = finder.owner(file);
    if (owner === undefined) continue;
    owners.set(file, owner);
    owners.set(join(owner.directory, 'package.json'), owner);
  }
  const roots = packages.flatMap(({ packageDirectory }) => finder.owner(join(packageDirectory, 'package.json')) ?? []);
  const places = placePackages(roots, {
    traced: new Set([...owners.values()].map((owner) => owner.directory)),
    finder,
  });
  const traced = [...owners].flatMap(([file, owner]) => toTraced(file, owner, places));
  return traced.sort((a, b) => bytewise(a.path, b.path));
}

function toTraced(
  file: string,
  { directory, manifest }: InstalledPackage,
  places: ReadonlyMap<string, readonly string[]>,
): TracedFile[] {
  return (places.get(directory) ?? []).map((place) => ({
    path: `${place}/${posix(relative(directory, file))}`,
    source: file,
    package: manifest.name,
    version: manifest.version,
  }));
}

/** Real paths of all files that are loaded, or looked for by path, by the packages. */
async function traceFiles(directory: string, packages: readonly ExternalDependency[]): Promise<Set<string>> {
  const { nodeFileTrace } = await import('@vercel/nft');
  const { root } = parse(directory);
  const entries = entryTexts(packages);
  const { fileList } = await nodeFileTrace([...entries.keys()], {
    base: root,
    processCwd: directory,
    ts: false,
    conditions: ['node'],
    readFile: async (path) => entries.get(path) ?? (await readOrNull(path)),
  });
  const files = new Set<string>();
  for (const file of fileList) {
    const path = resolve(root, file);
    if (!entries.has(path)) files.add(await realpath(path));
  }
  for (const { package: name, packageDirectory } of packages) {
    const manifest = join(packageDirectory, 'package.json');
    const isFound = [...files].some((file) => file.startsWith(`${packageDirectory}${sep}`) && file !== manifest);
    if (!isFound) throw packageUntraceable(name);
    files.add(manifest);
  }
  return files;
}

/** Programs that lie, for the tracer alone, where the packages are found, and load what is imported of them in both ways. */
function entryTexts(packages: readonly ExternalDependency[]): Map<string, string> {
  const entries = new Map<string, string>();
  for (const { imports, package: name, packageDirectory } of packages) {
    for (const { folder, specifier } of imports) {
      const stem = join(besidePackage(packageDirectory, name) ?? folder, '.mcpgen-trace');
      const text = JSON.stringify(specifier);
      entries.set(`${stem}.mjs`, `${entries.get(`${stem}.mjs`) ?? ''}import ${text};\n`);
      entries.set(`${stem}.cjs`, `${entries.get(`${stem}.cjs`) ?? ''}require(${text});\n`);
    }
  }
  return entries;
}

/** The `node_modules` that a package lies in: the tracer does not look through one that is a symbolic link. */
function besidePackage(packageDirectory: string, name: string): string | undefined {
  const place = join('node_modules', name);
  return packageDirectory.endsWith(`${sep}${place}`) ? packageDirectory.slice(0, -name.length) : undefined;
}

async function readOrNull(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch {
    return null;
  }
}
