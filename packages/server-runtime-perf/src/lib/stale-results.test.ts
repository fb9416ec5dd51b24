import { eventRecorder, fakeClock } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { createResultCacheCounter, type ResultCacheEvent } from './result-cache-events.ts';
import type { ResultCacheOptions } from './result-cache-options.ts';
import { withResultCache } from './with-result-cache.ts';

const context = (signal = new AbortController().signal) => ({ signal });
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

interface Run extends PromiseWithResolvers<unknown> {
  readonly signal: AbortSignal;
}

/** Each run waits until the test ends it. */
function setUp(options: Partial<ResultCacheOptions<string, unknown, { signal: AbortSignal }>> = {}) {
  const clock = fakeClock(1000);
  const runs: Run[] = [];
  const events = eventRecorder<ResultCacheEvent>();
  const cached = withResultCache(
    (_input: string, { signal }: { signal: AbortSignal }): Promise<unknown> => {
      const run = { ...Promise.withResolvers<unknown>(), signal };
      runs.push(run);
      return run.promise;
    },
    {
      ttl: 1000,
      staleWhileRevalidate: 500,
      key: (input) => input,
      now: clock.now,
      random: () => 0,
      onEvent: events.onEvent,
      ...options,
    },
  );
  const call = (signal?: AbortSignal) => Promise.resolve(cached('a', context(signal)));
  return {
    clock,
    runs,
    call,
    types: events.types,
    /** Fills the cache and lets time pass. */
    async age(milliseconds: number, output: unknown = 'first') {
      const answer = call();
      await settle();
      runs.at(-1)?.resolve(output);
      await answer;
      await clock.advance(milliseconds);
    },
  };
}

describe('withResultCache, after the ttl', () => {
  it('answers at once with the stale result and renews it by one run', async () => {
    const { runs, call, age, types } = setUp();
    await age(1001);
    expect(await Promise.all(Array.from({ length: 50 }, () => call()))).toEqual(Array(50).fill('first'));
    expect(runs).toHaveLength(2);
    runs[1]?.resolve('second');
    await settle();
    expect(await call()).toBe('second');
    expect(runs).toHaveLength(2);
    const counted = types().filter((type) => type === 'stale').length;
    expect([counted, types().at(-2), types().at(-1)]).toEqual([50, 'stored', 'hit']);
    expect(types().filter((type) => type === 'refresh')).toHaveLength(1);
  });

  it('never answers past the end, even while a renewal runs: the call then shares that run', async () => {
    const { clock, runs, call, age } = setUp();
    await age(1500);
    expect(await call()).toBe('first');
    await clock.advance(1);
    const late = call();
    await settle();
    expect(runs).toHaveLength(2);
    runs[1]?.resolve('second');
    expect(await late).toBe('second');
  });

  it('does not renew for nobody: what nobody asks for ends', async () => {
    const { clock, runs, age } = setUp();
    await age(1400);
    await clock.advance(10_000);
    expect(runs).toHaveLength(1);
  });

  it('keeps the stale result when the renewal fails, reports it, and tries again with the next call', async () => {
    const { clock, runs, call, age, types } = setUp();
    await age(1100);
    await call();
    runs[1]?.reject(new Error('down'));
    await settle();
    expect(types().at(-1)).toBe('refresh-failed');
    expect(await call()).toBe('first');
    expect(runs).toHaveLength(3);
    runs[2]?.reject(new Error('down'));
    await clock.advance(401);
    const late = call();
    await settle();
    runs[3]?.reject(new Error('still down'));
    await expect(late).rejects.toThrow('still down');
  });

  it('renews with a signal of its own: the caller that was answered may leave', async () => {
    const { runs, call, age } = setUp();
    await age(1100);
    const controller = new AbortController();
    await call(controller.signal);
    controller.abort();
    expect(runs[1]?.signal.aborted).toBe(false);
    runs[1]?.resolve('second');
    await settle();
    expect(await call()).toBe('second');
  });

  it('gives a renewal a deadline of its own', async () => {
    const { runs, call, age, types } = setUp({ refreshDeadline: 1 });
    await age(1100);
    await call();
    const signal = runs[1]?.signal;
    await new Promise((resolve) => signal?.addEventListener('abort', resolve));
    await settle();
    expect(signal?.reason).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(types().at(-1)).toBe('refresh-failed');
    runs[1]?.resolve('too late');
    await settle();
    expect(await call()).toBe('first');
  });

  it('forgets the stale result when a newer one must not be kept', async () => {
    const { runs, call, age } = setUp({ ttl: (output) => (output === 'secret' ? 0 : 1000) });
    await age(1100);
    await call();
    runs[1]?.resolve('secret');
    await settle();
    const next = call();
    await settle();
    runs[2]?.resolve('third');
    expect(await next).toBe('third');
  });

  it('renews by `refresh` where there is one', async () => {
    const { runs, call, age } = setUp({ refresh: () => 'renewed' });
    await age(1100);
    await call();
    await settle();
    expect(await call()).toBe('renewed');
    expect(runs).toHaveLength(1);
  });
});

describe('withResultCache with staleIfError', () => {
  const options = { staleWhileRevalidate: 0, staleIfError: 500, isError: (output: unknown) => output === 'error' };

  it.each<[string, (run: Run | undefined) => void]>([
    ['throws', (run) => run?.reject(new Error('down'))],
    ['says that it failed', (run) => run?.resolve('error')],
  ])('answers by the stale result when the run %s', async (_, end) => {
    const { clock, runs, call, age, types } = setUp(options);
    await age(1100);
    const answer = call();
    await settle();
    end(runs[1]);
    expect(await answer).toBe('first');
    expect(types().at(-1)).toBe('stale-for-error');
    await clock.advance(401);
    const late = call();
    await settle();
    runs[2]?.resolve('third');
    expect(await late).toBe('third');
  });

  it('answers by the run when it succeeds', async () => {
    const { runs, call, age } = setUp(options);
    await age(1100);
    const answer = call();
    await settle();
    runs[1]?.resolve('second');
    expect(await answer).toBe('second');
  });

  it('does not answer a caller that left', async () => {
    const { call, age } = setUp(options);
    await age(1100);
    const controller = new AbortController();
    const leaving = call(controller.signal);
    await settle();
    controller.abort(new Error('left'));
    await expect(leaving).rejects.toThrow('left');
  });
});

describe('withResultCache with negativeTtl', () => {
  const isError = (output: unknown) => output === 'error';

  it('keeps results that say they failed for so long, and only where it is asked to', async () => {
    for (const negativeTtl of [undefined, 100]) {
      const { clock, runs, call, age } = setUp({ isError, ...(negativeTtl && { negativeTtl }) });
      await age(100, 'error');
      const again = call();
      await settle();
      expect(runs).toHaveLength(negativeTtl === undefined ? 2 : 1);
      runs[1]?.resolve('error');
      expect(await again).toBe('error');
      await clock.advance(101); // no stale time for these
      void call();
      await settle();
      expect(runs).toHaveLength(negativeTtl === undefined ? 3 : 2);
    }
  });

  it('never keeps what is thrown, nor lets a failure take the place of a good result', async () => {
    const { runs, call, age } = setUp({ isError, negativeTtl: 1000 });
    await age(1100);
    await call();
    runs[1]?.resolve('error');
    await settle();
    expect(await call()).toBe('first');
    runs[2]?.reject(new Error('down'));
    await settle();
    expect(await call()).toBe('first');
  });
});

describe('a clear while a run is under way', () => {
  it.each([[undefined], ['tag']])('keeps nothing of that run (%s)', async (tag) => {
    const { createMemoryStore } = await import('./memory-store.ts');
    const store = createMemoryStore();
    const { runs, call } = setUp({ store, tag: 'tag' });
    const answer = call();
    await settle();
    store.clear(tag);
    runs[0]?.resolve('old');
    expect(await answer).toBe('old');
    expect(store.entries).toBe(0);
  });
});

describe('createResultCacheCounter', () => {
  it('counts what caches tell', async () => {
    const counter = createResultCacheCounter();
    const { runs, call, age } = setUp({ onEvent: counter.count });
    await age(0);
    await call();
    await age(1100);
    await call();
    runs[1]?.reject(new Error('down'));
    await settle();
    counter.count({ type: 'hit', key: 'a', source: 'far' });
    counter.count({ type: 'bypass' });
    expect(counter.counts()).toEqual({
      hits: 4,
      farHits: 1,
      misses: 1,
      stale: 1,
      refreshes: 1,
      stored: 1,
      bypassed: 1,
      errors: 1,
    });
  });
});
