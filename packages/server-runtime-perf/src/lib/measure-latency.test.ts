import { createHistogram } from 'node:perf_hooks';
import { fakeClock } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { measureLatency, summarizeLatency } from './measure-latency.ts';

const context = { signal: new AbortController().signal };

describe('measureLatency', () => {
  it('records answers and failures in milliseconds', async () => {
    const clock = fakeClock();
    const histogram = createHistogram();
    const handler = measureLatency(
      async (milliseconds: number) => {
        await clock.advance(milliseconds);
        if (milliseconds === 30) throw new Error('failed');
      },
      { histogram, now: clock.now },
    );
    await handler(10, context);
    await expect(handler(30, context)).rejects.toThrow('failed');
    const { count, mean, max } = summarizeLatency(histogram);
    expect(count).toBe(2);
    expect(mean).toBeCloseTo(20, 1);
    expect(max).toBeCloseTo(30, 1);
  });

  it('records a call that takes no time', async () => {
    const histogram = createHistogram();
    await measureLatency(() => 1, { histogram, now: () => 0 })(undefined, context);
    expect(summarizeLatency(histogram).count).toBe(1);
  });
});

describe('summarizeLatency', () => {
  it('is all zero while nothing was recorded', () => {
    expect(summarizeLatency(createHistogram())).toEqual({ count: 0, mean: 0, p50: 0, p99: 0, max: 0 });
  });
});
