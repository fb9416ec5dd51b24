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
  const { settings, paths, context } = request;
  const { statCache, scans, runtime } = tools;
  const { directory, profile } = settings;
  const warnings: string[] = [];
  const warn = (message: string): void => {
    warnings.push(message);
    request.onEvent({ type: 'warning', message });
  };
  const project = discoverProject(directory, {
    auth: settings.auth,
    onEvent: (event) => void (event.type === 'warning' && warn(event.message)),
  });
  const entries = project.sources.map((source) => source.file);
  const graph = await readModuleGraph({
    directory,
    entries,
    digestFile: (path) => statCache.digest(path),
    remember: scans,
    signal: context.signal,
    onEvent: (event) => void (event.type === 'warning' && warn(locatedMessage(event))),
  });
  const chunks = planChunks(graph, entries);
  const dependencies = await planDependencies(graph, {
    aliases: runtime.aliases,
    digestFile: (path) => statCache.digest(path),
    remember: tools.dependencies,
    signal: context.signal,
  });
  const generator = readGeneratorVersion(statCache);
  const runtimeCode = runtimeFiles(runtime.entry);
  const server = serverSteps(
    {
      project,
      graph,
      chunks,
      dependencies,
      settings: settings.server,
      profile,
      directory: paths.workServer,
      runtime: { entry: runtime.entry, digest: digestOf(runtimeCode.map((file) => statCache.digest(file)).join('\n')) },
    },
    { bundler: tools.bundler, describer: tools.describer },
  );
  const native = nativeStep({ dependencies, directory: paths.workServer, project: directory });
  const built = [...server, ...native];
  const serverNames = built.map((step) => step.name);
  const layers = settings.image === undefined ? [] : planLayers(serverNames);
  const checks = planTypecheck(request);
  return {
    project,
    graph,
    chunks,
    dependencies,
    warnings,
    generatorVersion: generator.version,
    serverSteps: serverNames,
    layers,
    steps: [
      ...built,
      ...checks,
      ...(await planImage(request, tools, {
        project,
        dependencies,
        layers,
        gates: [...checks, ...built].map((step) => step.name),
      })),
    ],
    inputs: [
      ...[...graph.modules.keys()].map((file) => join(directory, file)),
      ...graph.configFiles,
      ...dependencies.inputs,
      ...runtimeCode,
      ...generator.files,
    ],
  };
}
