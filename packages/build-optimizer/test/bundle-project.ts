import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Digest } from '@mcpgen/build-cache';
import { type Tree, temporaryDirectory, writeTree } from '@mcpgen/testing';
import type { DependencyFacts, Scan } from '../src/bundle.ts';
import { type BundleEvent, planChunks, planDependencies, readModuleGraph } from '../src/bundle.ts';

/** What is remembered between two builds, kept in a map. */
export interface MapMemory<Value> {
  readonly entries: Map<string, Value>;
  get(digest: string, file?: string): Value | undefined;
  set(digest: string, ...rest: [value: Value] | [file: string, value: Value]): void;
}

export function mapMemory<Value>(): MapMemory<Value> {
  const entries = new Map<string, Value>();
  return {
    entries,
    get: (digest, file = '') => entries.get(`${digest} ${file}`),
    set: (digest, ...rest) => {
      if (rest.length === 1) entries.set(`${digest} `, rest[0]);
      else entries.set(`${digest} ${rest[0]}`, rest[1]);
    },
  };
}

export function digestFile(file: string): Digest {
  return `sha256:${hash('sha256', readFileSync(file))}`;
}

/** A project in a directory of its own, with the packages that this package has for its tests. */
export interface BundleProject extends AsyncDisposable {
  readonly directory: string;
  readonly scans: MapMemory<Scan>;
  readonly facts: MapMemory<DependencyFacts>;
  readonly events: BundleEvent[];
  write(tree: Tree): Promise<void>;
  /** The graph from the given entries on; by default all files below `tools/` that were given at first. */
  graph(entries?: readonly string[]): ReturnType<typeof readModuleGraph>;
  /** Graph, chunks and dependencies. */
  plan(): Promise<{
    graph: Awaited<ReturnType<typeof readModuleGraph>>;
    chunks: ReturnType<typeof planChunks>;
    dependencies: Awaited<ReturnType<typeof planDependencies>>;
  }>;
}

const PACKAGES = fileURLToPath(new URL('../node_modules', import.meta.url));

/** The runtime of this repository, as the command line passes it. */
export const ALIASES = { '@mcpgen/server': fileURLToPath(new URL('../../server/src/index.ts', import.meta.url)) };

/** @param below folders between the temporary directory and the project. */
export async function bundleProject(tree: Tree, { below = '.' } = {}): Promise<BundleProject> {
  const temporary = await temporaryDirectory();
  const directory = join(temporary.path, below);
  await mkdir(directory, { recursive: true });
  await writeTree(directory, { 'package.json': '{"name":"project","version":"1.0.0","type":"module"}', ...tree });
  if (!Object.keys(tree).some((path) => path.startsWith('node_modules/'))) {
    await symlink(PACKAGES, join(directory, 'node_modules'));
  }
  const [scans, facts, events] = [mapMemory<Scan>(), mapMemory<DependencyFacts>(), [] as BundleEvent[]];
  const all = Object.keys(tree).filter((path) => path.startsWith('tools/'));
  const graph = (entries: readonly string[] = all) =>
    readModuleGraph({ directory, entries, digestFile, remember: scans, onEvent: (event) => events.push(event) });
  return {
    directory,
    scans,
    facts,
    events,
    write: (more) => writeTree(directory, more),
    graph,
    plan: async () => {
      const found = await graph();
      const dependencies = await planDependencies(found, { aliases: ALIASES, digestFile, remember: facts });
      return { graph: found, chunks: planChunks(found, all), dependencies };
    },
    [Symbol.asyncDispose]: () => temporary.remove(),
  };
}

/** A package as it lies in `node_modules`, for a tree. */
export function installed(name: string, files: Tree, manifest: Readonly<Record<string, unknown>> = {}): Tree {
  const folder = `node_modules/${name}`;
  const tree: Record<string, string | Uint8Array | null> = {
    [`${folder}/package.json`]: JSON.stringify({ name, version: '1.0.0', ...manifest }),
  };
  for (const [path, content] of Object.entries(files)) tree[`${folder}/${path}`] = content;
  return tree;
}
