import { type Dirent, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type InstallsFor, readWorkspace } from './read-workspace.ts';

/** A link and what it says. */
export type InstalledLink = readonly [path: string, target: string];

/** What lies in the `node_modules` of a project and of the packages of its workspace; paths relative to the project. */
export interface Installed {
  /** The directories themselves. */
  readonly roots: readonly string[];
  readonly files: readonly string[];
  readonly links: readonly InstalledLink[];
}

/** Lists what is installed; links are listed, not followed. Throws what the file system throws. */
export function readInstalled(directory: string): Installed {
  const roots = findRoots(directory);
  const files: string[] = [];
  const links: InstalledLink[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(directory, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      // What tools keep there for themselves belongs to no installation.
      if (entry.isDirectory()) entry.name === '.cache' || visit(path);
      else if (entry.isSymbolicLink()) links.push([path, readlinkSync(join(directory, path))]);
      else if (entry.isFile()) files.push(path);
    }
  };
  for (const root of roots) visit(root);
  return { roots, files, links };
}

/** Deeper lies no package of a workspace. */
const MAX_DEPTH = 6;

/** The `node_modules` directories of a project and of the packages of its workspace. */
export function findRoots(directory: string): string[] {
  const installsFor = readWorkspace(directory);
  return findBelow(directory, '').filter((root) => isInstalled(root, installsFor));
}

/** Whether a path lies in the `node_modules` of one of these folders. */
export function isInstalled(path: string, installsFor: InstallsFor): boolean {
  const names = path.split('/');
  const at = names.indexOf('node_modules');
  return at !== -1 && installsFor(names.slice(0, at).join('/'));
}

function findBelow(directory: string, folder: string, depth = 0): string[] {
  const inside = readdirSync(join(directory, folder), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const below = (entry: Dirent): string => (folder === '' ? entry.name : `${folder}/${entry.name}`);
  return inside.flatMap((entry) => {
    if (entry.name === 'node_modules') return [below(entry)];
    return entry.name.startsWith('.') || depth >= MAX_DEPTH ? [] : findBelow(directory, below(entry), depth + 1);
  });
}
