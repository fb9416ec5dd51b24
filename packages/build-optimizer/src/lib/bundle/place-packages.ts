import { bytewise } from './bytewise.ts';
import type { InstalledPackage, PackageFinder } from './installed-package.ts';

/**
 * Says where packages go in a `node_modules` without symbolic links: at its top, or where that place is taken by
 * another copy, below the package that needs them.
 *
 * @param roots packages that are asked for from outside; at most one of each name goes to the top.
 * @returns places by package directory, such as `node_modules/a/node_modules/b`: several where copies are needed.
 */
export function placePackages(
  roots: readonly InstalledPackage[],
  { traced, finder }: { readonly traced: ReadonlySet<string>; readonly finder: PackageFinder },
): Map<string, readonly string[]> {
  const taken = new Map<string, string>();
  const places = new Map<string, string[]>();
  const queue: Placed[] = [];

  const put = (found: InstalledPackage, place: string) => {
    taken.set(place, found.directory);
    places.set(found.directory, [...(places.get(found.directory) ?? []), place]);
    queue.push({ found, place });
  };
  for (const root of roots) {
    const place = `node_modules/${root.manifest.name}`;
    if (!taken.has(place)) put(root, place);
  }
  for (const { found, place } of queue) {
    for (const dependency of dependenciesOf(found, { traced, finder })) {
      const { name } = dependency.manifest;
      const visible = visiblePlaces(place, name).find((candidate) => taken.has(candidate));
      if (visible !== undefined && taken.get(visible) === dependency.directory) continue;
      if (visible === undefined) put(dependency, `node_modules/${name}`);
      else if (!enclosing(place, taken).has(dependency.directory)) put(dependency, `${place}/node_modules/${name}`);
    }
  }
  return places;
}

interface Placed {
  readonly found: InstalledPackage;
  readonly place: string;
}

/** The traced packages that a package finds by the names in its package.json. */
function dependenciesOf(
  { directory, manifest }: InstalledPackage,
  { traced, finder }: { readonly traced: ReadonlySet<string>; readonly finder: PackageFinder },
): InstalledPackage[] {
  const names = new Set([...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.peerDependencies]);
  return [...names].sort(bytewise).flatMap((name) => {
    const found = finder.find(name, directory);
    return found !== undefined && found.directory !== directory && traced.has(found.directory) ? [found] : [];
  });
}

/** The packages that a place lies in: one that is needed again below itself would never come to an end. */
function enclosing(place: string, taken: ReadonlyMap<string, string>): Set<string | undefined> {
  const parts = place.split('/node_modules/');
  return new Set(parts.map((_, index) => taken.get(parts.slice(0, index + 1).join('/node_modules/'))));
}

/** Where Node looks for a name from a place, nearest first. */
function visiblePlaces(place: string, name: string): string[] {
  const places: string[] = [];
  for (let folder = place; folder !== ''; ) {
    places.push(`${folder}/node_modules/${name}`);
    const up = folder.lastIndexOf('/node_modules/');
    folder = up === -1 ? '' : folder.slice(0, up);
  }
  return [...places, `node_modules/${name}`];
}
