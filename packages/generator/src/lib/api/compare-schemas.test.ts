import { describe, expect, it } from 'vitest';
import type { JsonSchema } from '../description.ts';
import { breaks, compareSchemas } from './compare-schemas.ts';

const city = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };

function withCity(schema: JsonSchema, required: readonly string[] = ['city']): JsonSchema {
  return { type: 'object', properties: { city: schema }, required };
}

function texts(before: JsonSchema | boolean, after: JsonSchema | boolean, direction: 'input' | 'output' = 'input') {
  return compareSchemas(before, after, { direction }).map((change) =>
    [breaks(change, direction) ? 'breaks' : 'keeps', change.path, change.text].join(' | '),
  );
}

describe('compareSchemas of an input', () => {
  it.each([
    ['a type', withCity({ type: ['string', 'null'] }), city, 'breaks | city | can no longer be null, only string'],
    ['another type', city, withCity({ type: 'integer' }), 'breaks | city | can no longer be string, only integer'],
    [
      'numbers that are no integers',
      withCity({ type: 'number' }),
      withCity({ type: 'integer' }),
      'breaks | city | can no longer be number with a fraction, only integer',
    ],
    [
      'a value of an enum',
      withCity({ enum: ['a', 'b'] }),
      withCity({ enum: ['a'] }),
      'breaks | city | can no longer be "b"',
    ],
    ['an enum', city, withCity({ type: 'string', enum: ['a'] }), 'breaks | city | can only be "a" now'],
    [
      'a bound',
      withCity({ type: 'integer', maximum: 9 }),
      withCity({ type: 'integer', maximum: 5 }),
      'breaks | city | maximum changed from 9 to 5',
    ],
    [
      'a new bound',
      withCity({ type: 'number' }),
      withCity({ type: 'number', exclusiveMinimum: 0 }),
      'breaks | city | has a minimum now: above 0',
    ],
    ['a length', city, withCity({ type: 'string', maxLength: 3 }), 'breaks | city | has a maxLength now: 3'],
    [
      'a pattern',
      withCity({ type: 'string', pattern: '^a' }),
      withCity({ type: 'string', pattern: '^b' }),
      'breaks | city | pattern changed from ^a to ^b',
    ],
    ['a format', city, withCity({ type: 'string', format: 'email' }), 'breaks | city | has a format now: email'],
    [
      'steps',
      withCity({ type: 'integer' }),
      withCity({ type: 'integer', multipleOf: 2 }),
      'breaks | city | has a multipleOf now: 2',
    ],
    ['what must be given', withCity({ type: 'string' }, []), city, 'breaks | city | is required now'],
    ['other properties', city, { ...city, additionalProperties: false }, 'breaks |  | takes no other properties now'],
    [
      'items',
      withCity({ type: 'array', items: { type: 'string' } }),
      withCity({ type: 'array', items: { type: 'string', minLength: 1 } }),
      'breaks | city[] | has a minLength now: 1',
    ],
    [
      'how many items',
      withCity({ type: 'array', maxItems: 9 }),
      withCity({ type: 'array', maxItems: 3 }),
      'breaks | city | maxItems changed from 9 to 3',
    ],
    [
      'an alternative',
      withCity({ anyOf: [{ type: 'string' }, { type: 'null' }] }),
      city,
      'breaks | city | can no longer be null, only string',
    ],
    [
      'a map',
      withCity({ type: 'object', additionalProperties: { type: 'number' } }),
      withCity({ type: 'object', additionalProperties: { type: 'integer' } }),
      'breaks | city[*] | can no longer be number with a fraction, only integer',
    ],
    [
      'what stands beside another',
      city,
      { ...city, dependentRequired: { city: ['zip'] } },
      'breaks | zip | is required now where "city" is given',
    ],
    [
      'what cannot be compared',
      city,
      withCity({ type: 'string', not: { const: 'x' } }),
      'breaks | city | cannot be compared: not is different',
    ],
  ])('reports %s that is narrower', (_, before, after, expected) => {
    expect(texts(before, after)).toEqual([expected]);
    expect(texts(after, before).filter((text) => text.startsWith('breaks'))).toEqual(
      expected.includes('cannot be compared') ||
        expected.includes('pattern changed') ||
        (expected.includes('only integer') && expected.includes('be string'))
        ? [expect.any(String)]
        : [],
    );
  });

  it('reports a property that was removed, whether or not others are taken', () => {
    const open = { type: 'object', properties: { a: {}, b: {} } };
    const removed = { type: 'object', properties: { a: {} } };
    expect(texts(open, removed)).toEqual(['breaks | b | was removed']);
    expect(texts({ ...open, additionalProperties: false }, { ...removed, additionalProperties: false })).toEqual([
      'breaks | b | was removed',
    ]);
    expect(texts(removed, open)).toEqual(['keeps | b | was added']);
  });

  it('says once that a property is new and required', () => {
    const two = { type: 'object', properties: { city: { type: 'string' }, zip: {} }, required: ['city', 'zip'] };
    expect(texts(city, two)).toEqual(['breaks | zip | is required now']);
  });

  it('follows references, also of a schema to itself', () => {
    const tree = (leaf: JsonSchema): JsonSchema => ({
      $ref: '#/$defs/node',
      $defs: {
        node: {
          type: 'object',
          properties: { value: leaf, children: { type: 'array', items: { $ref: '#/$defs/node' } } },
        },
      },
    });
    expect(texts(tree({ type: ['string', 'null'] }), tree({ type: 'string' }))).toContain(
      'breaks | value | can no longer be null, only string',
    );
    expect(texts(tree({ type: 'string' }), tree({ type: ['string', 'null'] }))[0]).toMatch(/^keeps/);
    expect(
      compareSchemas(tree({ type: 'string' }), structuredClone(tree({ type: 'string' })), { direction: 'input' }),
    ).toEqual([]);
  });

  it('tells alternatives apart by what they are tagged with', () => {
    const shape = (kind: string, rest: JsonSchema): JsonSchema => ({
      type: 'object',
      properties: { kind: { const: kind }, ...rest },
      required: ['kind'],
      additionalProperties: false,
    });
    const before = {
      oneOf: [shape('circle', { radius: { type: 'number' } }), shape('square', { side: { type: 'number' } })],
    };
    const more = { oneOf: [...before.oneOf, shape('line', {})] };
    expect(texts(before, more)).toEqual(['keeps | kind | can be "line" as well']);
    expect(texts(more, before)).toEqual(['breaks | kind | can no longer be "line"']);
    const narrower = { oneOf: [shape('circle', { radius: { type: 'number', minimum: 0 } }), before.oneOf[1]] };
    expect(texts(before, narrower)).toEqual(['breaks | radius | has a minimum now: 0']);
  });

  it('says that it cannot tell, rather than nothing', () => {
    const overlapping = { oneOf: [{ type: 'string' }, { type: 'string', minLength: 3 }] };
    expect(texts({ type: 'string' }, overlapping)[0]).toMatch(/cannot be compared: oneOf/);
    const twice = { type: 'string', oneOf: [true, true] };
    expect(texts({ type: 'string' }, twice)[0]).toMatch(/cannot be compared: oneOf/);
    expect(texts({ $ref: '#/$defs/a' }, { $ref: '#/$defs/b' })[0]).toMatch(/cannot be compared/);
    expect(texts({ anyOf: [{ $ref: '#' }] }, { type: 'string' }).length).toBeGreaterThan(0);
  });

  it('tells changes of texts and defaults from changes of values', () => {
    expect(texts(city, withCity({ type: 'string', description: 'Where' }))).toEqual([
      'keeps |  | is described in other words',
    ]);
    expect(texts(withCity({ default: 1 }), withCity({ default: 2 }))).toEqual([
      'keeps | city | default changed from 1 to 2',
    ]);
    expect(texts(city, { required: ['city'], properties: { city: { type: 'string' } }, type: 'object' })).toEqual([]);
  });
});

describe('compareSchemas of an output', () => {
  const closed = (properties: JsonSchema, required: readonly string[]): JsonSchema => ({
    type: 'object',
    properties,
    required,
    additionalProperties: false,
  });

  it.each([
    [
      'what may be missing now',
      closed({ a: { type: 'string' } }, ['a']),
      closed({ a: { type: 'string' } }, []),
      'breaks | a | may be missing now',
    ],
    [
      'what may be more now',
      closed({ a: { type: 'string' } }, ['a']),
      closed({ a: { type: ['string', 'null'] } }, ['a']),
      'breaks | a | can be null as well',
    ],
    ['what is gone', closed({ a: {}, b: {} }, ['a', 'b']), closed({ a: {} }, ['a']), 'breaks | b | was removed'],
    ['what is new', closed({ a: {} }, ['a']), closed({ a: {}, b: {} }, ['a', 'b']), 'keeps | b | was added'],
    [
      'what is less',
      closed({ a: { enum: [1, 2] } }, ['a']),
      closed({ a: { enum: [1] } }, ['a']),
      'keeps | a | can no longer be 2',
    ],
  ])('judges %s by those who read it', (_, before, after, expected) => {
    expect(texts(before, after, 'output')).toContain(expected);
    const others = texts(before, after, 'output').filter((text) => text !== expected);
    expect(others.filter((text) => text.startsWith('breaks'))).toEqual([]);
  });
});
