import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonText } from './json-text.ts';

describe('jsonText', () => {
  it('reads back as what was given', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(jsonText(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it.each([
    [Number.NaN, 'value'],
    [{ a: [1, Number.POSITIVE_INFINITY] }, 'value.a[1]'],
    [new Date(0), 'value'],
    [new Map(), 'value'],
    [{ a: () => 1 }, 'value.a'],
    [[undefined], 'value[0]'],
    [undefined, 'value'],
    [1n, 'value'],
    [{ toJSON: () => 1 }, 'value.toJSON'],
  ])('refuses %o and says where', (value, path) => {
    expect(() => jsonText(value)).toThrow(expect.objectContaining({ code: 'VALUE_NOT_JSON', path }));
  });

  it('leaves out properties that are undefined, and keeps the others in order', () => {
    expect(jsonText({ b: 1, gone: undefined, a: 2 })).toBe('{"b":1,"a":2}');
  });
});
