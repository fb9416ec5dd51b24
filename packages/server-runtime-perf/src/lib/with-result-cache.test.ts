import { eventRecorder, fakeClock } from '@mcpgen/testing';
import { describe, expect, it, vi } from 'vitest';
import type { ResultCacheEvent } from './result-cache-events.ts';
import type { ResultCacheOptions } from './result-cache-options.ts';
import type { ResultStore, StoredResult } from './result-store.ts';
import { withResultCache } from './with-result-cache.ts';

const context = () => ({ signal: new AbortController().signal });
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

type Options = ResultCacheOptions<string, unknown, { signal: AbortSignal }>;

function setUp(options: Partial<Options> = {}, handler: (input: string) => unknown = (input) => ({ answer: input })) {
  const clock = fakeClock(1000);
  const run = vi.fn(async (input: string, _context: { signal: AbortSignal }) => handler(input));
  const events = eventRecorder<ResultCacheEvent>();
  const cached = withResultCache(run, {
    ttl: 1000,
    key: (input) => input,
    now: clock.now,
    random: () => 0,
    onEvent: events.onEvent,
    ...options,
  });
  return { clock, run, cached, types: events.types };
}

describe('withResultCache', () => {
  it('answers a second call without the handler until the time is up', async () => {
    const { clock, run, cached, types } = setUp();
    expect(await cached('a', context())).toEqual({ answer: 'a' });
    await clock.advance(1000);
    expect(await cached('a', context())).toEqual({ answer: 'a' });
    expect(run).toHaveBeenCalledTimes(1);
    await clock.advance(1);
    await cached('a', context());
    expect(run).toHaveBeenCalledTimes(2);
    expect(types()).toEqual(['miss', 'stored', 'hit', 'miss', 'stored']);
  });

  it('shortens the time by up to a tenth, so that entries made together do not end together', async () => {
    const { clock, run, cached } = setUp({ random: () => 0.999 });
    await cached('a', context());
    await clock.advance(901);
    await cached('a', context());
    expect(run).toHaveBeenCalledTimes(2);
  });

  it('gives each caller an object of its own, the first included', async () => {
    const { cached } = setUp({}, () => ({ list: [1] }));
    const [first, second] = await Promise.all([cached('a', context()), cached('a', context())]);
    expect(first).not.toBe(second);
    if (typeof first === 'object' && first !== null) Object.assign(first, { list: 'changed' });
    expect(await cached('a', context())).toEqual({ list: [1] });
    expect(second).toEqual({ list: [1] });
  });

  it('lets 200 concurrent calls with the same key share one run and one look into the store', async () => {
    const get = vi.fn(() => undefined);
    const { run, cached } = setUp({ store: { get, set: () => {}, delete: () => {}, clear: () => {} } });
    await Promise.all(Array.from({ length: 200 }, () => cached('a', context())));
    expect(run).toHaveBeenCalledTimes(1);
    expect(get).toHaveBeenCalledTimes(1);
  });

  it('never keeps a failure', async () => {
    let calls = 0;
    const { cached } = setUp({}, () => {
      calls += 1;
      if (calls === 1) throw new Error('failed');
      return calls;
    });
    await expect(cached('a', context())).rejects.toThrow('failed');
    expect(await cached('a', context())).toBe(2);
  });

  it('does not keep what the ttl function says not to', async () => {
    const { run, cached } = setUp({ ttl: (output) => (output === 'error' ? 0 : 1000) }, (input) => input);
    await cached('error', context());
    await cached('error', context());
    await cached('fine', context());
    await cached('fine', context());
    expect(run).toHaveBeenCalledTimes(3);
  });

  it('lets a call without a key pass, and one whose key cannot be made', async () => {
    const { run, cached, types } = setUp({
      key: (input) => {
        if (input === 'throws') throw new Error('no key');
        return undefined;
      },
    });
    for (const input of ['none', 'none', 'throws']) await cached(input, context());
    expect(run).toHaveBeenCalledTimes(3);
    expect(types()).toEqual(['bypass', 'bypass', 'bypass']);
  });

  it('does not let a leaving caller abort the others', async () => {
    const gate = Promise.withResolvers<string>();
    const { run, cached } = setUp({}, () => gate.promise);
    const controller = new AbortController();
    const leaving = cached('a', { signal: controller.signal });
    const staying = cached('a', context());
    await settle();
    controller.abort(new Error('left'));
    await expect(leaving).rejects.toThrow('left');
    gate.resolve('done');
    expect(await staying).toBe('done');
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('keeps nothing of a run that everybody left', async () => {
    const gate = Promise.withResolvers<string>();
    const { cached, types } = setUp({}, () => gate.promise);
    const controller = new AbortController();
    const leaving = Promise.resolve(cached('a', { signal: controller.signal }));
    await settle();
    controller.abort(new Error('left'));
    await leaving.catch(() => {});
    gate.resolve('half');
    await settle();
    expect(types()).toEqual(['miss']);
  });

  it.each([
    ['undefined', undefined, []],
    ['a BigInt', 1n, ['not-storable']],
    ['a cycle', cycle(), ['not-storable']],
  ])('hands on %s without keeping it', async (_, output, expected) => {
    const { run, cached, types } = setUp({}, () => output);
    expect(await cached('a', context())).toBe(output);
    expect(await cached('a', context())).toBe(output);
    expect(run).toHaveBeenCalledTimes(2);
    expect(types()).toEqual(['miss', ...expected, 'miss', ...expected]);
  });

  describe('with a store that fails', () => {
    const failing = (what: Partial<ResultStore>): ResultStore => ({
      get: () => undefined,
      set: () => {},
      delete: () => {},
      clear: () => {},
      ...what,
    });

    it.each<[string, ResultStore]>([
      ['cannot be read', failing({ get: () => Promise.reject(new Error('away')) })],
      [
        'throws at once',
        failing({
          get: () => {
            throw new Error('away');
          },
        }),
      ],
      ['cannot be written', failing({ set: () => Promise.reject(new Error('full')) })],
    ])('answers from the handler when it %s', async (_, store) => {
      const { run, cached, types } = setUp({ store });
      expect(await cached('a', context())).toEqual({ answer: 'a' });
      await settle();
      expect(run).toHaveBeenCalledTimes(1);
      expect(types()).toContain('store-failed');
    });

    it('removes what does not parse, and answers from the handler', async () => {
      const remove = vi.fn();
      const stored: StoredResult = { text: '{"half":', fresh: 1000, source: 'far' };
      const { run, cached, types } = setUp({ store: failing({ get: async () => stored, delete: remove }) });
      expect(await cached('a', context())).toEqual({ answer: 'a' });
      await settle();
      expect(run).toHaveBeenCalledTimes(1);
      expect(remove).toHaveBeenCalledExactlyOnceWith('a');
      expect(types()).toEqual(['unreadable', 'miss', 'stored']);
    });

    it('does not make the caller wait for a slow write', async () => {
      const { cached } = setUp({ store: failing({ set: () => new Promise(() => {}) }) });
      expect(await cached('a', context())).toEqual({ answer: 'a' });
    });
  });

  it('keeps within the bytes and entries it was given', async () => {
    const { run, cached } = setUp({ maxEntries: 1 });
    for (const input of ['a', 'b', 'a']) await cached(input, context());
    expect(run).toHaveBeenCalledTimes(3);
  });
});

function cycle(): unknown {
  const value: { self?: unknown } = {};
  value.self = value;
  return value;
}
