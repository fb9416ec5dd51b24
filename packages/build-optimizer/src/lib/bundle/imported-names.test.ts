import { describe, expect, it } from 'vitest';
import { importedNames } from './imported-names.ts';

describe('importedNames', () => {
  it.each([
    ['import ', []],
    ['import def from ', ['default']],
    ['import { a as b, c } from ', ['a', 'c']],
    ['import def, { a as b } from ', ['a', 'default']],
    ['import * as all from ', 'all'],
    ['import def, * as all from ', 'all'],
    ['export { a, b as default } from ', ['a', 'b']],
    ['export { default as x } from ', ['default']],
    ['export * from ', 'all'],
    ['export * as all from ', 'all'],
    ['import { "a, b" as c, d } from ', ['a, b', 'd']],
    ['import { "*" as star } from ', ['*']],
    ['import $ from ', ['default']],
  ])('reads %s', (clause, expected) => {
    expect(importedNames(clause)).toEqual(expected);
  });
});
