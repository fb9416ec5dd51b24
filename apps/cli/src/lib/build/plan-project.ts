import { join } from 'node:path';
import type { Step } from '@mcpgen/build-optimizer';
import { type ChunkPlan, planChunks, planDependencies, readModuleGraph } from '@mcpgen/build-optimizer/bundle';
import { discoverProject, type Project } from '@mcpgen/generator';
import { hostBase } from './base-steps.ts';
import type { Composition } from './compose.ts';
import { imageSteps } from './image-steps.ts';
import { nativeStep } from './native-step.ts';
import { runtimeDigest } from './runtime-digest.ts';
import { serverSteps } from './server-steps.ts';
import { findCompiler, typecheckStep } from './typecheck-step.ts';

/** A project and all steps of its build. */
export interface ProjectPlan {
  readonly project: Project;
  readonly chunks: ChunkPlan;
  readonly steps: readonly Step[];
  /** Names of the steps that write the server. */
  readonly serverSteps: readonly string[];
  /** Files that the plan was made from, absolute: a change of one means another plan. */
  readonly inputs: readonly string[];
}

/** From a directory to steps: nothing has been built yet, and nothing is written. */
export async function planProject(composition: Composition): Promise<ProjectPlan> {
  const { settings, paths, statCache, scans, context, onEvent, runtime } = composition;
  const { directory, profile } = settings;
  const project = discoverProject(directory, {
    onEvent: (event) => void (event.type === 'warning' && onEvent({ type: 'warning', message: event.message })),
  });
  const entries = project.sources.map((source) => source.file);
  const graph = await readModuleGraph({
    directory,
    entries,
    digestFile: (path) => statCache.digest(path),
    remember: scans,
    signal: context.signal,
    onEvent: composition.onBundleEvent,
  });
  const chunks = planChunks(graph, entries);
  const dependencies = await planDependencies(graph, {
    aliases: runtime.aliases,
    digestFile: (path) => statCache.digest(path),
    remember: composition.dependencies,
    signal: context.signal,
  });
  const runtimeCode = runtimeDigest(runtime.entry, statCache);
  const server = serverSteps(
    {
      project,
      graph,
      chunks,
      dependencies,
      settings: settings.server,
      profile,
      directory: paths.workServer,
      runtime: { entry: runtime.entry, digest: runtimeCode.digest },
    },
    { bundler: composition.bundler, describer: composition.describer },
  );
  const native = nativeStep({ dependencies, directory: paths.workServer, project: directory });
  const built = [...server, ...native];
  const checks = settings.profile.typecheck === 'off' ? [] : typecheck(composition, [...graph.modules.keys()]);
  return {
    project,
    chunks,
    serverSteps: built.map((step) => step.name),
    steps: [...built, ...checks, ...(await image(composition, project, built, checks))],
    inputs: [
      ...[...graph.modules.keys()].map((file) => join(directory, file)),
      ...graph.configFiles,
      ...dependencies.bundled.map((found) => join(found.packageDirectory, 'package.json')),
      ...runtimeCode.files,
    ],
  };
}

async function image(
  { settings, paths }: Composition,
  project: Project,
  built: readonly Step[],
  checks: readonly Step[],
): Promise<readonly Step[]> {
  if (settings.image === undefined) return [];
  const base = await hostBase({ layout: paths.image, compression: settings.profile.compression });
  return imageSteps({
    settings: settings.image,
    server: { name: project.name, version: project.version, ...settings.server.info },
    profile: settings.profile,
    bases: [base],
    layout: paths.image,
    serverSteps: built,
    serverDirectory: paths.workServer,
    gates: [...checks, ...built].map((step) => step.name),
  });
}

function typecheck(composition: Composition, files: readonly string[]): readonly Step[] {
  const { settings, statCache } = composition;
  const found = findCompiler(settings.directory);
  if (found === undefined) return [];
  const digests = [...files, 'tsconfig.json'].map(
    (file) => [file, statCache.digest(join(settings.directory, file))] as const,
  );
  return [typecheckStep({ directory: settings.directory, ...found, files: Object.fromEntries(digests) })];
}
