import type { Digest } from '@mcpgen/build-cache';
import type { StepInputs } from '../step.ts';
import type { DependencyPlan } from './dependency-plan.ts';
import type { ModuleGraph, ModuleImport } from './module-graph.ts';
import type { Chunk, ChunkPlan } from './plan-chunks.ts';

/** All that is known about a project when its chunks are bundled. */
export interface BundlePlan {
  readonly graph: ModuleGraph;
  readonly chunks: ChunkPlan;
  readonly dependencies: Pick<DependencyPlan, 'bundled' | 'external'>;
}

/** What an import of the author's becomes in the output. */
export type LinkedImport =
  /** Part of the same chunk: bundled in. */
  | { readonly kind: 'inside'; readonly file: string }
  /** Left as an import, of this path or specifier. */
  | { readonly kind: 'outside'; readonly path: string };

export type Linker = (file: string, specifier: string) => LinkedImport | undefined;

/** Makes the function that says what becomes of each import; `undefined` for one that the graph does not hold. */
export function createLinker({ graph, chunks, dependencies }: BundlePlan): Linker {
  const entries = entryTable(dependencies);
  const tables = new Map<string, ReadonlyMap<string, ModuleImport>>();

  return (file, specifier) => {
    let table = tables.get(file);
    if (table === undefined) {
      table = new Map(graph.modules.get(file)?.imports.map((found) => [found.specifier, found]));
      tables.set(file, table);
    }
    const found = table.get(specifier);
    const chunk = chunks.chunkOf.get(file);
    return found === undefined || chunk === undefined ? undefined : link(found, chunk, { chunks, entries });
  };
}

const entryTables = new WeakMap<object, ReadonlyMap<string, string>>();

/** Where each bundled specifier is written; made once for a plan, since every chunk asks. */
function entryTable(dependencies: BundlePlan['dependencies']): ReadonlyMap<string, string> {
  const known = entryTables.get(dependencies);
  if (known !== undefined) return known;
  const table = new Map(dependencies.bundled.map(({ entry, specifier }) => [specifier, entry]));
  entryTables.set(dependencies, table);
  return table;
}

function link(
  { specifier, target }: ModuleImport,
  chunk: string,
  { chunks, entries }: { readonly chunks: ChunkPlan; readonly entries: ReadonlyMap<string, string> },
): LinkedImport | undefined {
  switch (target.kind) {
    case 'builtin':
      return { kind: 'outside', path: target.name };
    case 'package': {
      const entry = entries.get(specifier);
      const path = entry === undefined ? specifier : relativeOutput(`modules/${chunk}`, `deps/${entry}`);
      return { kind: 'outside', path };
    }
    case 'file': {
      const other = chunks.chunkOf.get(target.file);
      if (other === chunk) return { kind: 'inside', file: target.file };
      if (other === undefined) return undefined;
      return { kind: 'outside', path: relativeOutput(`modules/${chunk}`, `modules/${other}.js`) };
    }
    default:
      return target satisfies never;
  }
}

/** The path of one output as another one imports it: `../../deps/zod.js`. */
function relativeOutput(from: string, to: string): string {
  const folders = from.split('/').slice(0, -1);
  const parts = to.split('/');
  let shared = 0;
  while (shared < folders.length && shared < parts.length - 1 && folders[shared] === parts[shared]) shared += 1;
  const up = '../'.repeat(folders.length - shared);
  return `${up === '' ? './' : up}${parts.slice(shared).join('/')}`;
}

/**
 * All that decides what bundling a chunk gives, for the key of its step: the digests of its files, and as options the
 * bundler's settings and where each import that leaves the chunk leads.
 */
export function chunkInputs(
  chunk: Chunk,
  plan: BundlePlan,
  { settings }: { readonly settings: Readonly<Record<string, unknown>> },
): StepInputs {
  const { chunks, dependencies, graph } = plan;
  const entries = entryTable(dependencies);
  const files: Record<string, Digest> = {};
  const imports: Record<string, string> = {};
  for (const file of chunk.files) {
    const module = graph.modules.get(file);
    if (module === undefined) throw new RangeError(`Cannot key "${file}": it is not in the module graph`);
    files[file] = module.digest;
    for (const found of module.imports) {
      const linked = link(found, chunk.name, { chunks, entries });
      if (linked === undefined) continue;
      imports[`${file} ${found.specifier}`] = linked.kind === 'inside' ? linked.file : linked.path;
    }
  }
  return {
    files,
    options: { ...settings, root: chunk.root, compilerOptions: graph.compilerOptions, imports },
  };
}
