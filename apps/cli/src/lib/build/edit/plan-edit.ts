import { relative, sep } from 'node:path';
import type { Digest } from '@mcpgen/build-cache';
import type { Step } from '@mcpgen/build-optimizer';
import { type Chunk, editModuleGraph, type ModuleGraph } from '@mcpgen/build-optimizer/bundle';
import {
  type KeptRecord,
  openStatCache,
  outputsInPlace,
  readBuildState,
  type StatCache,
  type StepState,
} from '@mcpgen/cache-invalidation';
import type { Project, Source } from '@mcpgen/generator';
import type { BuildRequest } from '../build-request.ts';
import type { BuildTools } from '../open-build-tools.ts';
import { planImage } from '../plan-image.ts';
import { stepDirectory } from '../run-steps.ts';
import { chunkClosure } from '../steps/chunk-closure.ts';
import { chunkOf } from '../steps/server-plan.ts';
import { editedServerSteps } from '../steps/server-steps.ts';
import { planTypecheck } from '../steps/typecheck-step.ts';
import type { BuildSummary, KeptVersions } from '../unchanged-build.ts';
import { type KeptPlan, readKeptPlan } from './kept-plan.ts';

/** A build whose only difference from the last one is the contents of these files. */
export interface Edit {
  readonly record: KeptRecord;
  /** Of the record. */
  readonly summary: BuildSummary;
  /** Absolute. */
  readonly edited: readonly string[];
}

/** The steps that an edit reaches. All others are as the last build left them. */
export interface EditPlan {
  readonly edit: Edit;
  /** What it builds on. */
  readonly kept: Required<{ readonly [Part in keyof KeptVersions]: string }>;
  readonly project: Project;
  /** What is described anew, in the order of the project. */
  readonly described: readonly Source[];
  readonly steps: readonly Step[];
  /** Names of those among the steps that write the server. */
  readonly serverSteps: readonly string[];
  /** Names of all steps that write the server. */
  readonly allServerSteps: () => readonly string[];
  /** What the whole plan had to say. */
  readonly warnings: readonly string[];
  /** Of the edited files alone: what it sees is not kept. */
  readonly statCache: StatCache;
  readonly generatorVersion: string;
  readonly state: ReadonlyMap<string, StepState>;
}

/**
 * Plans the steps that an edit reaches, from what the last build kept. `undefined` wherever more may be different: where
 * an edited file imports or exports something else now, or is none that modules are made of, or where something that the
 * last build left is not there any more. Then the build is planned anew, which also says what is wrong with a file.
 */
export async function planEdit(request: BuildRequest, tools: BuildTools, edit: Edit): Promise<EditPlan | undefined> {
  const { paths, settings, context } = request;
  const { state: version, plan, published } = edit.summary.kept;
  // It names every file of the project.
  if (settings.image?.provenance === true) return undefined;
  if (version === undefined || published === undefined) return undefined;
  const kept = readKeptPlan(paths.plan, plan);
  // A project under a link is seen by two paths: only whole builds go by both.
  if (plan === undefined || kept?.graph.directory !== settings.directory) return undefined;
  const statCache = openStatCache({ file: paths.editStatCache, root: settings.directory, now: context.now });
  // The compiler starts meanwhile.
  const reading = readEditedGraph(kept, edit, statCache);
  const { version: found, steps: state } = readBuildState(paths.state);
  const read = await reading;
  if (read === undefined || found !== version) return undefined;
  const edited = await editedSteps(request, tools, { kept, ...read });
  const { steps } = edited;
  if (!steps.every((step) => state.has(step.name)) || !needsInPlace(request, steps, state)) return undefined;
  const { project, warnings, generatorVersion, serverSteps: allServerSteps } = kept;
  const versions = { state: version, plan, published };
  return { edit, kept: versions, project, warnings, generatorVersion, allServerSteps, statCache, state, ...edited };
}

/** The chunks that edited files lie in, and what is known of the modules in them. */
interface EditedGraph {
  readonly chunks: readonly Chunk[];
  readonly graph: ModuleGraph;
}

/** `undefined` where files are not modules alone, or say something else of themselves than they did. */
async function readEditedGraph(
  { graph, dependencies, chunks, graphOf, warnings }: KeptPlan,
  { edited }: Edit,
  statCache: StatCache,
): Promise<EditedGraph | undefined> {
  const others = new Set([...graph.configFiles, ...dependencies.inputs]);
  if (edited.some((path) => others.has(path))) return undefined;
  const files = edited.map((path) => relative(graph.directory, path).split(sep).join('/'));
  // What was said of a file need not hold any more.
  if (warnings.some((warning) => files.some((file) => warning.startsWith(`${file}:`)))) return undefined;
  const names = new Set(files.map((file) => chunks.chunkOf.get(file)));
  const found = [...names].flatMap((name) => chunks.chunks.get(name ?? '') ?? []);
  const before = graphOf(found.flatMap((chunk) => chunk.files));
  if (found.length < names.size || before === undefined) return undefined;
  const digestFile = (path: string): Digest => statCache.digest(path);
  try {
    const after = await editModuleGraph(before, { files, digestFile });
    // Others of these modules may have been edited since the plan was kept.
    return after && { chunks: found, graph: withDigests(after, digestFile) };
  } catch {
    return undefined;
  }
}

function withDigests(graph: ModuleGraph, digestFile: (path: string) => Digest): ModuleGraph {
  const modules = Array.from(graph.modules.values(), (module) => ({
    ...module,
    digest: digestFile(`${graph.directory}/${module.file}`),
  }));
  return { ...graph, modules: new Map(modules.map((module) => [module.file, module])) };
}

async function editedSteps(
  request: BuildRequest,
  tools: BuildTools,
  { kept, graph, chunks }: EditedGraph & { readonly kept: KeptPlan },
): Promise<Pick<EditPlan, 'described' | 'steps' | 'serverSteps'>> {
  const { settings, paths } = request;
  const plan = {
    ...kept,
    graph,
    settings: settings.server,
    profile: settings.profile,
    environment: settings.environment,
    directory: paths.workServer,
    // Its step is as it was.
    runtime: { entry: tools.runtime.entry, digest: '' },
  };
  const edited = new Set(chunks.map(({ name }) => name));
  const described = kept.project.sources.filter((source) =>
    chunkClosure(kept.chunks.chunks, chunkOf(kept.chunks, source.file).name).some(({ name }) => edited.has(name)),
  );
  const server = editedServerSteps(plan, tools, { chunks, described });
  const checks = planTypecheck(request);
  const gates = [...checks, ...server].map(({ name }) => name);
  const image = await planImage(request, tools, { ...kept, modules: undefined, gates });
  const serverSteps = server.map(({ name }) => name);
  const names = new Set(serverSteps);
  const layers = image.filter(
    ({ name, needs }) => name === 'image' || needs.length === 0 || needs.some((need) => names.has(need)),
  );
  return { described, steps: [...server, ...checks, ...layers], serverSteps };
}

/** Whether what these steps read of others is where those left it. The last step of an image reads no files. */
function needsInPlace(request: BuildRequest, steps: readonly Step[], state: ReadonlyMap<string, StepState>): boolean {
  const directoryOf = stepDirectory(request);
  const own = new Set(steps.map((step) => step.name));
  const readers = steps.filter(({ name }) => /^(describe|layer):/.test(name));
  const others = new Set(readers.flatMap(({ needs, after = [] }) => [...needs, ...after]));
  return [...others].every((name) => {
    const left = state.get(name);
    return own.has(name) || (left !== undefined && outputsInPlace(directoryOf(name), left.outputs));
  });
}
