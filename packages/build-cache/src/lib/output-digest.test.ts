import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf } from './digest.ts';
import { outputDigest } from './output-digest.ts';

const file = { path: 'a.js', mode: 0o644 as const, digest: digestOf('a') };

describe('outputDigest', () => {
  it('stays as it is: it is in every stored key', () => {
    expect(outputDigest([file], { n: 1 })).toMatchInlineSnapshot(
      `"sha256:d734dc31fe00d5027b9c53e4d820c0b7887ff4ec357b2986f4cd6583cef95a1d"`,
    );
  });

  it.each([
    ['a name', [{ ...file, path: 'b.js' }], { n: 1 }],
    ['an exec bit', [{ ...file, mode: 0o755 as const }], { n: 1 }],
    ['a content', [{ ...file, digest: digestOf('b') }], { n: 1 }],
    ['a value', [file], { n: 2 }],
    ['the order inside a value, which can show in what is made from it', [file], { m: 1, n: 1 }],
    ['a file', [file, { ...file, path: 'b.js' }], { n: 1 }],
  ])('changes with %s', (_what, files, value) => {
    expect(outputDigest(files, value)).not.toBe(outputDigest([file], { n: 1 }));
    expect(outputDigest([file], { n: 1, m: 1 })).not.toBe(outputDigest([file], { m: 1, n: 1 }));
  });

  it('does not depend on the order of files', () => {
    const paths = fc.uniqueArray(fc.string(), { maxLength: 8 });
    fc.assert(
      fc.property(
        paths.chain((names) => fc.tuple(fc.constant(names), fc.shuffledSubarray(names, { minLength: names.length }))),
        ([names, shuffled]) => {
          const files = (list: readonly string[]) => list.map((path) => ({ ...file, path }));
          expect(outputDigest(files(shuffled))).toBe(outputDigest(files(names)));
        },
      ),
    );
  });

  it('takes no value for null', () => {
    expect(outputDigest([file])).toBe(outputDigest([file], null));
  });
});
