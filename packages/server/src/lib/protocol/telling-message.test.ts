import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tellingMessage } from './telling-message.ts';

describe('tellingMessage', () => {
  it.each([
    [new Error('City is unknown'), 'City is unknown'],
    [new Error('Cannot open /etc/secrets/key.pem now'), 'Cannot open (path) now'],
    [new Error('See file:///app/tools/a.js for more'), 'See (path) for more'],
    [new Error('Cannot open C:\\Users\\me\\a.txt'), 'Cannot open (path)'],
    [new Error('Use https://example.com/docs/a instead'), 'Use https://example.com/docs/a instead'],
    [new Error('a/b and 1/2 are fine'), 'a/b and 1/2 are fine'],
    [new Error('one\n    at run (/app/a.js:1:2)'), 'one'],
    [new TypeError(''), 'TypeError'],
    ['text', 'text'],
    [{ secret: 1 }, 'it threw something that is no error'],
    [undefined, 'it threw something that is no error'],
  ])('tells %s as %s', (error, expected) => {
    expect(tellingMessage(error)).toBe(expected);
  });

  it('tells the code of a system error and not its path', () => {
    try {
      readFileSync('/no/such/file');
    } catch (error) {
      expect(tellingMessage(error)).toBe('ENOENT in open');
    }
  });
});
