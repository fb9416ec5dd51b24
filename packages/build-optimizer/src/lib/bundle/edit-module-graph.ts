import { join } from 'node:path';
import type { Digest } from '@mcpgen/build-cache';
import type { Module, ModuleGraph } from './module-graph.ts';
import type { Scan } from './scan.ts';
import { scanSources } from './scan-sources.ts';

export interface EditModuleGraphOptions {
  /** Files whose content changed, relative to the graph's directory. */
  readonly files: readonly string[];
  /** The digest of a file's content. */
  readonly digestFile: (absolute: string) => Digest;
}

/**
 * The graph after some of its files were edited, if they import and export what they did before: then all of it but the
 * digests of these files is as it was. `undefined` where it must be read anew, as for a file that deserves a warning.
 *
 * @throws {BundleError} SYNTAX_ERROR, IMPORT_UNSUPPORTED.
 */
export async function editModuleGraph(
  graph: ModuleGraph,
  { files, digestFile }: EditModuleGraphOptions,
): Promise<ModuleGraph | undefined> {
  const { directory, compilerOptions } = graph;
  const modules = new Map(graph.modules);
  const digests = new Map(files.map((file) => [file, digestFile(join(directory, file))]));
  const sources = files.filter((file) => !file.endsWith('.json'));
  const scans = await scanSources(sources, { directory, compilerOptions });
  for (const [file, digest] of digests) {
    const module = modules.get(file);
    const scan = scans.get(file);
    if (module === undefined) return undefined;
    if (scan === undefined ? sources.includes(file) : !saysTheSame(module, scan)) return undefined;
    // The compiler read the file after its digest was taken.
    if (digestFile(join(directory, file)) !== digest) return undefined;
    modules.set(file, { ...module, digest });
  }
  return { ...graph, modules };
}

/** Whatever the lines: those of an import only show in errors, which are then found by reading the graph anew. */
function saysTheSame(module: Module, scan: Scan): boolean {
  const told = (imports: Scan['imports']) => imports.map(({ specifier, kind, names }) => [specifier, kind, names]);
  const before = [told(module.imports), module.exports, module.stars];
  const after = [told(scan.imports), scan.exports, scan.stars];
  return scan.warnings.length === 0 && JSON.stringify(before) === JSON.stringify(after);
}
