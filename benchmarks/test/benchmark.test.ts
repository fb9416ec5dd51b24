import { describe, expect, it } from 'vitest';
import { type Measurement, median, runMeasurement } from '../lib/benchmark.ts';

const values: Readonly<Record<string, readonly number[]>> = { bare: [10, 20, 40], ours: [12, 30, 44] };

const measurement: Measurement = {
  name: 'CPU per call',
  unit: 'us',
  variants: ['bare', 'ours'],
  rounds: 3,
  measure: async (variant, round) => values[variant]?.[round] ?? 0,
};

describe('runMeasurement', () => {
  it('turns the order from round to round', async () => {
    const order: string[] = [];
    await runMeasurement({
      ...measurement,
      measure: async (variant, round) => {
        order.push(`${variant} ${round}`);
        return 1;
      },
    });
    expect(order).toEqual(['bare 0', 'ours 0', 'ours 1', 'bare 1', 'bare 2', 'ours 2']);
  });

  it('measures slow variants in fewer rounds', async () => {
    const [bare, ours] = await runMeasurement({ ...measurement, fewer: { rounds: 1, variants: ['ours'] } });
    expect([bare?.samples.length, ours?.samples.length, ours?.ratio]).toEqual([3, 1, 1.2]);
  });

  it('compares within each round, and takes the median of what came out', async () => {
    const [bare, ours] = await runMeasurement(measurement);
    expect(bare).toMatchObject({ variant: 'bare', median: 20, best: 10, ratio: 1, difference: 0 });
    expect(ours).toMatchObject({
      variant: 'ours',
      median: 30,
      best: 12,
      ratio: 1.2,
      difference: 4,
      bestRatio: 1.2,
      bestDifference: 2,
    });
  });

  it.each([
    ['us', 'ratio', 1.2, true],
    ['us', 'ratio', 1.19, false],
    ['us', 'difference', 2, true],
    ['us', 'difference', 1, false],
    ['us', 'value', 12, true],
    ['us', 'value', 11, false],
    ['MB', 'ratio', 1.19, false],
    ['MB', 'difference', 4, true],
    ['MB', 'difference', 3, false],
    ['MB', 'value', 30, true],
    ['MB', 'value', 29, false],
  ] as const)('says whether in %s a %s of at most %d holds', async (unit, kind, atMost, holds) => {
    const rows = await runMeasurement({ ...measurement, unit, targets: [{ variant: 'ours', kind, atMost }] });
    expect(rows.map((row) => row.holds)).toEqual([undefined, holds]);
  });

  it('has a row for each target, compared with what that names', async () => {
    const rows = await runMeasurement({
      ...measurement,
      targets: [
        { variant: 'bare', kind: 'ratio', to: 'ours', atMost: 0.9 },
        { variant: 'bare', kind: 'value', atMost: 5 },
      ],
    });
    expect(rows.map(({ variant, to, holds }) => [variant, to, holds])).toEqual([
      ['bare', 'ours', true],
      ['bare', 'bare', false],
      ['ours', 'bare', undefined],
    ]);
  });

  it('takes the highest as the best of a rate', async () => {
    const [bare] = await runMeasurement({ ...measurement, unit: '/s' });
    expect(bare?.best).toBe(40);
  });
});

describe('median', () => {
  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[7], 7],
  ])('of %o is %d', (given, expected) => {
    expect(median(given)).toBe(expected);
  });
});
