import { describe, expect, it } from 'vitest';
import { jitteredDelay, readRetryAfter } from './retry-delay.ts';

describe('jitteredDelay', () => {
  const retryDelay = { first: 100, most: 1000 };

  it.each([
    [1, 0.999, 99],
    [2, 0.999, 199],
    [4, 0.999, 799],
    [9, 0.999, 999],
    [5000, 0.999, 999],
    [3, 0, 0],
  ])('after attempt %d with chance %d is %d', (attempt, chance, expected) => {
    expect(jitteredDelay({ attempt, retryDelay, random: () => chance })).toBe(expected);
  });
});

describe('readRetryAfter', () => {
  const now = () => Date.parse('2026-11-23T00:00:00Z');

  it.each([
    ['3', 3000],
    [' 0 ', 0],
    ['Mon, 23 Nov 2026 00:00:05 GMT', 5000],
    ['Mon, 23 Nov 2025 00:00:05 GMT', 0],
    ['soon', undefined],
    [undefined, undefined],
  ])('of %j is %j', (value, expected) => {
    expect(readRetryAfter(value, now)).toEqual(expected);
  });
});
