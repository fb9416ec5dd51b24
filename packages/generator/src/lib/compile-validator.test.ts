import { describe, expect, it } from 'vitest';
import { load } from '../../test/compiled-validator.ts';
import { compileValidator } from './compile-validator.ts';
import type { JsonSchema } from './description.ts';
import { UNKNOWN_KEYWORD } from './validation-keywords.ts';

async function issues(schema: JsonSchema, input: unknown): Promise<readonly string[]> {
  const result = (await load(schema))(input);
  return result === true ? [] : result.map(({ path, message }) => `${path}: ${message}`);
}

describe('compileValidator', () => {
  it.each<[string, JsonSchema, unknown, string[]]>([
    ['a type', { type: 'number' }, 'x', [': expected number, got string']],
    ['several types', { type: ['number', 'null'] }, [], [': expected number or null, got array']],
    ['a value', { const: 3 }, 4, [': expected 3, got 4']],
    ['values', { enum: ['a', 'b'] }, 'c', [': expected one of "a", "b", got "c"']],
    ['a length', { type: 'string', minLength: 2 }, 'c', [': expected at least 2 characters, got 1']],
    ['a pattern', { pattern: '^a$' }, 'c', [': expected text that matches "^a$", got "c"']],
    ['a format', { format: 'email' }, 'c', [': expected "email", got "c"']],
    ['a range', { minimum: 3, maximum: 5 }, 6, [': expected at most 5, got 6']],
    ['a multiple', { multipleOf: 0.1 }, 0.35, [': expected a multiple of 0.1, got 0.35']],
    ['items', { items: { type: 'string' } }, ['a', 1], ['/1: expected string, got number']],
    [
      'twins',
      { uniqueItems: true },
      [{ a: 1, b: 2 }, 1, { b: 2, a: 1 }],
      [': expected different items, but items 0 and 2 are equal'],
    ],
    ['a missing property', { required: ['a/b'] }, {}, ['/a~1b: required, but missing']],
    ['an unknown property', { additionalProperties: false }, { 'a~b': 1 }, ['/a~0b: unknown property']],
    ['a name', { propertyNames: { maxLength: 1 } }, { ab: 1 }, [': the name "ab" is not allowed']],
    [
      'alternatives of types',
      { anyOf: [{ type: 'string' }, { type: 'null' }] },
      true,
      [': expected string or null, got boolean'],
    ],
    [
      'alternatives of objects',
      { anyOf: [{ type: 'null' }, { type: 'object', properties: { a: { type: 'string' } } }] },
      { a: 1 },
      ['/a: expected string, got number'],
    ],
    ['nothing', { not: {} }, 1, [': not allowed here']],
  ])('says what is wrong with %s', async (_name, schema, input, expected) => {
    expect(await issues(schema, input)).toEqual(expected);
  });

  it('compares objects by their own keys, whatever these are called', async () => {
    expect(await issues({ enum: [{ a: 1 }] }, { toString: [] })).toHaveLength(1);
    expect(await issues({ const: { toString: [] } }, { toString: [] })).toEqual([]);
  });

  it('names everything that is wrong with a small input, eight at most', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `p${index}`);
    const schema = { type: 'object', properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) };
    const found = await issues(schema, Object.fromEntries(names.map((name) => [name, 1])));
    expect(found).toHaveLength(8);
    expect(found[7]).toBe('/p7: expected string, got number');
  });

  it('stops at the first thing that is wrong with a large input', async () => {
    const found = await issues(
      { type: 'array', items: { $ref: '#/$defs/n' }, $defs: { n: { type: 'string' } } },
      Array(200_000).fill(1),
    );
    expect(found).toEqual(['/0: expected string, got number']);
  });

  it('never quotes more than 64 characters of the input', async () => {
    const [issue] = await issues({ type: 'object', properties: { a: { enum: ['x'] } } }, { a: 'y'.repeat(65) });
    expect(issue).toBe(`/a: expected "x", got "${'y'.repeat(64)}…"`);
    const [unknown] = await issues({ additionalProperties: false }, { ['k'.repeat(10_000)]: 1 });
    expect(unknown?.length).toBeLessThan(300);
  });

  it('counts code points where the dialect does', async () => {
    expect(await issues({ maxLength: 1, pattern: '^.$' }, '\u{1F600}')).toEqual([]);
    expect(await issues({ maxLength: 1 }, 'ab')).toHaveLength(1);
  });

  it('fills in defaults and removes unknown keys where the schema is marked so', async () => {
    const validate = await load({
      type: 'object',
      properties: {
        a: { type: 'number', default: 5 },
        b: { type: 'object', properties: {}, [UNKNOWN_KEYWORD]: 'strip' },
      },
    });
    const input = { b: { x: 1 }, c: 1 };
    expect(validate(input)).toBe(true);
    expect(input).toEqual({ a: 5, b: {}, c: 1 });
  });

  it('gives each input its own copy of a default', async () => {
    const validate = await load({ type: 'object', properties: { a: { type: 'array', default: [] } } });
    const first: { a?: unknown[] } = {};
    const second: { a?: unknown[] } = {};
    validate(first);
    first.a?.push(1);
    validate(second);
    expect(second).toEqual({ a: [] });
  });

  it('does not match texts of more than 10,000 characters, unless the schema allows them', async () => {
    const long = 'a'.repeat(10_001);
    expect(await issues({ pattern: '^a+$' }, long)).toEqual([': expected at most 10000 characters, got 10001']);
    expect(await issues({ pattern: '^a+$', maxLength: 20_000 }, long)).toEqual([]);
  });

  it('refuses what is nested too deeply for its stack instead of failing', async () => {
    let input: unknown = {};
    for (let depth = 0; depth < 100_000; depth++) input = { next: input };
    const schema = { $ref: '#/$defs/n', $defs: { n: { type: 'object', properties: { next: { $ref: '#/$defs/n' } } } } };
    expect(await issues(schema, input)).toEqual([': expected less nesting']);
  });

  it.each(['toString', 'constructor', 'hasOwnProperty', 'valueOf'])(
    'treats the property name %s as any other',
    async (name) => {
      const schema = {
        type: 'object',
        properties: { [name]: { type: 'string' } },
        required: [name],
        additionalProperties: false,
      };
      expect(await issues(schema, {})).toEqual([`/${name}: required, but missing`]);
      expect(await issues(schema, { [name]: 'x' })).toEqual([]);
    },
  );

  it('removes __proto__ from an object that keeps unknown keys, and never follows it', async () => {
    const validate = await load({ type: 'object', [UNKNOWN_KEYWORD]: 'keep' });
    const input: unknown = JSON.parse('{"a":1,"__proto__":{"polluted":true}}');
    expect(validate(input)).toBe(true);
    expect(Object.keys(input as object)).toEqual(['a']);
    expect(Reflect.get({}, 'polluted')).toBe(undefined);
  });

  it.each<[string, JsonSchema]>([
    ['an unknown type', { type: 'text' }],
    ['a reference to nothing', { $ref: '#/$defs/no' }],
    ['a reference to elsewhere', { $ref: 'https://example.com/schema' }],
    ['a pattern that is none', { pattern: '(' }],
    ['a property named __proto__', JSON.parse('{"properties":{"__proto__":{}}}')],
  ])('refuses a schema with %s', (_name, schema) => {
    expect(() => compileValidator(schema, { name: 'x' })).toThrow(
      expect.objectContaining({
        code: 'SCHEMA_INVALID',
        message: expect.stringMatching(/^Cannot compile the schema of "x": .+/),
      }),
    );
  });

  it('gives the same text each time', () => {
    const schema = { type: 'object', properties: { a: { format: 'uri' }, b: { format: 'date' } } };
    expect(compileValidator(schema, { name: 'a' })).toBe(compileValidator(schema, { name: 'b' }));
  });
});
