import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

const json = fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' });

describe('canonicalJson', () => {
  it.each([
    [{ b: 1, a: [true, null] }, '{"a":[true,null],"b":1}'],
    [{ a: undefined }, '{}'],
    [-0, '0'],
    [1e21, '1e+21'],
    [0.1, '0.1'],
    ['é"\n', '"é\\"\\n"'],
    ['\ud800', '"\\ud800"'],
    [JSON.parse('{"__proto__":1,"constructor":2}'), '{"__proto__":1,"constructor":2}'],
    [Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    [{ '10': 1, '9': 2, B: 3, a: 4 }, '{"10":1,"9":2,"B":3,"a":4}'],
  ])('writes %o as %s', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it.each([
    ['NaN', { a: [Number.NaN] }, '"$.a[0]" is NaN'],
    ['Infinity', Number.POSITIVE_INFINITY, '"$" is Infinity'],
    ['undefined', undefined, '"$" is of type undefined'],
    ['undefined in an array', [undefined], '"$[0]" is of type undefined'],
    ['a hole', new Array(1), '"$[0]" is of type undefined'],
    ['a BigInt', { a: 1n }, '"$.a" is of type bigint'],
    ['a function', { a: () => 1 }, '"$.a" is of type function'],
    ['a symbol', Symbol('s'), '"$" is of type symbol'],
    ['a date', new Date(0), '"$" is not a plain object'],
    ['a map', new Map(), '"$" is not a plain object'],
  ])('refuses %s', (_, value, found) => {
    expect(() => canonicalJson(value)).toThrow(
      expect.objectContaining({ code: 'NOT_CANONICAL', message: `Cannot write canonical JSON: ${found}` }),
    );
  });

  it('refuses a cycle and 10,000 levels with a short message', () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    let deep: unknown = 1;
    for (let level = 0; level < 10_000; level += 1) deep = [deep];
    for (const value of [cycle, deep]) {
      expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ code: 'NOT_CANONICAL' }));
      expect(() => canonicalJson(value)).toThrow(/^.{1,160}$/);
    }
  });

  it('is JSON of the same value', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(normalize(value));
      }),
    );
  });

  it('does not depend on the order of keys', () => {
    const record = fc.dictionary(fc.string({ unit: 'binary' }), json);
    fc.assert(
      fc.property(record, (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(value));
      }),
    );
  });

  it('gives two values the same text only if they are the same value', () => {
    // small alphabets make near misses likely: "1" and 1, {a: [b]} and {"a[b": ...}, null and "null"
    const text = fc.string({ unit: fc.constantFrom('a', '"', '\\', ',', ':', '[', '{', '1', ' '), maxLength: 3 });
    const leaf = fc.oneof(text, fc.constantFrom(null, true, false, 0, -0, 1, 11, 'null', 'true', ''));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ depthSize: 'small' }, leaf, tie('array'), tie('object')),
      array: fc.array(tie('value'), { maxLength: 3 }),
      object: fc.dictionary(text, tie('value'), { maxKeys: 3 }),
    }));
    fc.assert(
      fc.property(value, value, (left, right) => {
        const isSame = isDeepStrictEqual(normalize(left), normalize(right));
        expect(canonicalJson(left) === canonicalJson(right)).toBe(isSame);
      }),
      { numRuns: 5000 },
    );
  });
});

/** As JSON has it: no -0, no difference of prototype. */
function normalize(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
