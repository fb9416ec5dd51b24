import { describe, expect, it } from 'vitest';
import { parseAge, parseSize } from './cache-prune.ts';

describe('parseSize', () => {
  it.each([
    ['0', 0],
    ['1024', 1024],
    ['500MB', 500_000_000],
    ['1.5 gb', 1_500_000_000],
  ])('reads %s', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['', '-1', 'MB', '5 apples', '1e9', '1,5GB', 'constructor'])('refuses "%s"', (text) => {
    expect(() => parseSize(text)).toThrow(/expected a size/);
  });
});

describe('parseAge', () => {
  it.each([
    ['90s', 90_000],
    ['36h', 129_600_000],
    ['30d', 2_592_000_000],
    ['2w', 1_209_600_000],
  ])('reads %s', (text, milliseconds) => {
    expect(parseAge(text)).toBe(milliseconds);
  });

  it.each(['', '7', '7 years', 'd', '-1d'])('refuses "%s"', (text) => {
    expect(() => parseAge(text)).toThrow(/expected a time/);
  });
});
