import { describe, expect, it } from 'vitest';
import { findUnsafePath, sortPaths } from './output-paths.ts';

describe('findUnsafePath', () => {
  it.each([
    [''],
    ['/etc/passwd'],
    ['../a'],
    ['a/../../b'],
    ['a/./b'],
    ['a//b'],
    ['a/'],
    ['C:/a'],
    ['c:a'],
    ['a\\b'],
    ['a\0b'],
    ['a\nb'],
    ['\ud800'],
    ['x'.repeat(1025)],
    [`${'d/'.repeat(64)}x`],
  ])('refuses %j', (path) => {
    expect(findUnsafePath(['fine.js', path])).toMatchObject({ path });
  });

  it.each([[['a.js', 'A.js']], [['caf\u00e9', 'cafe\u0301']], [['a.js', 'a.js']], [['a', 'a/b']], [['A/b/c', 'a']]])(
    'refuses %j, which one file system or another takes for one',
    (paths) => {
      expect(findUnsafePath(paths)).toBeDefined();
    },
  );

  it.each([[[]], [['a', 'ab', 'a.b/c']], [['modules/tools/…/ü.js', '...', '.hidden', 'a b']]])('takes %j', (paths) => {
    expect(findUnsafePath(paths)).toBeUndefined();
  });

  it('takes as many files as a build has, and no more', () => {
    const paths = Array.from({ length: 200_001 }, (_, index) => `f${index}`);
    expect(findUnsafePath(paths.slice(1))).toBeUndefined();
    expect(findUnsafePath(paths)?.reason).toBe('more than 200000 files');
  });
});

describe('sortPaths', () => {
  it('sorts bytewise, whatever the locale', () => {
    expect(sortPaths(['b', 'a', 'B', 'ä', 'a/b', 'a.b'])).toEqual(['B', 'a', 'a.b', 'a/b', 'b', 'ä']);
  });
});
