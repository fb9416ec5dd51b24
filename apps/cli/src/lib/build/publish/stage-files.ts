import { randomUUID } from 'node:crypto';
import { constants, copyFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface StageOptions {
  /** Where the files lie. */
  readonly from: string;
  /** Where they are wanted. */
  readonly to: string;
  /** A directory to copy them to first, where it lies on the file system of `to`; else they are copied beside `to`. */
  readonly stages: string;
}

/**
 * Copies files to the file system where they are wanted, and only then moves them in, in their order: a disk that fills up
 * leaves what was there as it was.
 */
export function stageFiles(paths: readonly string[], options: StageOptions): void {
  const name = `${process.pid}-${randomUUID()}`;
  const { to, stages } = options;
  // Mounts of one file system look alike and yet take no move from one to the other: then the next place serves.
  const places = [
    ...(sameFileSystem(stages, to) ? [join(stages, name)] : []),
    `${to}.${name}.tmp`,
    join(to, `.${name}.tmp`),
  ];
  for (const [index, stage] of places.entries()) {
    try {
      stageAt(stage, paths, options);
      return;
    } catch (error) {
      if (codeOf(error) !== 'EXDEV' || index === places.length - 1) throw error;
    }
  }
}

function stageAt(stage: string, paths: readonly string[], { from, to }: StageOptions): void {
  try {
    for (const path of paths) copy(join(from, path), join(stage, path));
    for (const path of paths) move(join(stage, path), join(to, path));
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** Cloned where the file system can: a link would let an edit of the published file reach the finished one. */
function copy(source: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(source, target, constants.COPYFILE_FICLONE);
}

/** Another process may remove the folder, which was empty, before the file is in it. */
function move(source: string, target: string, attempts = 5): void {
  mkdirSync(dirname(target), { recursive: true });
  try {
    renameSync(source, target);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || attempts === 1 || !existsSync(source)) throw error;
    move(source, target, attempts - 1);
  }
}

/** Judged by the nearest directories that exist. */
function sameFileSystem(a: string, b: string): boolean {
  return deviceOf(a) === deviceOf(b);
}

function deviceOf(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  const parent = dirname(path);
  return stats === undefined && parent !== path ? deviceOf(parent) : (stats?.dev ?? Number.NaN);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
