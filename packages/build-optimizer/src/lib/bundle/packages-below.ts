import type { PackageEdge } from './follow-packages.ts';
import type { InstalledPackage, PackageFinder } from './installed-package.ts';

/**
 * What packages that are left alone ask for in turn, down to the last: their code goes with them, and no bundler sees it.
 * What is not installed is told as well: parts for other platforms, or for another C library.
 */
export function packagesBelow(roots: readonly InstalledPackage[], packages: PackageFinder): PackageEdge[] {
  const edges: PackageEdge[] = [];
  const seen = new Set<string>();
  const visit = ({ directory, manifest }: InstalledPackage): void => {
    if (seen.has(directory)) return;
    seen.add(directory);
    const { dependencies, optionalDependencies, peerDependencies } = manifest;
    for (const name of new Set([...dependencies, ...optionalDependencies, ...peerDependencies])) {
      const found = packages.find(name, directory);
      edges.push({ folder: directory, specifier: name, ...(found !== undefined && { found }) });
      if (found !== undefined) visit(found);
    }
  };
  for (const root of roots) visit(root);
  return edges;
}
