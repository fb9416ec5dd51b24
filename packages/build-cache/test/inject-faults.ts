import { execFile, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { digestOf } from '@mcpgen/build-cache';
import { writeTree } from '@mcpgen/testing';
import { expect } from 'vitest';
import { type Project, project, readTree } from './project.ts';

const CHILD = join(import.meta.dirname, 'fixtures/exercise-cache.ts');

/** Bigger than what a manifest holds itself. */
const body = (text: string): string => text.repeat(900);

/** One of them is so big that the store remembers what the file system says of it. */
const FILES = {
  'one.js': body('one '),
  'two.js': 'two',
  'big.js': 'big '.repeat(300_000),
  'deep/shared.js': body('shared '),
};
export const BEFORE = { 'before.js': body('before '), 'deep/small.js': 'small' };

const ENTRIES = [
  ['one', { 'deep/shared.js': FILES['deep/shared.js'], 'one.js': FILES['one.js'] }],
  ['two', { 'deep/shared.js': FILES['deep/shared.js'], 'two.js': FILES['two.js'] }],
  ['big', { 'big.js': FILES['big.js'], 'deep/shared.js': FILES['deep/shared.js'] }],
  ['again', { 'big.js': FILES['big.js'], 'deep/shared.js': FILES['deep/shared.js'] }],
  ['before', BEFORE],
] as const;

export const hasStrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;

/** How the child that stores, restores and evicts came to its end. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
  /** Calls that strace tampered with. */
  readonly injected: number;
  /** What strace saw: `write(17</path>, …) = -1 ENOSPC (…) (INJECTED)`. */
  readonly log: string;
}

/** A system call that the child makes on a file of the project: the n-th of its name. */
export interface FaultPoint {
  readonly call: string;
  readonly nth: number;
}

/** A project in which one entry lies and two wait to be stored. */
export async function prepareFault(): Promise<Project> {
  const p = await project();
  await p.keep(p.open(), 'before', BEFORE);
  await writeTree(p.out, FILES);
  return p;
}

/** Without -f only the main thread is traced, which makes all calls of the cache. */
export async function runTraced(
  p: Project,
  trace: string,
  inject?: string,
  only: readonly string[] = [],
): Promise<Exit> {
  // Where one file alone is tampered with, nothing is evicted.
  const limit = only.length === 0 ? '9000' : '100000000';
  const file = join(dirname(p.out), 'strace.log');
  const node = [process.execPath, '--conditions=@mcpgen/source', '--disable-warning=ExperimentalWarning', CHILD];
  const how = ['-y', ...only, '-o', file, '-e', `trace=${trace}`, ...(inject === undefined ? [] : ['-e', inject])];
  const exit = await promisify(execFile)('strace', [...how, ...node, p.store, p.out, p.back, limit]).then(
    () => ({ code: 0, signal: null }),
    (error: { code: number | null; signal: string | null }) => ({ code: error.code, signal: error.signal }),
  );
  const log = await readFile(file, 'utf8');
  return { ...exit, log, injected: log.split('(INJECTED)').length - 1 };
}

/** Every system call on a file of the project, of a run that nothing disturbs. */
export async function findFaultPoints(): Promise<readonly FaultPoint[]> {
  await using p = await prepareFault();
  const { log } = await runTraced(p, 'all');
  const counts = new Map<string, number>();
  const points: FaultPoint[] = [];
  for (const line of log.split('\n')) {
    const call = /^([a-z0-9_]+)\(/.exec(line)?.[1];
    if (call === undefined) continue;
    const nth = (counts.get(call) ?? 0) + 1;
    counts.set(call, nth);
    // The command line of the child names the project, too.
    if (call !== 'execve' && line.includes(dirname(p.out))) points.push({ call, nth });
  }
  return points;
}

/** The files that the tampered call named; empty where it named none. */
export function injectedFiles(log: string): readonly string[] {
  const line = log.split('\n').find((entry) => entry.endsWith('(INJECTED)')) ?? '';
  return [...line.matchAll(/[<"](\/[^>"]*)[>"]/g)].map(([, file = '']) => file);
}

export async function expectRightOrMissing(p: Project): Promise<void> {
  for (const [path, text] of Object.entries(await readTree(p.back))) {
    expect({ [path]: text }).toEqual({ [path]: BEFORE[path as keyof typeof BEFORE] });
  }
  const cache = p.open();
  for (const [name, files] of ENTRIES) {
    const target = `${p.back}-${name}`;
    const hit = await cache.lookup(digestOf(name));
    if (hit !== undefined) expect(await hit.restore(target)).toBe(true);
    expect(await readTree(target)).toEqual(hit === undefined ? {} : files);
  }
  expect((await cache.verify()).damaged).toEqual([]);
  expect(p.events.ofType('damaged')).toEqual([]);
}

export async function expectHealed(p: Project): Promise<void> {
  const cache = p.open();
  for (const [name, files] of ENTRIES) {
    await p.keep(cache, name, files);
    expect(await (await cache.lookup(digestOf(name)))?.restore(`${p.back}-again-${name}`)).toBe(true);
    expect(await readTree(`${p.back}-again-${name}`)).toEqual(files);
  }
  await cache.close();
  expect(p.events.ofType('failed')).toEqual([]);
}
