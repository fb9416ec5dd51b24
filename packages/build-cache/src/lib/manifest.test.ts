import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CacheEntry } from './cache.ts';
import { digestOf } from './digest.ts';
import { checkAt, encodeManifest, NO_CHECK, parseManifest } from './manifest.ts';
import { outputDigest } from './output-digest.ts';
import { sealText } from './sealed-file.ts';

const key = digestOf('key');
const files: CacheEntry['files'] = [
  { path: 'a.js', digest: digestOf('a'), size: 1, mode: 0o644 },
  { path: 'b/c.js', digest: digestOf('body'), size: 4, mode: 0o755 },
];
const value = { name: 'echo' };
const entry: CacheEntry = {
  key,
  files,
  value,
  output: outputDigest(files, value),
  step: 's',
  duration: 1.5,
  created: 2,
  producer: { generator: '1.x', format: 2 },
};
const inline = new Map([[digestOf('a'), Buffer.from('a')]]);
const stored = { entry, inline, checks: `${NO_CHECK}0123456789abcdef` };

/** A manifest whose seal holds but whose content somebody chose. */
function forge(change: Readonly<Record<string, unknown>>): Buffer {
  const record: Record<string, unknown> = JSON.parse(encodeManifest(stored).toString('utf8', 65));
  return Buffer.from(sealText(JSON.stringify({ ...record, checks: '', ...change })));
}

describe('parseManifest', () => {
  it('reads what encodeManifest wrote', () => {
    expect(parseManifest(encodeManifest(stored), key)).toEqual(stored);
    expect(parseManifest(forge({}), key)).toEqual({ ...stored, checks: '' });
  });

  it('takes an entry that does not say who made it, or in another form', () => {
    const { producer: _, ...unsaid } = entry;
    expect(parseManifest(forge({ producer: undefined }), key)?.entry).toEqual(unsaid);
    expect(parseManifest(forge({ producer: 'somebody' }), key)?.entry).toEqual(unsaid);
  });

  it('knows which files have a checksum', () => {
    expect([0, 1].map((row) => checkAt(stored, row))).toEqual(['', '0123456789abcdef']);
    expect(checkAt({ checks: '' }, 0)).toBe('');
  });

  it('refuses every change of a byte', () => {
    const bytes = encodeManifest(stored);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, bits) => {
        const copy = Buffer.from(bytes);
        copy[at] = (copy[at] ?? 0) ^ bits;
        expect(parseManifest(copy, key)).toBeUndefined();
      }),
    );
  });

  it('refuses arbitrary bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.string().map((text) => Buffer.from(sealText(text))),
        ),
        (bytes) => {
          expect(parseManifest(Buffer.from(bytes), key)).toBeUndefined();
        },
      ),
    );
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['another key', { key: digestOf('other') }],
    ['another format', { format: 2 }],
    ['a name that climbs', { files: [['../a', 0o644, 1, digestOf('a').slice(7)]] }],
    ['an absolute name', { files: [['/a', 0o644, 1, digestOf('a').slice(7)]] }],
    ['a digest that is a path', { files: [['a', 0o644, 1, '../../../etc/passwd']] }],
    ['a negative size', { files: [['a', 0o644, -1, digestOf('a').slice(7)]] }],
    ['a set-user-id bit', { files: [['a', 0o4755, 1, digestOf('a').slice(7)]] }],
    ['files that do not match the output digest', { files: [] }],
    ['a value that does not match the output digest', { value: 'evil' }],
    ['no value', { value: undefined }],
    ['files that are no list', { files: {} }],
    ['checksums of fewer files', { checks: '0123456789abcdef' }],
    ['checksums that are no text', { checks: 12 }],
    ['a duration that is no number', { duration: '1' }],
  ])('refuses %s, though the seal holds', (_what, change) => {
    expect(parseManifest(forge(change), key)).toBeUndefined();
  });
});
