import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '@mcpgen/build-cache';
import type { Step } from '@mcpgen/build-optimizer';
import {
  type ChunkPlan,
  type DependencyPlan,
  planChunks,
  planDependencies,
  readModuleGraph,
  runtimeFiles,
} from '@mcpgen/build-optimizer/bundle';
import { discoverProject, type Project } from '@mcpgen/generator';
import { formatPlatform, platformOf } from '@mcpgen/oci';
import { compilerMissing, nativePackages } from '../errors.ts';
import { planBases } from './base-steps.ts';
import type { BuildRequest } from './build-request.ts';
import { readGeneratorVersion } from './generator-version.ts';
import { imageSteps } from './image-steps.ts';
import { nativeStep } from './native-step.ts';
import type { BuildTools } from './open-build-tools.ts';
import { serverSteps } from './server-steps.ts';
import { findCompiler, typecheckStep } from './typecheck-step.ts';

/** A project and all steps of its build. */
export interface ProjectPlan {
  readonly project: Project;
  readonly chunks: ChunkPlan;
  /** Part of every step's key. */
  readonly generatorVersion: string;
  readonly steps: readonly Step[];
  /** Names of the steps that write the server. */
  readonly serverSteps: readonly string[];
  /** Files that the plan was made from, absolute: a change of one means another plan. */
  readonly inputs: readonly string[];
}

/** From a directory to steps: nothing has been built yet, and nothing is written. */
export async function planProject(request: BuildRequest, tools: BuildTools): Promise<ProjectPlan> {
  const { settings, paths, context, onEvent } = request;
  const { statCache, scans, runtime } = tools;
  const { directory, profile } = settings;
  const project = discoverProject(directory, {
    auth: settings.auth,
    onEvent: (event) => void (event.type === 'warning' && onEvent({ type: 'warning', message: event.message })),
  });
  const entries = project.sources.map((source) => source.file);
  const graph = await readModuleGraph({
    directory,
    entries,
    digestFile: (path) => statCache.digest(path),
    remember: scans,
    signal: context.signal,
    onEvent: tools.onBundleEvent,
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
  const checks = settings.profile.typecheck === 'off' ? [] : typecheck(request);
  return {
    project,
    chunks,
    generatorVersion: generator.version,
    serverSteps: built.map((step) => step.name),
    steps: [...built, ...checks, ...(await image(request, tools, { project, dependencies, built, checks }))],
    inputs: [
      ...[...graph.modules.keys()].map((file) => join(directory, file)),
      ...graph.configFiles,
      ...dependencies.inputs,
      ...runtimeCode,
      ...generator.files,
    ],
  };
}

interface ImageInputs {
  readonly project: Project;
  readonly dependencies: DependencyPlan;
  readonly built: readonly Step[];
  readonly checks: readonly Step[];
}

async function image(
  { settings, paths }: BuildRequest,
  { openRepository, pins }: BuildTools,
  inputs: ImageInputs,
): Promise<readonly Step[]> {
  const { project, dependencies, built, checks } = inputs;
  if (settings.image === undefined) return [];
  checkNativePackages(settings.image.platforms, dependencies);
  const bases = await planBases({
    image: settings.image,
    layout: paths.image,
    compression: settings.profile.compression,
    openRepository,
    pins,
  });
  return imageSteps({
    settings: settings.image,
    server: { name: project.name, version: project.version, ...settings.server.info },
    profile: settings.profile,
    bases,
    layout: paths.image,
    serverSteps: built,
    serverDirectory: paths.workServer,
    gates: [...checks, ...built].map((step) => step.name),
  });
}

/** Packages that stay as they are were installed for this machine: an image for another one would not start. */
function checkNativePackages(platforms: readonly string[] | undefined, { external }: DependencyPlan): void {
  const other = platforms?.find((platform) => platform !== formatPlatform(platformOf('linux', process.arch)));
  if (other !== undefined && external.length > 0)
    throw nativePackages(
      other,
      external.map((found) => found.package),
    );
}

function typecheck({ settings, paths, typecheck: wanted, onEvent }: BuildRequest): readonly Step[] {
  const { directory } = settings;
  const found = findCompiler(directory);
  const buildInfo = join(paths.work, 'types.tsbuildinfo');
  if (found !== undefined) return [typecheckStep({ directory, ...found, buildInfo })];
  if (wanted === 'asked-for') throw compilerMissing(directory);
  if (existsSync(join(directory, 'tsconfig.json'))) {
    onEvent({ type: 'warning', message: 'The types are not checked: TypeScript is not installed in this project' });
  }
  return [];
}
