import { digestOf } from '@mcpgen/build-cache';
import { describe, expect, it } from 'vitest';
import { bodyPath, entryPath, storeLayout } from '../src/lib/store-layout.ts';
import { deadline, thorough } from './effort.ts';
import {
  BEFORE,
  type Exit,
  expectHealed,
  expectRightOrMissing,
  type FaultPoint,
  findFaultPoints,
  hasStrace,
  injectedFiles,
  prepareFault,
  runTraced,
} from './inject-faults.ts';
import { type Project, readTree } from './project.ts';

/** Every call of these by which the cache changes a disk. */
const CALLS = ['write', 'rename', 'link', 'unlink', 'mkdir', 'fchmod'];

const ERRORS = ['ENOSPC', 'EIO', 'EACCES', 'EMFILE'] as const;

const reason = hasStrace ? '' : ' (skipped: strace is not there or may not trace)';

describe.skipIf(!hasStrace)(`a process that stores, restores and evicts${reason}`, () => {
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
    deadline,
  );

  it(
    `is killed, or gets an error, at ${thorough ? 'every' : 'every ninth'} system call on a file: no wrong byte, no failure`,
    async () => {
      const all = await findFaultPoints();
      expect(all.length).toBeGreaterThan(200);
      const actions = ['SIGKILL', ...ERRORS] as const;
      const plan = thorough
        ? all.flatMap((point) => actions.map((action) => ({ point, action })))
        : all
            .filter((_, index) => index % 9 === 4)
            .map((point, index) => ({ point, action: actions[index % actions.length] ?? 'SIGKILL' }));
      let reached = 0;
      const wrong: string[] = [];
      for (const { point, action } of plan) {
        await tryFault(point, action).then(
          (onFile) => (reached += onFile ? 1 : 0),
          (error: Error) => wrong.push(`${error.message}: ${String(error.cause)}`),
        );
      }
      expect(wrong).toEqual([]);
      // A busy machine makes the runtime's own calls come in another order: some points are then not on our files.
      expect(reached).toBeGreaterThan(plan.length / 2);
      if (thorough) process.stdout.write(`${reached} faults at ${all.length} system calls\n`);
    },
    deadline,
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
    deadline,
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
          if (injectedFiles(log).some((file) => file.startsWith(p.store))) {
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
    deadline,
  );

  it.each([
    ['openat', 'EMFILE'],
    ['openat', 'EACCES'],
    ['read', 'EIO'],
  ])('misses where %s of a stored file answers %s, and keeps the entry', async (call, error) => {
    for (const kind of ['manifest', 'body']) {
      await using p = await prepareFault();
      const layout = storeLayout(p.store);
      const file =
        kind === 'body' ? bodyPath(layout, digestOf(BEFORE['before.js'])) : entryPath(layout, digestOf('before'));
      const { code, injected } = await runTraced(p, call, `inject=${call}:error=${error}`, ['-P', file]);
      expect([code, injected > 0]).toEqual([0, true]);
      expect(await readTree(p.back)).toEqual({});
      await expectRightOrMissing(p);
      expect(await p.open().lookup(digestOf('before'))).toBeDefined();
    }
  });
});

/** Lets one call fail, or kills the process there. False where it was not a call on the store or the target. */
async function tryFault({ call, nth }: FaultPoint, action: 'SIGKILL' | (typeof ERRORS)[number]): Promise<boolean> {
  await using p = await prepareFault();
  const how = action === 'SIGKILL' ? `signal=${action}` : `error=${action}`;
  const exit = await runTraced(p, call, `inject=${call}:${how}:when=${nth}`);
  const named = injectedFiles(exit.log);
  const onStore = named.some((file) => file.startsWith(p.store) || file.startsWith(p.back));
  const reached = action === 'SIGKILL' ? exit.signal === action : onStore;
  try {
    // An output that cannot be read is the step's mistake, and Node's own files are Node's.
    if (reached && action !== 'SIGKILL') expect(exit.code).toBe(0);
    await expectRightOrMissing(p);
    await expectHealed(p);
  } catch (cause) {
    throw new Error(`${action} at ${call} number ${nth} (${named.join(', ')})`, { cause });
  }
  return reached;
}

/** Runs the child once per call, until `check` says that nothing was reached any more. Gives back how many were. */
async function atEachCall(
  call: string,
  inject: (n: number) => string,
  check: (p: Project, exit: Exit) => Promise<boolean>,
): Promise<number> {
  for (let n = 1; ; n++) {
    await using p = await prepareFault();
    if (!(await check(p, await runTraced(p, call, inject(n))))) return n - 1;
  }
}
