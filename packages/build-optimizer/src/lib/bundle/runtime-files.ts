import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { bytewise } from './bytewise.ts';
import { createPackageFinder, type InstalledPackage, isInstalledCopy } from './installed-package.ts';

/**
 * The files whose content decides what the runtime is bundled to, for the key of its step: for each package it is made
 * of the package.json, and the code itself where that may change under one version.
 *
 * @param entry absolute path of the runtime's main module, source or built.
 * @returns absolute paths, sorted bytewise.
 */
export function runtimeFiles(entry: string): string[] {
  const packages = createPackageFinder();
  const code = entry.endsWith('.ts') ? 'src' : 'dist';
  const owner = packages.owner(realpathSync(entry));
  const found = new Map(owner === undefined ? [] : [[owner.directory, owner]]);
  for (const { directory, manifest } of found.values()) {
    for (const name of manifest.dependencies) {
      const dependency = packages.find(name, directory);
      if (dependency !== undefined) found.set(dependency.directory, dependency);
    }
  }
  return [...found.values()].flatMap((part) => filesOf(part, code)).sort(bytewise);
}

function filesOf({ directory }: InstalledPackage, code: string): string[] {
  const manifest = join(directory, 'package.json');
  if (isInstalledCopy(directory)) return [manifest];
  const folder = join(directory, code);
  return [manifest, ...codeBelow(existsSync(folder) ? folder : directory)];
}

function codeBelow(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : codeBelow(path);
    return /(?<!\.test|\.d)\.[cm]?[jt]s$/.test(entry.name) ? [path] : [];
  });
}
