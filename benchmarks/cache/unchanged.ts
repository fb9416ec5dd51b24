import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  checkUnchanged,
  openStatCache,
  readBuildRecord,
  readOutputFacts,
  watchDirectories,
  watchFiles,
  writeBuildRecord,
} from '@mcpgen/cache-invalidation';
import { listTree } from './tree.ts';

/** What a build depended on and left, in a directory. Paths are listed when there is no record yet. */
export interface Project {
  readonly root: string;
  readonly directories: readonly string[];
  readonly sources: () => readonly string[];
  /** Directories of outputs. */
  readonly outputs: readonly string[];
}

/** Says by its record that nothing in a project has changed; the first time, the record is made. */
export function checkProject(project: Project, file: string): void {
  if (!existsSync(file)) {
    record(project, file);
    return;
  }
  const kept = readBuildRecord(file);
  if (kept === undefined || !checkUnchanged(kept, project.root, 'same').unchanged) throw new Error('It has changed');
}

/** Asks for the digest of each file in a tree, as it is listed. */
export function digestTree(tree: string, file: string): number {
  const statCache = openStatCache({ file, root: tree, now: Date.now });
  let digests = 0;
  for (const path of listTree(tree)) digests += statCache.digest(`${tree}/${path}`).length;
  statCache.save();
  return digests;
}

/** The least that Node takes to look at each file of a tree, whose names it knows. */
export function lookAt(tree: string, paths: readonly string[]): number {
  let bytes = 0;
  for (const path of paths) bytes += lstatSync(`${tree}/${path}`).size;
  return bytes;
}

/** Ten packages with their sources and outputs. */
export function smallProject(root: string): Project {
  const members = readdirSync(root);
  return {
    root,
    directories: members.map((name) => `${name}/src`),
    sources: () =>
      members.flatMap((name) => [
        `${name}/package.json`,
        ...readdirSync(join(root, name, 'src')).map((file) => `${name}/src/${file}`),
      ]),
    outputs: members.map((name) => `${name}/out`),
  };
}

/** Every file of it. */
export function listSmallTree(root: string): string[] {
  const { sources, outputs } = smallProject(root);
  return [...sources(), ...outputs.flatMap((name) => listTree(join(root, name)).map((path) => `${name}/${path}`))];
}

function record({ root, directories, sources, outputs }: Project, file: string): void {
  const statCache = openStatCache({ file: `${file}-stat`, root, now: Date.now });
  const paths = sources();
  for (const path of paths) statCache.digest(join(root, path));
  const files = watchFiles(statCache, root, paths);
  // Files that are so young that nothing is believed of them yet.
  if (files === undefined) return;
  const kept = outputs.map((directory) => ({ directory, facts: factsBelow(join(root, directory)) }));
  const watched = watchDirectories(root, directories);
  writeBuildRecord(file, { identity: 'same', files, directories: watched, outputs: kept, summary: null });
}

function factsBelow(directory: string) {
  return readOutputFacts(directory, listTree(directory));
}
