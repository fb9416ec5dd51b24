import fc from 'fast-check';
import Negotiator from 'negotiator';
import { describe, expect, it } from 'vitest';
import { createNegotiator } from './accept-encoding.ts';
import { CONTENT_ENCODINGS, type ContentEncoding } from './content-encoding.ts';

const choose = (header: string | undefined, offered = CONTENT_ENCODINGS) => createNegotiator()(header, offered);

describe('createNegotiator', () => {
  it.each<[string | undefined, ContentEncoding | undefined]>([
    [undefined, undefined],
    ['', undefined],
    ['identity', undefined],
    ['deflate', undefined],
    ['compress, deflate', undefined],
    ['gzip', 'gzip'],
    ['gzip, deflate', 'gzip'],
    ['gzip, deflate, br, zstd', 'zstd'],
    ['br, gzip, deflate', 'br'],
    ['GZIP', 'gzip'],
    ['x-gzip', 'gzip'],
    ['X-Gzip;Q=0.5', 'gzip'],
    ['*', 'zstd'],
    ['gzip;q=0, *', 'zstd'],
    ['zstd;q=0, *', 'br'],
    ['gzip;q=1.0, identity; q=0.5, *;q=0', 'gzip'],
    ['gzip;q=0.5, identity', undefined],
    ['gzip;q=0.5, identity;q=0.5', 'gzip'],
    ['gzip;q=0', undefined],
    ['gzip;q=0.000', undefined],
    ['gzip;q=0.001', 'gzip'],
    ['br;q=0.9, gzip', 'gzip'],
    ['gzip;q=0.8,br;q=0.9,zstd;q=0.7', 'br'],
    ['\tgzip\t;\tq=1\t,\tbr\t;\tq=0', 'gzip'],
    [',,gzip,,', 'gzip'],
  ])('reads %j', (header, encoding) => {
    expect(choose(header).encoding).toBe(encoding);
  });

  it.each([
    ['identity;q=0, gzip', 'gzip', true],
    ['*;q=0, gzip', 'gzip', true],
    ['gzip, *;q=0', 'gzip', true],
    ['identity;q=0, *', 'zstd', true],
    ['gzip, identity;q=0.001', 'gzip', false],
    ['*', 'zstd', false],
    // Nothing is left: the answer goes out as if nothing had been asked.
    ['identity;q=0', undefined, false],
    ['*;q=0', undefined, false],
  ] as const)('tells whether %j refuses a plain body', (header, encoding, required) => {
    expect(choose(header)).toEqual({ encoding, required });
  });

  it.each([
    'gzip;q=2',
    'gzip;q=-1',
    'gzip;q=1.5',
    'gzip;q=0.1234',
    'gzip;q=abc',
    'gzip;q=',
    'gzip;q',
    'gzip;',
    'gzip;level=9',
    'gzip q=1',
    'g zip',
    '"gzip"',
    'gzip\u0000',
    '__proto__',
    'constructor, toString;q=1',
    ';q=1',
    `${'gzip;'.repeat(100)}q=1`,
  ])('ignores what is no preference: %j', (header) => {
    expect(choose(header).encoding).toBeUndefined();
  });

  it('ignores what is wrong and reads the rest', () => {
    expect(choose('gzip;q=7, br;q=x, zstd;q=0.3').encoding).toBe('zstd');
  });

  it('takes the first of two preferences for the same encoding', () => {
    expect(choose('gzip;q=0, gzip').encoding).toBeUndefined();
  });

  it('answers with what is offered, in that order', () => {
    expect(choose('gzip, br, zstd', ['gzip', 'br']).encoding).toBe('gzip');
    expect(choose('zstd', ['gzip', 'br']).encoding).toBeUndefined();
    expect(choose('gzip', []).encoding).toBeUndefined();
  });

  it('does not read a header of 16 KB', () => {
    for (const header of [
      ','.repeat(16_384),
      `gzip${' '.repeat(16_384)}`,
      'gzip,'.repeat(3200),
      '*;q=0,'.repeat(2700),
    ]) {
      expect(choose(header).encoding).toBeUndefined();
    }
  });

  it('gives the same answer to headers seen before, however many others came between', () => {
    const negotiate = createNegotiator();
    for (let client = 0; client < 10_000; client++) {
      expect(negotiate('br', CONTENT_ENCODINGS).encoding).toBe('br');
      expect(negotiate(`gzip, x-${client}`, CONTENT_ENCODINGS).encoding).toBe('gzip');
    }
  });

  it('agrees with negotiator on whatever is well formed', () => {
    const names = ['gzip', 'br', 'zstd', 'identity', '*', 'deflate', 'x-other'];
    const item = fc.record({
      name: fc.constantFrom(...names),
      q: fc.constantFrom('', ';q=0', ';q=0.5', '; q=1', ';q=0.25'),
    });
    fc.assert(
      fc.property(fc.uniqueArray(item, { selector: ({ name }) => name, minLength: 1 }), (items) => {
        const header = items.map(({ name, q }) => `${name}${q}`).join(', ');
        const oracle = new Negotiator({ headers: { 'accept-encoding': header } });
        // Its types lack the order of preference.
        const theirs: unknown = Reflect.apply(oracle.encodings, oracle, [
          [...CONTENT_ENCODINGS, 'identity'],
          { preferred: CONTENT_ENCODINGS },
        ]);
        expect([choose(header).encoding ?? 'identity']).toEqual(
          Array.isArray(theirs) && theirs.length > 0 ? theirs.slice(0, 1) : ['identity'],
        );
      }),
      { numRuns: 1000 },
    );
  });
});
