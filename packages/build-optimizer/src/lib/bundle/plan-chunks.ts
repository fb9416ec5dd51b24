import { immediateDominators } from './dominators.ts';
import type { ModuleGraph } from './module-graph.ts';
import { sortMap } from './sort-map.ts';

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
  const filesOf = new Map<string, string[]>();
  for (const [file, root] of chunkRoots(graph, entries)) {
    const files = filesOf.get(root);
    if (files === undefined) filesOf.set(root, [file]);
    else files.push(file);
  }
  const names = chunkNames([...filesOf.keys()].sort());
  const chunkOf = new Map<string, string>();
  for (const [root, name] of names) {
    for (const file of filesOf.get(root) ?? []) chunkOf.set(file, name);
  }
  const chunks = new Map<string, Chunk>();
  for (const [root, name] of names) {
    const files = (filesOf.get(root) ?? []).sort();
    chunks.set(name, { name, root, files, ...links(name, files, graph, chunkOf) });
  }
  return { chunks: sortMap(chunks), chunkOf };
}

/** The root of the chunk that each reachable module belongs to. */
function chunkRoots(graph: Pick<ModuleGraph, 'modules'>, entries: readonly string[]): Map<string, string> {
  const { files, roots, successors } = reach(graph, entries);
  const dominators = immediateDominators([roots, ...successors]);
  const rootOf = new Map<string, string>();
  const topOf = new Int32Array(files.length + 1);
  for (const [index, file] of files.entries()) {
    const top = childOfRoot(index + 1, dominators, topOf);
    rootOf.set(file, files[top - 1] ?? file);
  }
  return rootOf;
}

/** Up the dominator tree to the child of its root; remembers the answer for all nodes on the way. */
function childOfRoot(node: number, dominators: Int32Array, topOf: Int32Array): number {
  let top = node;
  while (topOf[top] === 0 && dominators[top] !== 0) top = dominators[top] ?? 0;
  const found = topOf[top] || top;
  for (let below = node; topOf[below] === 0; below = dominators[below] ?? 0) {
    topOf[below] = found;
    if (below === found) break;
  }
  return found;
}

/** The modules that the entries lead to, as nodes from 1 on in this order, and those that begin a chunk in any case. */
function reach(graph: Pick<ModuleGraph, 'modules'>, entries: readonly string[]) {
  const files: string[] = [];
  const nodes = new Map<string, number>();
  const nodeOf = (file: string) => {
    const known = nodes.get(file);
    if (known !== undefined) return known;
    files.push(file);
    nodes.set(file, files.length);
    return files.length;
  };
  const roots = new Set([...entries].sort().map(nodeOf));
  const successors: number[][] = [];
  for (const file of files) {
    const targets: number[] = [];
    for (const { kind, target } of graph.modules.get(file)?.imports ?? []) {
      if (target.kind !== 'file') continue;
      const node = nodeOf(target.file);
      targets.push(node);
      if (kind === 'dynamic') roots.add(node);
    }
    successors.push(targets);
  }
  return { files, roots: [...roots], successors };
}

function links(
  name: string,
  files: readonly string[],
  graph: Pick<ModuleGraph, 'modules'>,
  chunkOf: ReadonlyMap<string, string>,
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
  return { imports: [...imports].sort(), dependencies: [...dependencies].sort() };
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
