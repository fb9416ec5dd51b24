import { execFile, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { digestOf } from '@mcpgen/build-cache';
import { writeTree } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { bodyPath, entryPath, storeLayout } from '../src/lib/store-layout.ts';
import { type Project, project, readTree } from './project.ts';

const CHILD = join(import.meta.dirname, 'fixtures/exercise-cache.ts');

/** Bigger than what a manifest holds itself. */
const body = (text: string): string => text.repeat(900);

const FILES = { 'one.js': body('one '), 'two.js': 'two', 'deep/shared.js': body('shared ') };
const BEFORE = { 'before.js': body('before '), 'deep/small.js': 'small' };

/** Every call of these by which the cache changes a disk; without -f only the main thread is traced, which makes all of them. */
const CALLS = ['write', 'rename', 'link', 'unlink', 'mkdir', 'fchmod'];

const strace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;
const reason = strace ? '' : ' (skipped: strace is not there or may not trace)';

describe.skipIf(!strace)(`a process that stores and restores${reason}`, () => {
  it.each(CALLS)(
    'killed at each %s leaves no wrong byte, and the next run heals',
    async (call) => {
      const points = await atEachCall(
        call,
        (n) => `inject=${call}:signal=SIGKILL:when=${n}`,
        async (p, { signal }) => {
          await expectRightOrMissing(p);
          await expectHealed(p);
          return signal === 'SIGKILL';
        },
      );
      expect(points).toBeGreaterThan(0);
    },
    240_000,
  );

  it.each([
    ['rename', 'EIO'],
    ['link', 'EACCES'],
    ['unlink', 'EIO'],
    ['mkdir', 'EACCES'],
    ['fchmod', 'EPERM'],
  ])(
    'goes on where %s answers %s from some call on',
    async (call, error) => {
      let last = 0;
      await atEachCall(
        call,
        (n) => `inject=${call}:error=${error}:when=${n}+`,
        async (p, { code, injected }) => {
          expect(code).toBe(0);
          await expectRightOrMissing(p);
          await expectHealed(p);
          last = injected;
          return injected > 0;
        },
      );
      expect(last).toBe(0);
    },
    240_000,
  );

  // One at a time: Node itself aborts where a write that wakes its threads fails, so it must be told which one this is.
  it.each(['ENOSPC', 'EIO'])(
    'goes on where a write to the store answers %s',
    async (error) => {
      let stored = 0;
      await atEachCall(
        'write',
        (n) => `inject=write:error=${error}:when=${n}`,
        async (p, { code, injected, log }) => {
          if (injectedFile(log).startsWith(p.store)) {
            stored++;
            expect(code).toBe(0);
          }
          await expectRightOrMissing(p);
          await expectHealed(p);
          return injected > 0;
        },
      );
      expect(stored).toBeGreaterThan(5);
    },
    240_000,
  );

  it.each([
    ['openat', 'EMFILE'],
    ['openat', 'EACCES'],
    ['read', 'EIO'],
  ])('misses where %s of a stored file answers %s, and keeps the entry', async (call, error) => {
    for (const kind of ['manifest', 'body']) {
      await using p = await project();
      const layout = storeLayout(p.store);
      const file =
        kind === 'body' ? bodyPath(layout, digestOf(BEFORE['before.js'])) : entryPath(layout, digestOf('before'));
      await p.keep(p.open(), 'before', BEFORE);
      await writeTree(p.out, FILES);
      const { code, injected } = await runChild(p, call, `inject=${call}:error=${error}`, ['-P', file]);
      expect([code, injected > 0]).toEqual([0, true]);
      expect(await readTree(p.back)).toEqual({});
      await expectRightOrMissing(p);
      expect(await p.open().lookup(digestOf('before'))).toBeDefined();
    }
  });
});

interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
  /** Calls that strace tampered with. */
  readonly injected: number;
  readonly log: string;
}

/** Runs the child once per call, until `check` says that nothing was reached any more. Gives back how many were. */
async function atEachCall(
  call: string,
  inject: (n: number) => string,
  check: (p: Project, exit: Exit) => Promise<boolean>,
): Promise<number> {
  for (let n = 1; ; n++) {
    await using p = await project();
    await p.keep(p.open(), 'before', BEFORE);
    await writeTree(p.out, FILES);
    if (!(await check(p, await runChild(p, call, inject(n))))) return n - 1;
  }
}

async function runChild(p: Project, call: string, inject: string, only: readonly string[] = []): Promise<Exit> {
  // Where one file alone is tampered with, nothing is evicted.
  const limit = only.length === 0 ? '9000' : '1000000';
  const file = join(p.out, 'strace.log');
  const node = [process.execPath, '--conditions=@mcpgen/source', '--disable-warning=ExperimentalWarning', CHILD];
  const args = ['-y', ...only, '-o', file, '-e', `trace=${call}`, '-e', inject, ...node, p.store, p.out, p.back, limit];
  const exit = await promisify(execFile)('strace', args).then(
    () => ({ code: 0, signal: null }),
    (error: { code: number | null; signal: string | null }) => ({ code: error.code, signal: error.signal }),
  );
  const log = await readFile(file, 'utf8');
  return { ...exit, log, injected: log.split('(INJECTED)').length - 1 };
}

/** Where the call went that strace tampered with: `write(17</path>, …) = -1 ENOSPC (…) (INJECTED)`. */
function injectedFile(log: string): string {
  const line = log.split('\n').find((entry) => entry.endsWith('(INJECTED)')) ?? '';
  return /<([^>]*)>/.exec(line)?.[1] ?? '';
}

const ENTRIES = [
  ['one', { 'deep/shared.js': FILES['deep/shared.js'], 'one.js': FILES['one.js'] }],
  ['two', { 'deep/shared.js': FILES['deep/shared.js'], 'two.js': FILES['two.js'] }],
  ['before', BEFORE],
] as const;

async function expectRightOrMissing(p: Project): Promise<void> {
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

async function expectHealed(p: Project): Promise<void> {
  const cache = p.open();
  for (const [name, files] of ENTRIES) {
    await p.keep(cache, name, files);
    expect(await (await cache.lookup(digestOf(name)))?.restore(`${p.back}-again-${name}`)).toBe(true);
    expect(await readTree(`${p.back}-again-${name}`)).toEqual(files);
  }
  await cache.close();
  expect(p.events.ofType('failed')).toEqual([]);
}
