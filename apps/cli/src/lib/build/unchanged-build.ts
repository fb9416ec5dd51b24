import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { jsonText } from '@mcpgen/build-cache';
import {
  checkUnchanged,
  readBuildRecord,
  readOutputFacts,
  type StatCache,
  type WatchedDirectory,
  watchDirectories,
  watchFiles,
  writeBuildRecord,
} from '@mcpgen/cache-invalidation';
import { version } from '../version.ts';
import type { BuildResult } from './build-result.ts';
import type { Composition } from './compose.ts';
import type { ProjectPlan } from './plan-project.ts';

/** What the last build gave, every step fresh, where nothing at all has changed: one stat per file and no step made. */
export function unchangedBuild(composition: Composition): BuildResult | undefined {
  const { paths, settings } = composition;
  if (composition.fresh === 'never') return undefined;
  const record = readBuildRecord(paths.record);
  if (record === undefined || !checkUnchanged(record, settings.directory, identity(composition)).unchanged)
    return undefined;
  return freshen(record.summary as BuildResult);
}

/** Listed before the build lists them itself, so that a file added in between counts as a change for the next build. */
export function watchBefore({ settings }: Composition): ReadonlyMap<string, WatchedDirectory> {
  const folders = ['.', 'connectors', 'prompts', 'resources', 'tools'];
  return new Map(watchDirectories(settings.directory, folders).map((watched) => [watched.path, watched]));
}

/** Keeps what the next build needs to find out that nothing changed. */
export function rememberBuild(
  composition: Composition,
  {
    watch,
    plan,
    result,
    files,
  }: {
    readonly watch: ReadonlyMap<string, WatchedDirectory>;
    readonly plan: ProjectPlan;
    readonly result: BuildResult;
    readonly files: readonly string[];
  },
): void {
  const { paths, settings, statCache } = composition;
  const { directory } = settings;
  const inputs = watchFiles(
    statCache,
    directory,
    seen(statCache, new Set([...plan.inputs, ...installationFiles(directory)])),
  );
  if (inputs === undefined) return;
  const directories = plan.project.directories.flatMap(
    (path) => watch.get(path) ?? watchDirectories(directory, [path]),
  );
  writeBuildRecord(paths.record, {
    identity: identity(composition),
    files: inputs,
    directories,
    outputs: [
      { directory: paths.server, facts: readOutputFacts(paths.server, files) },
      ...(result.image === undefined
        ? []
        : [{ directory: paths.image, facts: readOutputFacts(paths.image, imageFiles(paths.image)) }]),
    ],
    summary: { ...result, targets: [], steps: result.steps.map((step) => ({ ...step, needs: [] })) },
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

/** Everything that is no file and changes what a build gives. */
function identity({ settings, config }: Composition): string {
  const { targets: _, concurrency: __, ...rest } = settings;
  return jsonText({ version, node: process.version, execPath: process.execPath, settings: rest, config });
}

function freshen(result: BuildResult): BuildResult {
  const steps = result.steps.map(({ name, duration, saved }) => ({
    name,
    outcome: 'fresh' as const,
    reason: 'nothing changed',
    duration: 0,
    start: 0,
    queued: 0,
    saved: saved > 0 ? saved : duration,
    needs: [],
  }));
  return { ...result, steps, warnings: [] };
}

function imageFiles(layout: string): readonly string[] {
  const blobs = join(layout, 'blobs', 'sha256');
  return ['index.json', 'oci-layout', ...readdirSync(blobs).map((name) => relative(layout, join(blobs, name)))];
}
