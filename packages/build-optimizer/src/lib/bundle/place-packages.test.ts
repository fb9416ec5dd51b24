import { describe, expect, it } from 'vitest';
import type { InstalledPackage, PackageFinder } from './installed-package.ts';
import { placePackages } from './place-packages.ts';

describe('placePackages', () => {
  it('puts packages side by side', () => {
    expect(place(['a@1'], { 'a@1': ['b@1'], 'b@1': ['c@1'], 'c@1': [] })).toEqual({
      'a@1': ['node_modules/a'],
      'b@1': ['node_modules/b'],
      'c@1': ['node_modules/c'],
    });
  });

  it('puts another version below the package that needs it', () => {
    expect(place(['a@1', 'b@1'], { 'a@1': ['c@1'], 'b@1': ['c@2'], 'c@1': [], 'c@2': [] })).toEqual({
      'a@1': ['node_modules/a'],
      'b@1': ['node_modules/b'],
      'c@1': ['node_modules/c'],
      'c@2': ['node_modules/b/node_modules/c'],
    });
  });

  it('puts a copy below each package that needs it there', () => {
    const tree = { 'a@1': ['c@1'], 'b@1': ['c@2'], 'd@1': ['c@2'], 'c@1': [], 'c@2': ['e@1'], 'e@1': [] };
    expect(place(['a@1', 'b@1', 'd@1'], tree)).toMatchObject({
      'c@2': ['node_modules/b/node_modules/c', 'node_modules/d/node_modules/c'],
      'e@1': ['node_modules/e'],
    });
  });

  it('puts nothing twice where packages need each other', () => {
    expect(place(['a@1'], { 'a@1': ['b@1'], 'b@1': ['a@1'] })).toEqual({
      'a@1': ['node_modules/a'],
      'b@1': ['node_modules/b'],
    });
  });

  it('comes to an end where versions need each other in turns', () => {
    const tree = { 'a@1': ['b@1'], 'b@1': ['a@2'], 'a@2': ['b@2'], 'b@2': ['a@1'] };
    expect(Object.keys(place(['a@1'], tree))).toHaveLength(4);
  });

  it('leaves out what was not traced', () => {
    expect(place(['a@1'], { 'a@1': ['b@1'], 'b@1': [] }, ['a@1'])).toEqual({ 'a@1': ['node_modules/a'] });
  });
});

/** Packages by `name@version`, which stands for their directory too, to what they depend on. */
function place(
  roots: readonly string[],
  tree: Readonly<Record<string, readonly string[]>>,
  traced = Object.keys(tree),
) {
  const packages = new Map(Object.entries(tree).map(([id, needs]) => [id, toPackage(id, needs)]));
  const finder: PackageFinder = {
    find: (name, folder) => packages.get(tree[folder]?.find((id) => id.startsWith(`${name}@`)) ?? ''),
    owner: () => undefined,
  };
  const found = roots.flatMap((id) => packages.get(id) ?? []);
  return Object.fromEntries(placePackages(found, { traced: new Set(traced), finder }));
}

function toPackage(id: string, needs: readonly string[]): InstalledPackage {
  const [name = '', version = ''] = id.split('@');
  const dependencies = needs.map((need) => need.split('@')[0] ?? '');
  const none = { optionalDependencies: [], peerDependencies: [], native: false, type: undefined };
  return { directory: id, manifest: { name, version, dependencies, ...none } };
}
