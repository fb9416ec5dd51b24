import { journalVersion, readSealedColumns, writeSealedColumns } from '@mcpgen/build-cache';
import type { LayerGroup } from '@mcpgen/build-optimizer';
import type { Chunk, ChunkPlan, DependencyPlan, Module, ModuleGraph } from '@mcpgen/build-optimizer/bundle';
import type { Project } from '@mcpgen/generator';
import type { ProjectPlan } from '../plan-project.ts';

/** What stays of a plan when files are edited and import and export what they did before. */
export interface KeptPlan extends KeptParts {
  readonly chunks: ChunkPlan;
  /** Names of all steps that write the server. */
  serverSteps(): readonly string[];
  /** The part of the graph that these files are; `undefined` where it has not all of them. */
  graphOf(files: readonly string[]): ModuleGraph | undefined;
}

/** What of a plan is kept as it is. JSON. */
interface KeptParts {
  readonly project: Project;
  readonly graph: Omit<ModuleGraph, 'modules'>;
  readonly dependencies: DependencyPlan;
  readonly generatorVersion: string;
  readonly layers: readonly LayerGroup[];
  readonly warnings: readonly string[];
}

const FORMAT = 2;

/** Keeps the plan of a build that ended well, and tells which it is; `undefined` when it could not be kept. */
export function writeKeptPlan(file: string, plan: ProjectPlan): string | undefined {
  const { project, chunks, dependencies, generatorVersion, layers, warnings } = plan;
  const { modules, ...graph } = plan.graph;
  const parts: KeptParts = { project, graph, dependencies, generatorVersion, layers, warnings };
  const texts = Array.from(modules.values(), (module) => Buffer.from(JSON.stringify(module)));
  try {
    writeSealedColumns(file, FORMAT, {
      parts: { json: parts },
      chunks: { json: [...chunks.chunks.values()] },
      steps: plan.serverSteps,
      files: [...modules.keys()],
      lengths: Float64Array.from(texts, ({ length }) => length),
      modules: Buffer.concat(texts),
    });
    return journalVersion(file);
  } catch {
    return undefined;
  }
}

/** The plan of this version, if it is the one that is kept. An edit asks for few of its modules: those alone are parsed. */
export function readKeptPlan(file: string, version: string | undefined): KeptPlan | undefined {
  if (version === undefined || journalVersion(file) !== version) return undefined;
  const columns = readSealedColumns(file, FORMAT);
  if (columns === undefined) return undefined;
  // The seal and the format vouch for what it is.
  const parts = columns.json('parts') as KeptParts;
  const chunks = columns.json('chunks') as readonly Chunk[];
  const lengths = columns.numbers('lengths');
  const text = columns.bytes('modules');
  const files = columns.texts('files');
  return {
    ...parts,
    chunks: {
      chunks: new Map(chunks.map((chunk) => [chunk.name, chunk])),
      chunkOf: new Map(chunks.flatMap(({ files: own, name }) => own.map((path) => [path, name] as const))),
    },
    serverSteps: () => columns.texts('steps'),
    graphOf: (wanted) => {
      const rows = wanted.map((path) => files.indexOf(path));
      if (rows.includes(-1)) return undefined;
      const modules = rows.map((row) => parseModule(text, lengths, row));
      return { ...parts.graph, modules: new Map(modules.map((module) => [module.file, module])) };
    },
  };
}

function parseModule(text: Buffer, lengths: Float64Array, row: number): Module {
  const begin = lengths.subarray(0, row).reduce((sum, length) => sum + length, 0);
  return JSON.parse(text.toString('utf8', begin, begin + (lengths[row] ?? 0))) as Module;
}
