import { dirname, join } from 'node:path';
import type { SourceLocation } from './errors.ts';
import type { ModuleGraph } from './module-graph.ts';
import type { ImportedNames } from './scan.ts';
import { sortMap } from './sort-map.ts';

/** One module of a package, as the author's files want it. */
export interface WantedModule {
  readonly specifier: string;
  readonly package: string;
  /** All names that are imported of it, sorted bytewise. */
  readonly names: ImportedNames;
  /** The folder of the first file that imports it; absolute. */
  readonly folder: string;
}

/** The modules of packages that the graph imports, sorted bytewise by specifier. */
export function wantedModules({ directory, modules }: ModuleGraph): WantedModule[] {
  const wanted = new Map<string, { package: string; folder: string; names: Set<string> | 'all' }>();
  for (const { file, imports } of modules.values()) {
    for (const { names, specifier, target } of imports) {
      if (target.kind !== 'package') continue;
      const known = wanted.get(specifier) ?? {
        package: target.name,
        folder: dirname(join(directory, file)),
        names: new Set<string>(),
      };
      if (names === 'all') known.names = 'all';
      else if (known.names !== 'all') for (const name of names) known.names.add(name);
      wanted.set(specifier, known);
    }
  }
  return [...sortMap(wanted)].map(([specifier, { names, ...rest }]) => ({
    specifier,
    ...rest,
    names: names === 'all' ? 'all' : [...names].sort(),
  }));
}

/** Where a specifier, or a name of it, is imported first; for an error message. */
export function locateImport({ modules }: ModuleGraph, specifier: string, name?: string): SourceLocation | undefined {
  for (const { file, imports } of modules.values()) {
    for (const found of imports) {
      const named = name === undefined || (found.names !== 'all' && found.names.includes(name));
      if (found.specifier === specifier && named) return { file, line: found.line, column: found.column };
    }
  }
  return undefined;
}
