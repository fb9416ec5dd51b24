import { posix } from 'node:path';
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
  const context = { chunks, places: placesOf(dependencies) };
  const tables = new Map<string, ReadonlyMap<string, ModuleImport>>();

  return (file, specifier) => {
    let table = tables.get(file);
    if (table === undefined) {
      table = new Map(graph.modules.get(file)?.imports.map((found) => [found.specifier, found]));
      tables.set(file, table);
    }
    const found = table.get(specifier);
    const chunk = chunks.chunkOf.get(file);
    return found === undefined || chunk === undefined ? undefined : link(found, chunk, context);
  };
}

/** What is the same for all chunks of a plan, made once. */
interface Places {
  /** Where each bundled specifier is written, below `deps/`. */
  readonly entries: ReadonlyMap<string, string>;
  /** Paths from one output to another, by `<folder> <output>`: a thousand tools import the same few. */
  readonly paths: Map<string, string>;
}

const placesByPlan = new WeakMap<object, Places>();

function placesOf(dependencies: BundlePlan['dependencies']): Places {
  const known = placesByPlan.get(dependencies);
  if (known !== undefined) return known;
  const entries = new Map(dependencies.bundled.map(({ entry, specifier }) => [specifier, entry]));
  const places = { entries, paths: new Map<string, string>() };
  placesByPlan.set(dependencies, places);
  return places;
}

function link(
  { specifier, target }: ModuleImport,
  chunk: string,
  { chunks, places }: { readonly chunks: ChunkPlan; readonly places: Places },
): LinkedImport | undefined {
  switch (target.kind) {
    case 'builtin':
      return { kind: 'outside', path: target.name };
    case 'package': {
      const entry = places.entries.get(specifier);
      const path = entry === undefined ? specifier : outputPath(`modules/${chunk}`, `deps/${entry}`, places);
      return { kind: 'outside', path };
    }
    case 'file': {
      const other = chunks.chunkOf.get(target.file);
      if (other === chunk) return { kind: 'inside', file: target.file };
      if (other === undefined) return undefined;
      return { kind: 'outside', path: outputPath(`modules/${chunk}`, `modules/${other}.js`, places) };
    }
    default:
      return target satisfies never;
  }
}

/** The path of one output as another one imports it: `../../deps/zod.js`. */
function outputPath(from: string, to: string, { paths }: Places): string {
  const folder = from.slice(0, from.lastIndexOf('/'));
  const key = `${folder} ${to}`;
  let path = paths.get(key);
  if (path === undefined) {
    path = posix.relative(folder, to);
    if (!path.startsWith('../')) path = `./${path}`;
    paths.set(key, path);
  }
  return path;
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
  const context = { chunks, places: placesOf(dependencies) };
  const files: Record<string, Digest> = {};
  // A list of texts: objects with a thousand different sets of keys are slow.
  const imports: string[] = [];
  for (const file of chunk.files) {
    const module = graph.modules.get(file);
    if (module === undefined) throw new RangeError(`Cannot key "${file}": it is not in the module graph`);
    files[file] = module.digest;
    for (const found of module.imports) {
      const linked = link(found, chunk.name, context);
      if (linked === undefined) continue;
      imports.push(`${file} ${found.specifier} ${linked.kind === 'inside' ? linked.file : linked.path}`);
    }
  }
  return {
    files,
    options: { ...settings, root: chunk.root, compilerOptions: graph.compilerOptions, imports },
  };
}
