import { bytewise } from './bytewise.ts';
import { immediateDominators } from './dominators.ts';
import type { Module, ModuleGraph } from './module-graph.ts';

/** Files of the author that are bundled into one file, and are entered only through their root. */
export interface Chunk {
  /** Output path below `modules/`, without extension; unique: `tools/echo`. */
  readonly name: string;
  /** The one file of the chunk that other chunks may import. */
  readonly root: string;
  /** All modules in it, the root among them, sorted bytewise. */
  readonly files: readonly string[];
  /** Names of the other chunks it imports, statically or dynamically, sorted bytewise. */
  readonly imports: readonly string[];
  /** Specifiers of packages it imports, sorted bytewise. */
  readonly dependencies: readonly string[];
}

export interface ChunkPlan {
  /** By name, sorted bytewise. */
  readonly chunks: ReadonlyMap<string, Chunk>;
  /** The name of the chunk that each file of the graph lies in. */
  readonly chunkOf: ReadonlyMap<string, string>;
}

/**
 * Cuts the graph into chunks: a virtual root has an edge to every entry and to every module imported dynamically, and a
 * module belongs to the child of that root which dominates it. So each module lies in exactly one chunk, a chunk is
 * entered only at its root, and code used by one entry alone is part of that entry's chunk.
 *
 * Modules that no entry reaches are left out.
 */
export function planChunks(graph: Pick<ModuleGraph, 'modules'>, entries: readonly string[]): ChunkPlan {
  const filesOf = Map.groupBy(chunkRoots(graph, entries), ([, root]) => root);
  const names = chunkNames([...filesOf.keys()].sort(bytewise));
  const chunkOf = new Map<string, string>();
  for (const [root, name] of names) {
    for (const [file] of filesOf.get(root) ?? []) chunkOf.set(file, name);
  }
  const chunks = [...names].map(([root, name]): [string, Chunk] => {
    const files = (filesOf.get(root) ?? []).map(([file]) => file).sort(bytewise);
    return [name, { name, root, files, ...links(name, files, graph, chunkOf) }];
  });
  return { chunks: new Map(chunks.sort(([a], [b]) => bytewise(a, b))), chunkOf };
}

/** The root of the chunk that each reachable module belongs to. */
function chunkRoots(graph: Pick<ModuleGraph, 'modules'>, entries: readonly string[]): Map<string, string> {
  const { files, roots } = reach(graph, entries);
  const nodeOf = new Map(files.map((file, index) => [file, index + 1]));
  const nodesOf = (names: Iterable<string>) => [...names].map((name) => nodeOf.get(name) ?? 0);
  const successors = files.map((file) => nodesOf(fileTargets(graph.modules.get(file))));
  const dominators = immediateDominators([nodesOf(roots), ...successors]);

  const rootOf = new Map<string, string>();
  for (const file of files) {
    const path: string[] = [];
    let node = nodeOf.get(file) ?? 0;
    // Up the tree until a module whose chunk is known, or the child of the virtual root.
    while (!rootOf.has(files[node - 1] ?? '') && dominators[node] !== 0) {
      path.push(files[node - 1] ?? '');
      node = dominators[node] ?? 0;
    }
    const top = files[node - 1] ?? file;
    const root = rootOf.get(top) ?? top;
    for (const name of [top, ...path]) rootOf.set(name, root);
  }
  return rootOf;
}

/** The modules that the entries lead to, and those of them that begin a chunk whoever else imports them. */
function reach(graph: Pick<ModuleGraph, 'modules'>, entries: readonly string[]) {
  const roots = new Set([...entries].sort(bytewise));
  const files = new Set(roots);
  for (const file of files) {
    for (const { kind, target } of graph.modules.get(file)?.imports ?? []) {
      if (target.kind !== 'file') continue;
      files.add(target.file);
      if (kind === 'dynamic') roots.add(target.file);
    }
  }
  return { files: [...files], roots };
}

function fileTargets(module: Module | undefined): Set<string> {
  const targets = new Set<string>();
  for (const { target } of module?.imports ?? []) if (target.kind === 'file') targets.add(target.file);
  return targets;
}

function links(
  name: string,
  files: readonly string[],
  graph: Pick<ModuleGraph, 'modules'>,
  chunkOf: Map<string, string>,
) {
  const imports = new Set<string>();
  const dependencies = new Set<string>();
  for (const file of files) {
    for (const { specifier, target } of graph.modules.get(file)?.imports ?? []) {
      if (target.kind === 'package') dependencies.add(specifier);
      if (target.kind === 'file') imports.add(chunkOf.get(target.file) ?? target.file);
    }
  }
  imports.delete(name);
  return { imports: [...imports].sort(bytewise), dependencies: [...dependencies].sort(bytewise) };
}

/** `tools/echo.ts` becomes `tools/echo`, unless another root has that name already; `../x/y.ts` becomes `_/x/y`. */
function chunkNames(roots: readonly string[]): Map<string, string> {
  const taken = new Set<string>();
  const names = new Map<string, string>();
  for (const root of roots) {
    const inside = root.replaceAll('../', '_/');
    let name = inside.replace(/\.[^./]+$/, '');
    for (let attempt = 1; taken.has(name); attempt += 1) name = attempt === 1 ? inside : `${inside}-${attempt}`;
    taken.add(name);
    names.set(root, name);
  }
  return names;
}
