import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { CliRig } from './cli-rig.ts';

/** Every file below a directory with what is in it. */
export function contents(directory: string): Readonly<Record<string, string>> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name)).sort();
  return Object.fromEntries(paths.map((path) => [path.slice(directory.length), readFileSync(path, 'latin1')]));
}

/** What is served: the layout of an image may hold blobs of images before. */
export function published({ directory }: CliRig): Readonly<Record<string, string>> {
  const index = join(directory, 'dist/image/index.json');
  return {
    ...contents(join(directory, 'dist/server')),
    ...(existsSync(index) ? { image: readFileSync(index, 'utf8') } : {}),
  };
}

export async function built(rig: CliRig, args: readonly string[]): Promise<void> {
  const ran = await rig.run(args);
  expect(ran.code, ran.stdout + ran.stderr).toBe(0);
}

/** What a build of the same sources gives that finds nothing of earlier ones. */
export async function builtAnew(rig: CliRig, args: readonly string[]): Promise<Readonly<Record<string, string>>> {
  for (const left of ['dist', '.cache']) rmSync(join(rig.directory, left), { recursive: true, force: true });
  await built(rig, args);
  return published(rig);
}

/** The directory with what builds of the only profile keep. */
export function workOf({ directory }: CliRig): string {
  const work = join(directory, '.cache/mcpgen/work');
  return join(work, readdirSync(work)[0] ?? '');
}

/** What edits added to the state: none after a whole build. */
export function journal(rig: CliRig): string | undefined {
  if (!existsSync(join(rig.directory, '.cache/mcpgen/work'))) return undefined;
  const file = join(workOf(rig), 'state.journal');
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
