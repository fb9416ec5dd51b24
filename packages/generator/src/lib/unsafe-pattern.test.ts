import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { isUnsafePattern } from './unsafe-pattern.ts';

describe('isUnsafePattern', () => {
  it.each([
    '^(a+)+$',
    '(a|a)*b',
    '^(\\w*-?)*$',
    '(.*)*x',
    '^([a-z]+\\d*)+$',
    '(?:x|[w-z])+$',
    '(?=(a*)*b)c',
    '(\\s*\\w+\\s*)+;',
    '^(a{1,20}){2,30}$',
  ])('finds %s', (pattern) => expect(isUnsafePattern(pattern)).toBe(true));

  it.each([
    '^a+$',
    '^[\\w.-]+@[\\w-]+\\.\\w+$',
    '^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$',
    '^(\\d{1,3}\\.){3}\\d{1,3}$',
    '^(?:a|b)*$',
    '(foo|bar)+;',
    '^\\/(?:[^/]+\\/)*$',
    '^(?<year>\\d{4})-\\k<year>$',
    '[\\]\\\\]+',
    '',
  ])('lets %s pass', (pattern) => expect(isUnsafePattern(pattern)).toBe(false));

  it('lets the patterns of zod pass', () => {
    const formats = {
      email: z.email(),
      uuid: z.uuid(),
      ipv4: z.ipv4(),
      datetime: z.iso.datetime(),
      duration: z.iso.duration(),
      date: z.iso.date(),
    };
    for (const [name, schema] of Object.entries(formats)) {
      expect([name, isUnsafePattern(String(schema.def.pattern?.source))]).toEqual([name, false]);
    }
  });
});
