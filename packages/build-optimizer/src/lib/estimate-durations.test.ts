import { describe, expect, it } from 'vitest';
import { estimateDurations } from './estimate-durations.ts';

const estimate = (names: readonly string[], known: Record<string, number>) =>
  estimateDurations(names, (name) => known[name]);

describe('estimateDurations', () => {
  it('expects of each step what it cost last time', () => {
    expect(estimate(['runtime', 'bundle:a'], { runtime: 30, 'bundle:a': 0 })).toEqual([30, 0]);
  });

  it('expects of a new step what its kind costs on average', () => {
    const known = { 'bundle:a': 10, 'bundle:b': 20, 'layer:app': 90 };
    expect(estimate(['bundle:a', 'bundle:b', 'layer:app', 'bundle:c'], known)[3]).toBe(15);
  });

  it('expects of a new kind what steps cost on average', () => {
    expect(estimate(['bundle:a', 'layer:app', 'image'], { 'bundle:a': 10, 'layer:app': 50 })[2]).toBe(30);
  });

  it('takes all steps for equal where nothing is known', () => {
    expect(estimate(['a', 'b:c'], {})).toEqual([1, 1]);
  });
});
