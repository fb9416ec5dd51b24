import { join } from 'node:path';
import { digestOf } from '@mcpgen/build-cache';
import { type LayerGroup, planLayers, type Step } from '@mcpgen/build-optimizer';
import {
  type ChunkPlan,
  type DependencyPlan,
  type ModuleGraph,
  planChunks,
  planDependencies,
  readModuleGraph,
  runtimeFiles,
} from '@mcpgen/build-optimizer/bundle';
import { discoverProject, type Project } from '@mcpgen/generator';
import type { BuildRequest } from './build-request.ts';
import { readGeneratorVersion } from './generator-version.ts';
import { locatedMessage } from './located-message.ts';
import type { BuildTools } from './open-build-tools.ts';
import { planImage } from './plan-image.ts';
import { nativeStep } from './steps/native-step.ts';
import { serverSteps } from './steps/server-steps.ts';
import { planTypecheck } from './steps/typecheck-step.ts';

/** A project and all steps of its build. */
export interface ProjectPlan {
  readonly project: Project;
  readonly graph: ModuleGraph;
  readonly chunks: ChunkPlan;
  readonly dependencies: DependencyPlan;
  /** Part of every step's key. */
  readonly generatorVersion: string;
  readonly steps: readonly Step[];
  /** Names of the steps that write the server. */
  readonly serverSteps: readonly string[];
  /** What of them goes into which layer of the image, if one is made. */
  readonly layers: readonly LayerGroup[];
  /** What the plan had to say. */
  readonly warnings: readonly string[];
  /** Files that the plan was made from, absolute: a change of one means another plan. */
  readonly inputs: readonly string[];
}

/** From a directory to steps: nothing has been built yet, and nothing is written. */
export async function planProject(request: BuildRequest, tools: BuildTools): Promise<ProjectPlan> {
  const { settings, paths } = request;
  const { statCache, runtime, bundler, describer } = tools;
  const code = await readCode(request, tools);
  const { dependencies } = code;
  const generator = readGeneratorVersion(statCache);
  const runtimeCode = runtimeFiles(runtime.entry);
  const runtimeDigest = digestOf(runtimeCode.map((file) => statCache.digest(file)).join('\n'));
  const { profile, directory, environment } = settings;
  const target = { settings: settings.server, profile, environment, directory: paths.workServer };
  const server = serverSteps(
    { ...code, ...target, runtime: { entry: runtime.entry, digest: runtimeDigest } },
    { bundler, describer },
  );
  const built = [...server, ...nativeStep({ dependencies, directory: paths.workServer, project: directory })];
  const names = built.map((step) => step.name);
  const layers = settings.image === undefined ? [] : planLayers(names);
  const checks = planTypecheck(request);
  const gates = [...checks, ...built].map((step) => step.name);
  return {
    ...code,
    generatorVersion: generator.version,
    serverSteps: names,
    layers,
    steps: [
      ...built,
      ...checks,
      ...(await planImage(request, tools, { ...code, modules: code.graph.modules, layers, gates })),
    ],
    inputs: [
      ...[...code.graph.modules.keys()].map((file) => join(directory, file)),
      ...code.graph.configFiles,
      ...dependencies.inputs,
      ...runtimeCode,
      ...generator.files,
    ],
  };
}

/** What a project consists of. */
type ProjectCode = Pick<ProjectPlan, 'project' | 'graph' | 'chunks' | 'dependencies' | 'warnings'>;

async function readCode({ settings, context, onEvent }: BuildRequest, tools: BuildTools): Promise<ProjectCode> {
  const { directory, auth } = settings;
  const warnings: string[] = [];
  const warn = (message: string): void => {
    warnings.push(message);
    onEvent({ type: 'warning', message });
  };
  const project = discoverProject(directory, {
    auth,
    onEvent: (event) => void (event.type === 'warning' && warn(event.message)),
  });
  const entries = project.sources.map((source) => source.file);
  const digestFile = (path: string) => tools.statCache.digest(path);
  const graph = await readModuleGraph({
    directory,
    entries,
    digestFile,
    remember: tools.scans,
    signal: context.signal,
    onEvent: (event) => void (event.type === 'warning' && warn(locatedMessage(event))),
  });
  const chunks = planChunks(graph, entries);
  const dependencies = await planDependencies(graph, {
    aliases: tools.runtime.aliases,
    digestFile,
    remember: tools.dependencies,
    locked: tools.lockedDependencies,
    signal: context.signal,
  });
  return { project, graph, chunks, dependencies, warnings };
}
