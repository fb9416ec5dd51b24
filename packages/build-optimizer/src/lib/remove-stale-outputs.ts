import { lstatSync, rmdirSync, rmSync } from 'node:fs';
import type { StepState } from '@mcpgen/cache-invalidation';

export type StateMap = ReadonlyMap<string, StepState>;

/** Where a step's outputs lie; undefined when nobody knows, and they are then left alone. */
export type DirectoryOf = (step: string) => string | undefined;

export interface StaleOutput {
  readonly directory: string;
  /** Relative to it. */
  readonly path: string;
  /** Inode of an output whose name differs in case alone: on some file systems that is the same file. */
  readonly twin: number | undefined;
}

/** Files of `before` that no step of `after` has. Steps that kept their state, or their files, cost nothing. */
export function findStaleOutputs(before: StateMap, after: StateMap, directoryOf: DirectoryOf): readonly StaleOutput[] {
  const dropped = droppedOutputs(before, after, directoryOf);
  if (dropped.length === 0) return [];
  const directories = [...new Set(dropped.map(({ directory }) => directory))];
  const owned = new Set<string>();
  const inodes = new Map<string, number>();
  for (const [name, { outputs }] of after) {
    const directory = directoryOf(name);
    // One blob of an image was likely dropped, while a server has thousands of files elsewhere.
    if (directory !== undefined && !directories.some((other) => overlap(directory, other))) continue;
    for (const { path, ino } of outputs) {
      owned.add(`${directory}/${path}`);
      inodes.set(foldCase(`${directory}/${path}`), ino);
    }
  }
  return dropped
    .filter(({ directory, path }) => !owned.has(`${directory}/${path}`) && !leavesDirectory(path))
    .map(({ directory, path }) => ({ directory, path, twin: inodes.get(foldCase(`${directory}/${path}`)) }));
}

/** Files that a step had and has no more: another step may have them. */
function droppedOutputs(
  before: StateMap,
  after: StateMap,
  directoryOf: DirectoryOf,
): readonly { readonly directory: string; readonly path: string }[] {
  return [...before].flatMap(([name, state]) => {
    const now = after.get(name);
    const directory = now === state ? undefined : directoryOf(name);
    if (directory === undefined) return [];
    const kept = new Set(now?.outputs.map(({ path }) => path));
    return state.outputs.flatMap(({ path }) => (kept.has(path) ? [] : [{ directory, path }]));
  });
}

/** Whether one is the other or lies below it. */
function overlap(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}

/** Removes one file, and the folders below `directory` that it leaves empty. Throws what the file system throws. */
export function removeOutput({ directory, path, twin }: StaleOutput): void {
  const file = `${directory}/${path}`;
  if (twin !== undefined && lstatSync(file, { throwIfNoEntry: false })?.ino === twin) return;
  rmSync(file, { force: true });
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    try {
      rmdirSync(`${directory}/${path.slice(0, end)}`);
    } catch {
      return;
    }
  }
}

/** A state may come with a checkout that somebody else made: nothing outside the step's directory is removed by it. */
function leavesDirectory(path: string): boolean {
  return path.startsWith('/') || path.includes('\\') || path.split('/').includes('..');
}

function foldCase(path: string): string {
  return path.normalize('NFC').toLowerCase();
}
