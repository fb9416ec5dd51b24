import { describe, expect, it } from 'vitest';
import { fakeClock } from './fake-clock.ts';

describe('fakeClock', () => {
  it('stands still until it is advanced', async () => {
    const clock = fakeClock(1000);
    expect(clock.now()).toBe(1000);
    await clock.advance(250);
    expect(clock.now()).toBe(1250);
  });

  it('settles delays in the order of their time, seeing the time of each', async () => {
    const clock = fakeClock();
    const seen: [string, number][] = [];
    void clock.delay(20).then(() => seen.push(['late', clock.now()]));
    void clock.delay(10).then(() => seen.push(['early', clock.now()]));
    expect(clock.pending()).toEqual([10, 20]);
    await clock.advance(19);
    expect(seen).toEqual([['early', 10]]);
    await clock.advance(1);
    expect(seen).toEqual([
      ['early', 10],
      ['late', 20],
    ]);
    expect(clock.pending()).toEqual([]);
  });

  it('settles a delay that a delay has started', async () => {
    const clock = fakeClock();
    const seen: number[] = [];
    void (async () => {
      for (let i = 0; i < 3; i++) {
        await clock.delay(10);
        seen.push(clock.now());
      }
    })();
    await clock.advance(25);
    expect(seen).toEqual([10, 20]);
  });

  it('rejects a delay whose signal is aborted, before and during', async () => {
    const clock = fakeClock();
    const reason = new Error('stop');
    await expect(clock.delay(1, AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const waiting = clock.delay(1, controller.signal);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(clock.pending()).toEqual([]);
  });
});
