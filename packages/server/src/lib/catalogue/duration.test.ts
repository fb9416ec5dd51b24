import { describe, expect, it } from 'vitest';
import { parseDuration } from './duration.ts';

describe('parseDuration', () => {
  it.each([
    [1500, 1500],
    ['200ms', 200],
    ['30s', 30_000],
    ['1.5s', 1500],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['1d', 86_400_000],
  ])('reads %s', (value, expected) => {
    expect(parseDuration(value, 'tool "a"')).toBe(expected);
  });

  it.each(['', 's', '5', '5x', '-5s', 'soon', 0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses %s', (value) => {
    expect(() => parseDuration(value, 'tool "a"')).toThrow('Cannot serve tool "a"');
  });

  it.each(['25d', '600h', 2 ** 31])('refuses %s, for which there is no timer', (value) => {
    expect(() => parseDuration(value, 'tool "a"')).toThrow(`"${value}" is longer than 24.8 days`);
    expect(parseDuration(2 ** 31 - 1, 'tool "a"')).toBe(2 ** 31 - 1);
  });
});
