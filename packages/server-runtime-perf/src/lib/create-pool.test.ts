import { eventRecorder, fakeClock } from '@mcpgen/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPool, type Lease, type PoolEvent, type PoolOptions } from './create-pool.ts';

interface Connection {
  readonly id: number;
  readonly lost: (error?: unknown) => void;
  isOpen: boolean;
  isSound: boolean;
}

/** A service that can be down, slow, or break what it opened. */
function setUp(options: Partial<PoolOptions<Connection>> = {}) {
  const clock = fakeClock();
  const { events, onEvent, types } = eventRecorder<PoolEvent>();
  const service = { isUp: true, opened: 0, checks: 0, gate: Promise.resolve() };
  const all: Connection[] = [];
  const pool = createPool<Connection>({
    open: async ({ lost }) => {
      service.opened += 1;
      await service.gate;
      if (!service.isUp) throw new Error('refused');
      const connection = { id: all.length + 1, lost, isOpen: true, isSound: true };
      all.push(connection);
      return connection;
    },
    close: (connection) => {
      connection.isOpen = false;
    },
    check: (connection) => {
      service.checks += 1;
      return connection.isSound;
    },
    max: 2,
    queue: 2,
    now: clock.now,
    delay: clock.delay,
    random: () => 0,
    onEvent,
    ...options,
  });
  const open = () => all.filter(({ isOpen }) => isOpen).map(({ id }) => id);
  return { pool, clock, service, all, open, events, types };
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('createPool', () => {
  it('opens nothing before the first call, then one for each that is needed, up to max', async () => {
    const { pool, service, open } = setUp();
    await settle();
    expect(service.opened).toBe(0);
    const first = await pool.acquire();
    const second = await pool.acquire();
    expect([first.resource.id, second.resource.id]).toEqual([1, 2]);
    expect(pool.stats()).toEqual({ size: 2, idle: 0, busy: 2, opening: 0, waiting: 0 });
    first.release();
    second.release();
    expect(pool.stats()).toMatchObject({ size: 2, idle: 2, busy: 0 });
    expect((await pool.acquire()).resource.id).toBe(2);
    expect(open()).toEqual([1, 2]);
  });

  it('lets callers wait in order, refuses more than may, and takes those out who leave', async () => {
    const { pool, types } = setUp({ max: 1, queue: 2 });
    const lease = await pool.acquire();
    const controller = new AbortController();
    const gone = pool.acquire({ signal: controller.signal });
    const waiting = pool.acquire();
    await expect(pool.acquire()).rejects.toMatchObject({ code: 'QUEUE_FULL', facts: { concurrency: 1, queue: 2 } });
    expect(types()).toContain('queue-full');
    controller.abort(new Error('left'));
    await expect(gone).rejects.toThrow('left');
    expect(pool.stats().waiting).toBe(1);
    lease.release();
    expect((await waiting).resource.id).toBe(1);
  });

  it('takes no place for a caller that has left before', async () => {
    const { pool, service } = setUp();
    await expect(pool.acquire({ signal: AbortSignal.abort(new Error('left')) })).rejects.toThrow('left');
    expect(service.opened).toBe(0);
  });

  it('takes callers in at once while there is room, whatever the queue', async () => {
    const { pool } = setUp({ max: 2, queue: 0 });
    const both = await Promise.all([pool.acquire(), pool.acquire()]);
    expect(both.map(({ resource }) => resource.id)).toEqual([1, 2]);
    await expect(pool.acquire()).rejects.toMatchObject({ code: 'QUEUE_FULL' });
  });

  it('gives up on a caller after the acquire timeout, with a code of its own', async () => {
    const { pool, clock } = setUp({ max: 1, acquireTimeout: 300 });
    const lease = await pool.acquire();
    const late = pool.acquire();
    late.catch(() => {});
    await clock.advance(299);
    expect(pool.stats().waiting).toBe(1);
    await clock.advance(1);
    await expect(late).rejects.toMatchObject({ code: 'ACQUIRE_TIMEOUT', facts: { milliseconds: 300 } });
    lease.release();
    expect(pool.stats()).toMatchObject({ idle: 1, waiting: 0 });
  });

  it('takes a resource back once, whatever its borrower does', async () => {
    const { pool, open } = setUp();
    const lease = await pool.acquire();
    lease.release();
    const other = await pool.acquire();
    lease.release();
    lease.discard();
    expect(pool.stats()).toMatchObject({ idle: 0, busy: 1 });
    expect(open()).toEqual([other.resource.id]);
  });

  it('gives a lease back at the end of its block', async () => {
    const { pool } = setUp();
    {
      using lease = await pool.acquire();
      expect(lease.resource.id).toBe(1);
    }
    expect(pool.stats().idle).toBe(1);
  });
});

describe('a broken resource', () => {
  it('is replaced for whoever waits when it is discarded', async () => {
    const { pool, open, types } = setUp({ max: 1 });
    const lease = await pool.acquire();
    const waiting = pool.acquire();
    lease.discard(new Error('reset'));
    expect((await waiting).resource.id).toBe(2);
    expect(open()).toEqual([2]);
    expect(types()).toEqual(['opened', 'broken', 'closed', 'opened']);
  });

  it('is found by a check after it was idle, and never handed out', async () => {
    const { pool, clock, service, all, open } = setUp({ checkAfterIdle: 100 });
    (await pool.acquire()).release();
    await clock.advance(99);
    (await pool.acquire()).release();
    expect(service.checks).toBe(0);
    for (const connection of all) connection.isSound = false;
    await clock.advance(100);
    expect((await pool.acquire()).resource.id).toBe(2);
    expect(service.checks).toBe(1);
    expect(open()).toEqual([2]);
  });

  it('raises doubt about the others that were idle with it', async () => {
    const { pool, service, all } = setUp({ max: 3 });
    const leases = await Promise.all([pool.acquire(), pool.acquire(), pool.acquire()]);
    for (const lease of leases.slice(0, 2)) lease.release();
    for (const connection of all) connection.isSound = false;
    leases[2]?.discard();
    expect((await pool.acquire()).resource.id).toBe(4);
    expect(service.checks).toBe(2);
  });

  it('is left out of the pool when its check takes too long', async () => {
    const { pool, clock } = setUp({ check: () => new Promise(() => {}), checkTimeout: 50, checkAfterIdle: 10 });
    (await pool.acquire()).release();
    await clock.advance(10);
    const next = pool.acquire();
    await clock.advance(50);
    expect((await next).resource.id).toBe(2);
  });

  it('leaves at once when it tells so itself while idle, and on its return while borrowed', async () => {
    const { pool, open } = setUp();
    const [first, second] = await Promise.all([pool.acquire(), pool.acquire()]);
    first.release();
    first.resource.lost(new Error('reset'));
    await settle();
    expect(open()).toEqual([2]);
    second.resource.lost();
    expect(pool.stats().busy).toBe(1);
    second.release();
    await settle();
    expect([open(), pool.stats().size]).toEqual([[], 0]);
  });

  it('is replaced when it tells so while it still opens', async () => {
    let opened = 0;
    const pool = createPool({
      open: ({ lost }) => {
        opened += 1;
        if (opened === 1) lost(new Error('reset'));
        return opened;
      },
    });
    expect((await pool.acquire()).resource).toBe(2);
  });

  it('goes on being checked for a caller that left, and is kept for the next', async () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const { pool, clock } = setUp({ max: 1, checkAfterIdle: 10, check: () => promise });
    (await pool.acquire()).release();
    await clock.advance(10);
    const controller = new AbortController();
    const gone = pool.acquire({ signal: controller.signal });
    controller.abort(new Error('left'));
    await expect(gone).rejects.toThrow('left');
    const next = pool.acquire();
    resolve(true);
    expect((await next).resource.id).toBe(1);
  });
});

describe('use', () => {
  it('lends for the time of a function and hands on what it returns', async () => {
    const { pool } = setUp();
    expect(await pool.use(({ id }) => id)).toBe(1);
    expect(pool.stats()).toMatchObject({ idle: 1, busy: 0 });
  });

  it('has what failed checked before the next use', async () => {
    const { pool, service } = setUp();
    await expect(pool.use(() => Promise.reject(new Error('duplicate key')))).rejects.toThrow('duplicate key');
    expect(await pool.use(({ id }) => id)).toBe(1);
    expect(await pool.use(({ id }) => id)).toBe(1);
    expect(service.checks).toBe(1);
  });

  it('replaces what failed where there is no check', async () => {
    const pool = createPool({ open: (() => ({ id: 0 })) as () => object });
    const seen = new Set<object>();
    const failing = pool.use((one) => {
      seen.add(one);
      throw new Error('reset');
    });
    await expect(failing).rejects.toThrow('reset');
    await pool.use((one) => seen.add(one));
    expect(seen.size).toBe(2);
    await pool.close();
  });
});

describe('the size of a pool', () => {
  it('shrinks to min when what is above it stays idle', async () => {
    const { pool, clock, open, types } = setUp({ min: 1, max: 3, idleTimeout: 1000 });
    const leases = await Promise.all([pool.acquire(), pool.acquire(), pool.acquire()]);
    for (const lease of leases) lease.release();
    await clock.advance(600);
    (await pool.acquire()).release(); // 3 is in use, the rest is not
    await clock.advance(400);
    expect(open()).toEqual([3]);
    await clock.advance(10_000);
    expect(open()).toEqual([3]);
    expect(types().filter((type) => type === 'closed')).toHaveLength(2);
  });

  it('keeps min of those that became idle together', async () => {
    const { pool, clock, open } = setUp({ min: 1, max: 3, idleTimeout: 1000 });
    const leases = await Promise.all([pool.acquire(), pool.acquire(), pool.acquire()]);
    for (const lease of leases) lease.release();
    await clock.advance(1000);
    expect(open()).toHaveLength(1);
    expect(open()[0]).toBeLessThan(4);
  });

  it('is at least min from the first call on, also after a break', async () => {
    const { pool, open } = setUp({ min: 2, max: 3 });
    const lease = await pool.acquire();
    await settle();
    expect(open()).toEqual([1, 2]);
    lease.discard();
    await settle();
    expect(open()).toEqual([2, 3]);
  });

  it('is kept through the end of lifetimes, which are spread', async () => {
    let chance = 0;
    const random = () => chance++ % 2;
    const { pool, clock, open } = setUp({ min: 2, max: 2, maxLifetime: 1000, random });
    const leases = await Promise.all([pool.acquire(), pool.acquire()]);
    for (const lease of leases) lease.release();
    await clock.advance(900);
    expect(open()).toEqual([1, 3]);
    await clock.advance(100);
    expect(open()).toEqual([3, 4]);
  });

  it('never takes a resource from its borrower because of its age', async () => {
    const { pool, clock, open } = setUp({ maxLifetime: 1000 });
    const lease = await pool.acquire();
    await clock.advance(5000);
    expect(open()).toEqual([1]);
    lease.release();
    await settle();
    expect(open()).toEqual([]);
  });
});

describe('opening', () => {
  it('fails those who wait for it, and is not tried again before its time', async () => {
    const { pool, clock, service, events } = setUp({ retryDelay: { first: 100, most: 400 } });
    service.isUp = false;
    const failures = await Promise.allSettled([pool.acquire(), pool.acquire()]);
    expect(failures.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(service.opened).toBe(2);
    await expect(pool.acquire()).rejects.toMatchObject({ code: 'POOL_OPEN_FAILED', facts: { retryIn: 100 } });
    expect(service.opened).toBe(2);
    for (const retryIn of [200, 400, 400]) {
      await clock.advance(400);
      await expect(pool.acquire()).rejects.toMatchObject({ message: 'Cannot open a connection: refused' });
      expect(events.at(-1)).toMatchObject({ type: 'open-failed', retryIn });
    }
    expect(service.opened).toBe(5);
    service.isUp = true;
    await clock.advance(400);
    expect((await pool.acquire()).resource.id).toBe(1);
  });

  it('is tried by one alone while the service is down', async () => {
    const { pool, clock, service } = setUp({ max: 5, queue: 10 });
    service.isUp = false;
    await expect(pool.acquire()).rejects.toMatchObject({ code: 'POOL_OPEN_FAILED' });
    await clock.advance(100);
    const callers = await Promise.allSettled([pool.acquire(), pool.acquire(), pool.acquire()]);
    expect(callers.every(({ status }) => status === 'rejected')).toBe(true);
    expect(service.opened).toBe(2);
  });

  it('leaves those to wait for whom something else may come back', async () => {
    const { pool, service } = setUp();
    const lease = await pool.acquire();
    service.isUp = false;
    const failed = pool.acquire();
    await expect(failed).rejects.toMatchObject({ code: 'POOL_OPEN_FAILED' });
    const patient = pool.acquire();
    lease.release();
    expect((await patient).resource.id).toBe(1);
  });

  it('is tried again for those who wait when its time has come', async () => {
    const { pool, clock, service } = setUp();
    await pool.acquire();
    service.isUp = false;
    await expect(pool.acquire()).rejects.toMatchObject({ code: 'POOL_OPEN_FAILED' });
    const patient = pool.acquire();
    service.isUp = true;
    await clock.advance(100);
    expect((await patient).resource.id).toBe(2);
  });

  it('is given up when it takes too long; what comes of it later is closed', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { pool, clock, service, all } = setUp({ openTimeout: 50 });
    service.gate = promise;
    const late = pool.acquire();
    late.catch(() => {});
    await clock.advance(50);
    await expect(late).rejects.toMatchObject({ message: expect.stringContaining('not open after 0.05 s') });
    expect(pool.stats().size).toBe(0);
    resolve();
    await settle();
    expect(all.map(({ isOpen }) => isOpen)).toEqual([false]);
  });
});

describe('close', () => {
  it('refuses new and waiting callers, waits for what is borrowed, and closes all', async () => {
    const { pool, open } = setUp({ max: 2 });
    const [first, second] = await Promise.all([pool.acquire(), pool.acquire()]);
    first.release();
    const third = await pool.acquire();
    const waiting = pool.acquire();
    waiting.catch(() => {});
    const closing = pool.close();
    await expect(waiting).rejects.toMatchObject({ code: 'POOL_CLOSED' });
    await expect(pool.acquire()).rejects.toMatchObject({ code: 'POOL_CLOSED' });
    third.release();
    await settle();
    expect(open()).toEqual([2]);
    second.release();
    await closing;
    expect(open()).toEqual([]);
    expect(pool.close()).toBe(closing);
  });

  it('takes what is still borrowed after its timeout, once', async () => {
    const { pool, clock, open, events } = setUp();
    const lease = await pool.acquire();
    const closing = pool.close({ timeout: 500 });
    await clock.advance(500);
    await closing;
    expect(open()).toEqual([]);
    lease.release();
    await settle();
    expect(events.filter(({ type }) => type === 'closed')).toEqual([{ type: 'closed', reason: 'shutdown' }]);
    expect(clock.pending()).toEqual([]);
  });

  it('stops openings, and closes what they still bring', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { pool, service, open, all } = setUp();
    service.gate = promise;
    const waiting = pool.acquire();
    waiting.catch(() => {});
    await pool.close();
    await expect(waiting).rejects.toMatchObject({ code: 'POOL_CLOSED' });
    resolve();
    await settle();
    expect([all.length, open()]).toEqual([1, []]);
  });

  it('reports what fails to close, and ends', async () => {
    const { pool, types } = setUp({ close: () => Promise.reject(new Error('stuck')) });
    (await pool.acquire()).release();
    await pool.close();
    expect(types()).toEqual(['opened', 'close-failed', 'closed']);
  });
});

type Step = 'acquire' | 'release' | 'discard' | 'lose' | 'leave' | 'break' | 'down' | 'up' | 'wait' | 'long';
const steps: readonly Step[] = [
  ...(['acquire', 'acquire', 'acquire', 'release', 'release', 'discard', 'lose', 'leave'] as const),
  ...(['break', 'down', 'up', 'wait', 'long'] as const),
];

describe('whatever happens, a pool', () => {
  it('stays within max, lends nothing twice, loses nothing and strands nobody', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({ min: fc.integer({ min: 0, max: 2 }), max: fc.integer({ min: 2, max: 4 }) }),
        fc.array(fc.constantFrom(...steps), { maxLength: 60 }),
        async (size, plan) => {
          const { pool, clock, service, all, open } = setUp({ ...size, queue: 3, idleTimeout: 300, maxLifetime: 2000 });
          const held: Lease<Connection>[] = [];
          const waiting = new Map<Promise<void>, AbortController>();
          const acquire = () => {
            const controller = new AbortController();
            const caller = pool.acquire({ signal: controller.signal }).then(
              (lease) => {
                expect(held.map(({ resource }) => resource)).not.toContain(lease.resource);
                expect(lease.resource.isOpen).toBe(true);
                held.push(lease);
              },
              () => {},
            );
            waiting.set(caller, controller);
            void caller.then(() => waiting.delete(caller));
          };
          const actions: Record<Step, () => unknown> = {
            acquire,
            release: () => held.shift()?.release(),
            discard: () => held.shift()?.discard(),
            lose: () => all.findLast(({ isOpen }) => isOpen)?.lost(),
            leave: () => [...waiting.values()].at(-1)?.abort(),
            break: () => {
              for (const connection of all) connection.isSound = false;
            },
            down: () => {
              service.isUp = false;
            },
            up: () => {
              service.isUp = true;
            },
            wait: () => clock.advance(120),
            long: () => clock.advance(1100),
          };
          for (const step of plan) {
            await actions[step]();
            await settle();
            const stats = pool.stats();
            expect(open().length + stats.opening).toBe(stats.size);
            expect(stats.size).toBeLessThanOrEqual(size.max);
            expect(stats.busy).toBe(held.length);
            expect(stats.waiting).toBe(waiting.size);
          }
          service.isUp = true;
          await clock.advance(3000);
          for (const lease of held.splice(0)) lease.release();
          for (let rest = waiting.size; rest > 0; rest--) {
            await settle();
            held.shift()?.release();
          }
          await clock.advance(6000);
          expect(waiting.size).toBe(0);
          for (const lease of held.splice(0)) lease.release();
          await pool.close();
          expect([open(), clock.pending()]).toEqual([[], []]);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('a pool', () => {
  it.each([
    { max: 0 },
    { max: 1.5 },
    { min: 3, max: 2 },
    { min: -1 },
    { queue: -1 },
    { acquireTimeout: 0 },
    { checkAfterIdle: Number.NaN },
  ])('refuses %o', (options) => {
    expect(() => createPool({ open: () => 1, ...options })).toThrow(RangeError);
  });
});
