import { rmdirSync, rmSync } from 'node:fs';
import type { StepState } from '@mcpgen/cache-invalidation';

export type StateMap = ReadonlyMap<string, StepState>;

/** Where a step's outputs lie; undefined when nobody knows, and they are then left alone. */
export type DirectoryOf = (step: string) => string | undefined;

/** Files of `before` that no step of `after` has, as directory and path in it. Steps that kept their state cost nothing. */
export function findStaleOutputs(
  before: StateMap,
  after: StateMap,
  directoryOf: DirectoryOf,
): readonly { readonly directory: string; readonly path: string }[] {
  const changed = [...before].filter(([name, state]) => after.get(name) !== state && state.outputs.length > 0);
  if (changed.length === 0) return [];
  const owned = new Set<string>();
  for (const [name, { outputs }] of after) {
    const directory = directoryOf(name);
    for (const { path } of outputs) owned.add(`${directory}/${path}`);
  }
  return changed.flatMap(([name, { outputs }]) => {
    const directory = directoryOf(name);
    if (directory === undefined) return [];
    return outputs.flatMap(({ path }) =>
      owned.has(`${directory}/${path}`) || leaves(path) ? [] : [{ directory, path }],
    );
  });
}

/** Removes one file, and the folders below `directory` that it leaves empty. Throws what the file system throws. */
export function removeOutput({ directory, path }: { readonly directory: string; readonly path: string }): void {
  rmSync(`${directory}/${path}`, { force: true });
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    try {
      rmdirSync(`${directory}/${path.slice(0, end)}`);
    } catch {
      return;
    }
  }
}

/** A state may come with a checkout that somebody else made: nothing outside the step's directory is removed by it. */
function leaves(path: string): boolean {
  return path.startsWith('/') || path.includes('\\') || path.split('/').includes('..');
}
