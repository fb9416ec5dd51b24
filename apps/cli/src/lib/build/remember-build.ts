import { existsSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import {
  type StatCache,
  type WatchedDirectory,
  watchDirectories,
  watchFiles,
  writeBuildRecord,
} from '@mcpgen/cache-invalidation';
import { LOCK_FILE } from './build-paths.ts';
import type { BuildRequest } from './build-request.ts';
import type { BuildResult } from './build-result.ts';
import { writeKeptPlan } from './edit/kept-plan.ts';
import type { ProjectPlan } from './plan-project.ts';
import type { Published } from './publish/publish-server.ts';
import type { StepsResult } from './run-steps.ts';
import type { BuildSettings } from './settings.ts';
import { imageSteps, programOf, writtenBy } from './step-results.ts';
import type { DefinitionWarning } from './steps/definition-warnings.ts';
import { buildIdentity, summarize } from './unchanged-build.ts';

/** What a build read and what it gave. */
export interface BuildFacts {
  readonly watch: ReadonlyMap<string, WatchedDirectory>;
  readonly plan: ProjectPlan;
  readonly run: StepsResult;
  readonly published: Published;
  readonly result: BuildResult;
  readonly warnings: readonly DefinitionWarning[];
  readonly statCache: StatCache;
}

/** Listed before the build lists them itself, so that a file added in between counts as a change for the next build. */
export function watchBefore({ directory, outDirectory }: BuildSettings): ReadonlyMap<string, WatchedDirectory> {
  const folders = ['.', 'connectors', 'prompts', 'resources', 'tools'];
  // A build makes these, and the last of them is watched by itself.
  const [out = ''] = relative(directory, outDirectory).split(sep);
  const watched = watchDirectories(directory, folders, { '.': ['.cache', out, LOCK_FILE] });
  return new Map(watched.map((folder) => [folder.path, folder]));
}

/** Keeps what the next build needs to find out that nothing changed. */
export function rememberBuild(request: BuildRequest, facts: BuildFacts): void {
  const { paths, settings } = request;
  const { watch, plan, run, published, result, warnings, statCache } = facts;
  const { directory } = settings;
  const program = programOf(run);
  const inputs = watchFiles(
    statCache,
    directory,
    // A build of another profile may have looked up what the base's tag stands for now.
    seen(statCache, new Set([...plan.inputs, ...program, ...installationFiles(directory), paths.pins])),
  );
  if (inputs === undefined) return;
  const looked = plan.graph.folders.map((folder) => relative(plan.graph.directory, folder) || '.');
  const folders = new Set([...plan.project.directories, ...looked, ...ownFolders(program, directory)]);
  const directories = [...folders].flatMap((path) => watch.get(path) ?? watchDirectories(directory, [path]));
  writeBuildRecord(paths.record, {
    identity: buildIdentity(request),
    files: inputs,
    directories,
    outputs: [
      { directory: paths.server, facts: published.files },
      { directory: paths.image, facts: writtenBy(imageSteps(run.reports), run.state) },
    ],
    summary: summarize(result, {
      warnings,
      kept: { state: run.stateVersion, plan: writeKeptPlan(paths.plan, plan), published: published.version },
    }),
  });
}

/** Where the project's own files of the program lie: another one beside them may be part of it, too. */
function ownFolders(program: readonly string[], directory: string): readonly string[] {
  return program.flatMap((file) => {
    const folder = relative(directory, dirname(file));
    return folder.startsWith('..') || folder.split(sep).includes('node_modules') ? [] : [folder === '' ? '.' : folder];
  });
}

/** Files that say which packages are installed: of the package managers in use, in the project and in a workspace above. */
function installationFiles(directory: string): readonly string[] {
  const names = [
    'package.json',
    'package-lock.json',
    'pnpm-lock.yaml',
    'yarn.lock',
    'bun.lock',
    'node_modules/.package-lock.json',
    'node_modules/.modules.yaml',
  ];
  const folders = [directory];
  for (let parent = dirname(directory); parent !== folders.at(-1); parent = dirname(parent)) folders.push(parent);
  return folders.flatMap((folder) => names.map((name) => join(folder, name)));
}

/** A file counts with the facts under which the stat cache saw it; one that is not there counts when it appears. */
function seen(statCache: StatCache, paths: ReadonlySet<string>): ReadonlySet<string> {
  for (const path of paths) {
    if (statCache.indexed(path) === undefined && existsSync(path)) statCache.digest(path);
  }
  return paths;
}
