import { posix } from 'node:path';
import { type DockerInstruction, flagValue } from './dockerfile-model.ts';

/** What a COPY or ADD takes and where it puts it. */
export interface CopiedPaths {
  readonly sources: readonly string[];
  readonly target: string;
  /** The stage or image of `--from`. */
  readonly from: string | undefined;
}

/** `undefined` for another instruction, or one without its words. */
export function copiedPaths(instruction: DockerInstruction): CopiedPaths | undefined {
  if (instruction.keyword !== 'COPY' && instruction.keyword !== 'ADD') return undefined;
  const words = instruction.json ?? instruction.words;
  const target = words.at(-1);
  if (target === undefined || words.length < 2) return undefined;
  const sources = words.slice(0, -1).filter((source) => !source.startsWith('<<'));
  return { sources, target, from: flagValue(instruction, 'from') };
}

/** Whether it takes the whole context, or all that lies at its root. */
export function copiesContext(instruction: DockerInstruction): boolean {
  const paths = copiedPaths(instruction);
  return (
    paths !== undefined &&
    paths.from === undefined &&
    paths.sources.some((source) => /^(\.|\.\/|\/|\*|\.\/\*)$/.test(source))
  );
}

/** The directory in which each instruction stands; `undefined` where only the base knows. */
export function workingDirectories(
  instructions: readonly DockerInstruction[],
): ReadonlyMap<DockerInstruction, string | undefined> {
  const found = new Map<DockerInstruction, string | undefined>();
  let current: string | undefined;
  for (const instruction of instructions) {
    found.set(instruction, current);
    if (instruction.keyword === 'WORKDIR') current = resolveIn(current, instruction.words.join(' '));
  }
  return found;
}

/** An absolute path, or `undefined` where that cannot be told. */
export function resolveIn(directory: string | undefined, path: string): string | undefined {
  if (path.includes('$') || path === '') return undefined;
  if (path.startsWith('/')) return trimSlash(posix.normalize(path));
  return directory === undefined ? undefined : trimSlash(posix.join(directory, path));
}

export function isBelow(path: string, directory: string): boolean {
  return path === directory || directory === '/' || path.startsWith(`${directory}/`);
}

function trimSlash(path: string): string {
  return path === '/' ? path : path.replace(/\/+$/, '');
}
