import { describe, expect, it } from 'vitest';
import { type ProfileOverrides, resolveProfile } from './resolve-profile.ts';

describe('resolveProfile', () => {
  it('spends nothing on checks, size or compression in the fast profile', () => {
    expect(resolveProfile('fast')).toMatchObject({ minify: false, typecheck: 'off', compression: 'none' });
  });

  it('checks types beside the build and compresses in the standard profile', () => {
    expect(resolveProfile('standard')).toMatchObject({ typecheck: 'beside', compression: 'gzip', compressionLevel: 6 });
  });

  it('makes the smallest result in the optimized profile', () => {
    expect(resolveProfile('optimized')).toMatchObject({ minify: true, sourcemap: 'none', compressionLevel: 9 });
  });

  it('replaces single fields and keeps the name of the preset', () => {
    expect(resolveProfile('fast', { minify: true })).toEqual({ ...resolveProfile('fast'), minify: true });
  });

  it.each<[ProfileOverrides, number]>([
    [{ compression: 'gzip' }, 6],
    [{ compression: 'zstd' }, 3],
    [{ compression: 'zstd', compressionLevel: 19 }, 19],
    [{ compression: 'none' }, 0],
  ])('gives %o the level %i', (overrides, level) => {
    expect(resolveProfile('fast', overrides).compressionLevel).toBe(level);
  });

  it('keeps the level of a preset whose compression stays', () => {
    expect(resolveProfile('optimized', { compression: 'gzip' }).compressionLevel).toBe(9);
  });

  it.each<ProfileOverrides>([
    { compression: 'gzip', compressionLevel: 10 },
    { compression: 'zstd', compressionLevel: 0 },
    { compression: 'gzip', compressionLevel: 1.5 },
    { compressionLevel: 3 },
  ])('refuses %o', (overrides) => {
    expect(() => resolveProfile('fast', overrides)).toThrow(RangeError);
  });
});
