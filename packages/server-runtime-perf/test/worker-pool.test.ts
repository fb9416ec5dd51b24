import {
  createWorkerPool,
  type WorkerPool,
  type WorkerPoolEvent,
  type WorkerPoolOptions,
} from '@mcpgen/server-runtime-perf/worker-pool';
import { eventRecorder } from '@mcpgen/testing';
import { afterEach, describe, expect, it } from 'vitest';

const fixture = (name: string) => new URL(`./fixtures/${name}.js`, import.meta.url);
const open: Array<() => Promise<void>> = [];

function openPool(options: WorkerPoolOptions = {}) {
  const events = eventRecorder<WorkerPoolEvent>();
  const pool = createWorkerPool({ maxThreads: 1, module: fixture('kinds'), onEvent: events.onEvent, ...options });
  open.push(() => pool.terminate());
  const run = (kind: string, input: object = {}, more: object = {}) => pool.run({ input: { kind, ...input }, ...more });
  return { pool, events, run };
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

describe('createWorkerPool', () => {
  it('starts no thread before the first call, and one for it', async () => {
    const { pool, run } = openPool();
    expect(pool.threads).toBe(0);
    expect(await run('echo', { a: 1 }, { meta: { m: 1 }, context: { caller: 'ada' } })).toMatchObject({
      input: { kind: 'echo', a: 1 },
      meta: { m: 1 },
      caller: 'ada',
    });
    expect(pool.threads).toBe(1);
  });

  it('runs the default export, be it a function or an object with a handler', async () => {
    const { pool } = openPool();
    expect(await pool.run({ module: fixture('plain-function'), input: 'text' })).toBe('TEXT');
    expect(await pool.run({ module: fixture('plain-function').href, input: 'text' })).toBe('TEXT');
  });

  it('keeps the event loop free while a handler spins', async () => {
    const { run } = openPool({ deadline: 2000 });
    await run('echo');
    const spinning = run('spin', {}, { deadline: 300 }).catch((error: unknown) => error);
    let turns = 0;
    let isDone = false;
    spinning.finally(() => {
      isDone = true;
    });
    while (!isDone) {
      turns += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(turns).toBeGreaterThan(100);
    expect(await spinning).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });

  it('never has more threads than it may, and uses those it has', async () => {
    const { pool, run } = openPool({ maxThreads: 2 });
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => run('echo')));
    const threads = new Set(outcomes.map((outcome) => JSON.stringify(Object(outcome).threadId)));
    expect(pool.threads).toBeLessThanOrEqual(2);
    expect(threads.size).toBeLessThanOrEqual(2);
  });

  it('refuses what does not fit into the queue, and runs the rest in order', async () => {
    const { pool, run } = openPool({ queue: 2 });
    const calls = [run('echo'), run('echo'), run('echo')];
    expect([pool.running, pool.waiting]).toEqual([1, 2]);
    await expect(run('echo')).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    expect((await Promise.all(calls)).map((outcome) => Object(outcome).calls)).toEqual([1, 2, 3]);
  });

  it('ends a thread that has had no work for a while, and starts another when there is some', async () => {
    const { pool, events, run } = openPool({ idleTimeout: 1 });
    await run('echo');
    await expect.poll(() => pool.threads).toBe(0);
    await run('echo');
    expect(events.ofType('worker-started')).toHaveLength(2);
  });

  it('moves what it is told to instead of copying it', async () => {
    const { pool } = openPool();
    const bytes = new Uint8Array(1000);
    const outcome = await pool.run({ input: { kind: 'bytes', bytes } }, { transfer: [bytes.buffer] });
    expect(outcome).toEqual({ length: 1000 });
    expect(bytes.byteLength).toBe(0);
  });

  it('moves what of its result a handler gives away', async () => {
    const { run } = openPool();
    expect(await run('gives', { size: 1000 })).toEqual(new Uint8Array(1000));
    expect(await run('leftOfGiven')).toBe(0);
  });

  it('fails a call whose input cannot be sent, and goes on', async () => {
    const { pool, run } = openPool();
    await expect(pool.run({ input: { kind: 'echo', callback: () => {} } })).rejects.toThrow(/could not be cloned/);
    expect(await run('bigint')).toBe(1n);
    expect(pool.running).toBe(0);
  });

  describe('progress and logs', () => {
    it('reach the caller in order, before the result', async () => {
      const { pool } = openPool();
      const seen: unknown[] = [];
      const outcome = pool.run(
        { input: { kind: 'reports' } },
        { onProgress: (progress) => seen.push(progress), onLog: (log) => seen.push(log) },
      );
      seen.push(await outcome);
      expect(seen).toEqual([
        { level: 'debug', data: 'begin' },
        { progress: 1, total: 2 },
        { level: 'notice', data: { end: true }, logger: 'kinds' },
        { progress: 2 },
        'done',
      ]);
    });

    it('cannot flood the main thread', async () => {
      const { pool } = openPool();
      const steps: number[] = [];
      let logs = 0;
      const outcome = await pool.run(
        { input: { kind: 'flood' } },
        { onProgress: ({ progress }) => steps.push(progress), onLog: () => ++logs },
      );
      expect(outcome).toBe('done');
      expect(steps.length).toBeLessThan(1000);
      expect(steps.at(-1)).toBe(200_000);
      expect(steps).toEqual([...steps].sort((a, b) => a - b));
      expect(logs).toBe(1000);
    });

    it('fail the call when the listener throws', async () => {
      const { pool, run } = openPool();
      const onProgress = () => {
        throw new Error('listener');
      };
      await expect(pool.run({ input: { kind: 'reports' } }, { onProgress })).rejects.toThrow('listener');
      expect(await run('bigint')).toBe(1n);
    });
  });

  describe('what a handler throws', () => {
    it('arrives as it was: name, message, stack and properties', async () => {
      const { run } = openPool();
      const error = await run('throws').catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Error);
      expect(error).toMatchObject({ name: 'TypeError', message: 'bad thing', code: 'BAD', data: { a: 1 } });
      expect(Object(error).stack).toContain('kinds.js');
    });

    it('may be anything', async () => {
      const { run } = openPool();
      await expect(run('throwsText')).rejects.toBe('just a text');
      await expect(run('throwsFunction')).rejects.toThrow('not cloneable');
    });
  });

  describe('faults', () => {
    it.each([
      ['ends its thread', 'exit', 'WORKER_DIED', /worker exited with code: 3$/],
      ['throws from a timer', 'throwsLater', 'WORKER_DIED', /its worker ended: late$/],
      ['leaves a rejection unhandled', 'rejectsUnhandled', 'WORKER_DIED', /nobody listens/],
      ['needs too much memory', 'memory', 'WORKER_OUT_OF_MEMORY', /needed more than 32 MB$/],
      ['spins past its deadline', 'spin', 'DEADLINE_EXCEEDED', /no result after 0.5 s$/],
      ['returns what cannot be sent', 'function', 'WORKER_RESULT_INVALID', /could not be cloned/],
      ['asks for the client', 'elicit', 'WORKER_UNSUPPORTED', /Cannot call "elicit" in a worker/],
    ])('a handler that %s fails with a code, and the next call is served', async (_, kind, code, message) => {
      const { pool, run } = openPool({ maxHeapMegabytes: 32 });
      const failing = run(kind, {}, { deadline: kind === 'spin' ? 500 : 20_000 });
      const waiting = run('bigint');
      await expect(failing).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
      expect(await waiting).toBe(1n);
      expect([pool.running, pool.waiting]).toEqual([0, 0]); // no place is lost
      expect(pool.threads).toBeLessThanOrEqual(1);
    });

    it.each([
      ['is not there', new URL('./fixtures/none.js', import.meta.url), /loading it failed: Cannot find module/],
      ['fails to load', fixture('broken'), /loading it failed: broken at load/],
      ['has no handler', fixture('no-handler'), /it has no handler as its default export/],
    ])('a module that %s fails its calls with a code', async (_, module, message) => {
      const { pool, run } = openPool();
      await expect(pool.run({ module, input: 1 })).rejects.toMatchObject({
        code: 'WORKER_MODULE_INVALID',
        message: expect.stringMatching(message),
      });
      expect(await run('bigint')).toBe(1n);
    });

    it('a module that threw when it was loaded is tried again at the next call', async () => {
      const { pool } = openPool();
      const call = { module: fixture('throws-at-first'), input: 1 };
      await expect(pool.run(call)).rejects.toMatchObject({ message: expect.stringMatching(/not yet/) });
      expect(await pool.run(call)).toBe('loaded at try 2');
    });

    it('says so when there is no module at all', async () => {
      const pool = createWorkerPool();
      await expect(pool.run({ input: 1 })).rejects.toMatchObject({ code: 'WORKER_MODULE_INVALID' });
    });

    it('says so when threads cannot start, and gives the places back', async () => {
      const { pool, events, run } = openPool({ workerUrl: new URL('./fixtures/none.js', import.meta.url), queue: 0 });
      await expect(run('echo')).rejects.toMatchObject({ code: 'WORKER_NOT_STARTED' });
      await expect.poll(() => pool.running).toBe(0);
      await expect(run('echo')).rejects.toMatchObject({ code: 'WORKER_NOT_STARTED' });
      expect(events.types()).toContain('worker-failed');
    });
  });

  describe('a call that is stopped', () => {
    it('is told so, and its thread lives on when the handler returns in time', async () => {
      const { pool, events, run } = openPool({ grace: 20_000 });
      await run('echo');
      const controller = new AbortController();
      const { promise: begun, resolve: onProgress } = Promise.withResolvers<unknown>();
      const stopped = pool.run({ input: { kind: 'untilStopped' } }, { signal: controller.signal, onProgress });
      const next = run('echo');
      await begun;
      controller.abort(new Error('left'));
      await expect(stopped).rejects.toThrow('left');
      expect(await next).toMatchObject({ calls: 3 });
      expect(events.types()).toEqual(['worker-started']);
    });

    it('loses its thread when the handler does not return, and the next call gets a new one', async () => {
      const { pool, events, run } = openPool({ grace: 1 });
      await run('echo');
      const controller = new AbortController();
      const { promise: begun, resolve: onProgress } = Promise.withResolvers<unknown>();
      const stopped = pool.run({ input: { kind: 'spin' } }, { signal: controller.signal, onProgress });
      const next = run('echo');
      await begun;
      controller.abort(new Error('left'));
      await expect(stopped).rejects.toThrow('left');
      expect(await next).toMatchObject({ calls: 1 });
      expect(events.ofType('worker-started')).toHaveLength(2);
    });

    it('never starts when it was waiting', async () => {
      const { pool, run } = openPool();
      const controller = new AbortController();
      const running = run('echo');
      const waiting = pool.run({ input: { kind: 'echo' } }, { signal: controller.signal });
      const late = run('echo', {}, { deadline: 60_000 });
      controller.abort(new Error('left'));
      await expect(waiting).rejects.toThrow('left');
      await running;
      expect(await late).toMatchObject({ calls: 2 });
    });

    it('has no deadline when that is Infinity', async () => {
      const { run } = openPool();
      expect(await run('bigint', {}, { deadline: Number.POSITIVE_INFINITY })).toBe(1n);
    });

    it('counts the time in the queue against the deadline', async () => {
      const { run } = openPool({ grace: 1 });
      const spinning = run('spin', {}, { deadline: 1000 }).catch(() => {});
      await expect(run('echo', {}, { deadline: 50 })).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
      await spinning;
    });

    it('is not begun when its signal has aborted already', async () => {
      const { pool } = openPool();
      const signal = AbortSignal.abort(new Error('left'));
      await expect(pool.run({ input: { kind: 'echo' } }, { signal })).rejects.toThrow('left');
      expect(pool.threads).toBe(0);
    });
  });

  describe('connectors', () => {
    it('that a tool imports are opened once per thread', async () => {
      const { pool } = openPool();
      const call = { module: fixture('connected'), input: {} };
      expect([await pool.run(call), await pool.run(call)]).toEqual([1, 1]);
    });

    it('that a tool names are loaded from where the call says, and opened again after a failure', async () => {
      const { pool } = openPool();
      const call = { module: fixture('connected-by-name'), input: {}, connectors: { counter: fixture('counter') } };
      await expect(pool.run(call)).rejects.toThrow('cannot connect');
      expect([await pool.run(call), await pool.run(call)]).toEqual([2, 2]);
    });
  });

  describe('parse', () => {
    it('runs the schema of the module and passes on its output', async () => {
      const { pool } = openPool();
      const call = { module: fixture('parsed'), parse: true };
      expect(await pool.run({ ...call, input: { count: 1 } })).toBe('bigint');
      await expect(pool.run({ ...call, input: { count: 0 } })).rejects.toMatchObject({
        code: 'WORKER_INPUT_INVALID',
        facts: { issues: [{ message: 'must be positive', path: ['count', '0'] }] },
      });
    });

    it('is left out unless asked for', async () => {
      const { pool } = openPool();
      expect(await pool.run({ module: fixture('parsed'), input: { count: 1 } })).toBe('number');
    });
  });

  describe('close', () => {
    it('lets running calls end, refuses waiting and new ones, and ends the threads', async () => {
      const { pool, run } = openPool();
      const running = run('echo');
      const waiting = expect(run('echo')).rejects.toMatchObject({ code: 'POOL_CLOSED' });
      const closed = pool.close();
      await waiting;
      await expect(run('echo')).rejects.toMatchObject({ code: 'POOL_CLOSED' });
      expect(await running).toMatchObject({ calls: 1 });
      await closed;
      expect(pool.threads).toBe(0);
    });

    it('is what `await using` does', async () => {
      const used: WorkerPool[] = [];
      {
        await using pool = createWorkerPool({ module: fixture('kinds'), maxThreads: 1 });
        await pool.run({ input: { kind: 'echo' } });
        used.push(pool);
        expect(pool.threads).toBe(1);
      }
      expect(used.map((pool) => pool.threads)).toEqual([0]);
    });
  });

  describe('terminate', () => {
    it('fails running calls at once', async () => {
      const { pool, run } = openPool();
      await run('echo');
      const spinning = run('spin');
      const failed = expect(spinning).rejects.toMatchObject({ code: 'POOL_CLOSED' });
      await pool.terminate();
      await failed;
      expect(pool.threads).toBe(0);
    });
  });
});
