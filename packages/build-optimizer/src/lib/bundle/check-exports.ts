import { exportNotFound } from './errors.ts';
import type { Module } from './module-graph.ts';
import type { Scan } from './scan.ts';

/**
 * Checks that each name imported from a file of the author is exported there. Chunks are bundled one by one, so that
 * nothing else would notice before the server loads them.
 *
 * @throws {BundleError} EXPORT_NOT_FOUND.
 */
export function checkExports(modules: ReadonlyMap<string, Module>, scans: ReadonlyMap<string, Scan>): void {
  for (const module of modules.values()) {
    for (const { names, target, line, column } of module.imports) {
      if (target.kind !== 'file' || names === 'all') continue;
      const exports = scans.get(target.file)?.exports ?? [];
      const missing = names.find((name) => {
        return !exports.includes(name) && !mayExport(target.file, name, { modules, scans, seen: new Set() });
      });
      if (missing !== undefined) throw exportNotFound(missing, target.file, { file: module.file, line, column });
    }
  }
}

interface Search {
  readonly modules: ReadonlyMap<string, Module>;
  readonly scans: ReadonlyMap<string, Scan>;
  readonly seen: Set<string>;
}

function mayExport(file: string, name: string, search: Search): boolean {
  if (search.seen.has(file)) return false;
  search.seen.add(file);
  const scan = search.scans.get(file);
  if (scan === undefined || scan.exports === 'unknown' || scan.exports.includes(name)) return true;
  if (name === 'default') return false;
  const imports = search.modules.get(file)?.imports ?? [];
  return scan.stars.some((specifier) => {
    const target = imports.find((found) => found.specifier === specifier)?.target;
    return target?.kind === 'file' ? mayExport(target.file, name, search) : true;
  });
}
