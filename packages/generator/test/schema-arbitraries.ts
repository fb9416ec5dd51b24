import fc from 'fast-check';

type Schema = { readonly [keyword: string]: unknown } | boolean;

const NAMES = ['a', 'b', 'ab'] as const;
const name = fc.constantFrom(...NAMES);
const small = fc.integer({ min: 0, max: 3 });
const texts = ['', 'a', 'b', 'ab', 'aab'] as const;

/** Values that schemas below are likely to tell apart. */
export const value: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, false, -1, 0, 1, 1.5, 2, 3, 4, ...texts),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.uniqueArray(fc.tuple(name, tie('value')), { maxLength: 3, selector: ([key]) => key }).map(Object.fromEntries),
  ),
})).value;

const CONDITION = ['if', 'then', 'else'];

const scalar = fc.constantFrom<unknown>(null, true, 0, 1, 2, 1.5, 'a', 'ab');

function keywords(schema: fc.Arbitrary<Schema>): fc.Arbitrary<Schema> {
  const map = fc
    .uniqueArray(fc.tuple(name, schema), { maxLength: 2, selector: ([key]) => key })
    .map(Object.fromEntries);
  const names = fc.uniqueArray(name, { maxLength: 2 });
  const alternatives = fc.array(schema, { minLength: 1, maxLength: 3 });
  const types = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object'] as const;
  const numbers = fc.record(
    {
      type: fc.constantFrom('integer', 'number', ['number', 'null']),
      minimum: small,
      maximum: small,
      exclusiveMinimum: small,
      exclusiveMaximum: small,
      multipleOf: fc.constantFrom(0.5, 1, 2, 3),
    },
    { requiredKeys: ['type'] },
  );
  const strings = fc.record(
    {
      type: fc.constantFrom('string', ['string', 'null']),
      minLength: small,
      maxLength: small,
      pattern: fc.constantFrom('^a', 'b$', '^$'),
    },
    { requiredKeys: ['type'] },
  );
  const arrays = fc.record(
    {
      type: fc.constantFrom('array', ['array', 'string']),
      items: schema,
      prefixItems: alternatives,
      minItems: small,
      maxItems: small,
      uniqueItems: fc.boolean(),
      contains: schema,
    },
    { requiredKeys: ['type'] },
  );
  // Never open: what a schema does not speak of is nobody's, which is the one thing that may go unreported.
  const objects = fc.record(
    {
      type: fc.constantFrom('object', ['object', 'null']),
      properties: map,
      required: names,
      additionalProperties: fc.oneof(fc.constant(false), numbers, strings),
      patternProperties: fc.constantFrom('^a', 'b$').chain((pattern) => schema.map((node) => ({ [pattern]: node }))),
      propertyNames: strings,
      minProperties: small,
      maxProperties: small,
      dependentRequired: fc.tuple(name, names).map(([key, others]) => ({ [key]: others })),
    },
    { requiredKeys: ['type', 'additionalProperties'] },
  );
  const listed = fc.oneof(
    fc.uniqueArray(scalar, { minLength: 1, maxLength: 3 }).map((values) => ({ enum: values })),
    scalar.map((only) => ({ const: only })),
    fc.constantFrom(...types.filter((type) => type !== 'object')).map((type) => ({ type })),
  );
  const combined = fc.oneof(
    alternatives.map((list) => ({ anyOf: list })),
    alternatives.map((list) => ({ oneOf: list })),
    alternatives.map((list) => ({ allOf: list })),
    fc.tuple(numbers, alternatives).map(([own, list]) => ({ ...own, anyOf: list })),
    fc.tuple(objects, alternatives).map(([own, list]) => ({ ...own, oneOf: list })),
    schema.map((not) => ({ not })),
    fc
      .tuple(schema, schema, schema)
      .map((nodes) => Object.fromEntries(nodes.map((entry, index) => [CONDITION[index], entry]))),
    fc.constantFrom({ $ref: '#/$defs/one' }, { $ref: '#/$defs/two' }),
  );
  return fc.oneof(
    { weight: 3, arbitrary: listed },
    { weight: 3, arbitrary: numbers },
    { weight: 3, arbitrary: strings },
    { weight: 3, arbitrary: objects },
    { weight: 2, arbitrary: arrays },
    { weight: 4, arbitrary: combined },
  );
}

const node: fc.Arbitrary<Schema> = fc.letrec<{ node: Schema }>((tie) => ({
  node: fc.oneof({ maxDepth: 3, withCrossShrink: true }, fc.boolean(), keywords(fc.boolean()), keywords(tie('node'))),
})).node;

/** A document with two definitions, which may refer to each other. */
export const schema: fc.Arbitrary<Readonly<Record<string, unknown>>> = fc
  .tuple(keywords(node), keywords(node), keywords(node))
  .map(([root, one, two]) => ({ ...(typeof root === 'object' ? root : {}), $defs: { one, two } }));

type Rules = Readonly<Record<string, unknown>>;

/** One change to a schema that lets more values through, by name; the schema itself where there is nothing to change. */
export const widenings: Readonly<Record<string, (schema: Rules) => Rules>> = {
  'a keyword less': ({ pattern: _, minimum: __, maxItems: ___, dependentRequired: ____, ...rest }) => rest,
  'a type more': (schema) =>
    schema.type === undefined ? schema : { ...schema, type: [schema.type, 'boolean'].flat() },
  'a value more': (schema) => (Array.isArray(schema.enum) ? { ...schema, enum: [...schema.enum, 'new'] } : schema),
  'an alternative more': (schema) =>
    Array.isArray(schema.anyOf) ? { ...schema, anyOf: [...schema.anyOf, { const: 'new' }] } : schema,
  'nothing required': ({ required: _, ...rest }) => rest,
  'a higher bound': (schema) =>
    typeof schema.maximum === 'number' ? { ...schema, maximum: schema.maximum + 1 } : schema,
};
