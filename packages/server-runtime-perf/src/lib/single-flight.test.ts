import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { singleFlight } from './single-flight.ts';

function setUp() {
  const runs: Array<{
    readonly signal: AbortSignal;
    readonly resolve: (value: string) => void;
    readonly reject: (error: Error) => void;
  }> = [];
  const shared = singleFlight(
    (_: string, { signal }: { signal: AbortSignal }) => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      runs.push({ signal, resolve, reject });
      return promise;
    },
    { key: (input) => (input === 'alone' ? undefined : input) },
  );
  return {
    runs,
    call: (key: string, signal = new AbortController().signal) => Promise.resolve(shared(key, { signal })),
  };
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('singleFlight', () => {
  it('shares one run among 200 concurrent calls with the same key, and no other', async () => {
    const { runs, call } = setUp();
    const same = Array.from({ length: 200 }, () => call('a'));
    const other = call('b');
    expect(runs).toHaveLength(2);
    runs[0]?.resolve('result a');
    runs[1]?.resolve('result b');
    expect(new Set(await Promise.all(same))).toEqual(new Set(['result a']));
    expect(await other).toBe('result b');
  });

  it('runs again once the run has ended', async () => {
    const { runs, call } = setUp();
    const first = call('a');
    runs[0]?.resolve('1');
    await first;
    void call('a');
    expect(runs).toHaveLength(2);
  });

  it('shares nothing where there is no key', () => {
    const { runs, call } = setUp();
    void call('alone');
    void call('alone');
    expect(runs).toHaveLength(2);
  });

  it('lets a caller leave at once while the run goes on for the others', async () => {
    const { runs, call } = setUp();
    const controller = new AbortController();
    const leaving = call('a', controller.signal);
    const staying = call('a');
    controller.abort(new Error('left'));
    await expect(leaving).rejects.toThrow('left');
    expect(runs[0]?.signal.aborted).toBe(false);
    runs[0]?.resolve('result');
    expect(await staying).toBe('result');
  });

  it('aborts the run when the last caller has left, and starts anew for who comes then', async () => {
    const { runs, call } = setUp();
    const controllers = [new AbortController(), new AbortController()];
    const leaving = controllers.map(({ signal }) => call('a', signal));
    for (const controller of controllers) controller.abort(new Error('left'));
    await Promise.allSettled(leaving);
    expect(runs[0]?.signal.aborted).toBe(true);
    const next = call('a');
    expect(runs).toHaveLength(2);
    runs[0]?.reject(new Error('stopped'));
    await settle();
    void call('a'); // the end of the old run does not end the new one
    expect(runs).toHaveLength(2);
    runs[1]?.resolve('fresh');
    expect(await next).toBe('fresh');
  });

  it('hands a failure to those who waited and to nobody who comes after', async () => {
    const { runs, call } = setUp();
    const waiting = [call('a'), call('a')];
    runs[0]?.reject(new Error('failed'));
    const outcomes = await Promise.allSettled(waiting);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const next = call('a');
    runs[1]?.resolve('fine');
    expect(await next).toBe('fine');
  });

  it('does not begin a run for a caller that has left already', async () => {
    const { runs, call } = setUp();
    await expect(call('a', AbortSignal.abort(new Error('left')))).rejects.toThrow('left');
    expect(runs).toEqual([]);
  });

  it('keeps no listener on the signals of its callers', async () => {
    const { runs, call } = setUp();
    const { signal } = new AbortController();
    const outcome = call('a', signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    runs[0]?.resolve('result');
    await outcome;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('turns a handler that throws at once into a rejection', async () => {
    const shared = singleFlight(
      (): string => {
        throw new Error('at once');
      },
      { key: () => 'a' },
    );
    await expect(shared(undefined, { signal: new AbortController().signal })).rejects.toThrow('at once');
  });
});
