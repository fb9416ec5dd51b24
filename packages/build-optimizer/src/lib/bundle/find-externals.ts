import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { PackageBundle } from './bundle-packages.ts';
import { bytewise } from './bytewise.ts';
import type { PackageFinder } from './installed-package.ts';
import { posix } from './posix.ts';
import { placeDependence } from './unbundlable.ts';

/**
 * Packages that cannot stay in a bundle, by directory, with the reason; without those that were left out of it already.
 *
 * @param preferred for a name that means several copies, the directory of the one that goes to the top of
 * `node_modules`.
 */
export function findExternals(
  bundle: PackageBundle,
  {
    packages,
    preferred,
    trusted,
  }: {
    readonly packages: PackageFinder;
    readonly preferred: ReadonlyMap<string, string>;
    /** Directories of packages that are not looked at. */
    readonly trusted: ReadonlySet<string>;
  },
): Map<string, string> {
  const external = new Map([...bundle.addons, ...versionConflicts(bundle, packages, preferred)]);
  for (const file of [...bundle.included].sort(bytewise)) {
    const owner = packages.owner(file);
    if (owner === undefined || trusted.has(owner.directory) || external.has(owner.directory)) continue;
    const sign = placeDependence(readFileSync(file, 'utf8'));
    const name = posix(relative(owner.directory, file));
    if (sign !== undefined) external.set(owner.directory, `it looks for files beside its own (${name} ${sign})`);
  }
  return external;
}

/**
 * Bundled code finds an external package at the top of `node_modules`, where there is room for one copy of a name. A
 * package that needs another copy is made external itself, so that its own copy can lie below it.
 */
function versionConflicts(
  { edges }: PackageBundle,
  packages: PackageFinder,
  preferred: ReadonlyMap<string, string>,
): Map<string, string> {
  const external = new Map<string, string>();
  const byName = Map.groupBy(
    edges.filter((edge) => edge.external !== undefined && edge.found !== undefined),
    ({ found }) => found?.manifest.name ?? '',
  );
  for (const [name, group] of byName) {
    const kept = preferred.get(name) ?? group.map(({ found }) => found?.directory ?? '').sort(bytewise)[0];
    for (const { folder, found } of group) {
      const importer = found?.directory === kept ? undefined : packages.owner(join(folder, 'package.json'));
      const reason = `it needs another "${name}" than the rest (${found?.manifest.version})`;
      if (importer !== undefined) external.set(importer.directory, reason);
    }
  }
  return external;
}
