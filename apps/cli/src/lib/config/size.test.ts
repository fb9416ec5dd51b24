import { describe, expect, it } from 'vitest';
import { byteSize, sizeProblem } from './size.ts';

describe('byteSize', () => {
  it.each([
    [0, 0],
    [12.4, 12],
    ['512', 512],
    ['512B', 512],
    ['1.5 kB', 1500],
    ['80MB', 80_000_000],
    ['2gb', 2_000_000_000],
  ])('reads %j', (size, bytes) => {
    expect(byteSize(size)).toBe(bytes);
  });

  it.each([-1, Number.NaN, Infinity, '', '80 potatoes', '-1MB', '1e9', '99999999999TB', null, {}])(
    'refuses %j',
    (size) => {
      expect(sizeProblem(size)).toMatch(/^expected a size/);
    },
  );

  it('says what it cannot read', () => {
    expect(() => byteSize('much')).toThrow('Cannot read the size "much": expected a size such as "80MB", or bytes');
  });
});
