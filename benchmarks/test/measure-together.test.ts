import { describe, expect, it } from 'vitest';
import { runMeasurement } from '../lib/benchmark.ts';
import { measureTogether } from '../lib/measure-together.ts';

describe('measureTogether', () => {
  it('gives a measurement for each metric, all of the same runs', async () => {
    let runs = 0;
    const measurements = measureTogether({
      name: 'start',
      variants: ['bare', 'ours'],
      rounds: 3,
      metrics: [
        { name: 'time', unit: 'ms', targets: [{ variant: 'ours', kind: 'ratio', atMost: 2 }] },
        { name: 'memory', unit: 'MB' },
      ],
      measure: async (variant) => {
        runs += 1;
        return variant === 'bare' ? [10, 40] : [15, 50];
      },
    });
    const rows = (await Promise.all(measurements.map(runMeasurement))).flat();
    expect(runs).toBe(6);
    expect(rows.map(({ measurement, variant, median, holds }) => [measurement, variant, median, holds])).toEqual([
      ['start: time', 'bare', 10, undefined],
      ['start: time', 'ours', 15, true],
      ['start: memory', 'bare', 40, undefined],
      ['start: memory', 'ours', 50, undefined],
    ]);
  });
});
