import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonSchema } from '../src/lib/description.ts';
import { UNKNOWN_KEYWORD } from '../src/lib/validation-keywords.ts';
import { load } from './compiled-validator.ts';

/** A property that the linter would take for a promise's. */
const THEN = 'then';
const HOSTILE = [
  '*/process.exit()//',
  '$' + '{process.exit()}',
  '`',
  "'",
  '"',
  '\n',
  '\u2028',
  '\\',
  '];throw 1;//',
  '</script>',
  'require("x")',
  'vErrors.push(err0);',
  '\nconst func0 = require("ajv/dist/runtime/equal").default;\n',
  'constructor',
  '$async',
  'data',
];

describe('compileValidator with text from outside', () => {
  const word = fc
    .oneof(fc.constantFrom(...HOSTILE), fc.string({ maxLength: 8 }))
    .filter((text) => text !== '__proto__');
  const hostile: fc.Arbitrary<JsonSchema> = fc.record({
    type: fc.constant('object'),
    title: word,
    $comment: word,
    properties: fc.dictionary(
      word,
      fc.oneof(
        word.map((value) => ({ const: value })),
        fc.array(word, { minLength: 1, maxLength: 4 }).map((values) => ({ enum: values })),
        word.map((value) => ({ type: 'string', default: value, description: value })),
        word.map((value) => ({ pattern: value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&') })),
        word.map((value) => ({ format: value })),
      ),
      { maxKeys: 4 },
    ),
    required: fc.uniqueArray(word, { maxLength: 3 }),
    [UNKNOWN_KEYWORD]: fc.constant('strip'),
    $defs: fc.dictionary(word, fc.constant({ type: 'string' }), { maxKeys: 2 }),
  });

  it('puts it into literals alone: the code loads, changes nothing and imports nothing', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (schema) => {
        const globals = Object.keys(globalThis).length;
        const validate = await load(schema);
        validate({});
        expect(Object.keys(globalThis)).toHaveLength(globals);
        expect(Reflect.ownKeys(Object.prototype)).toHaveLength(12);
      }),
      { numRuns: 100 },
    );
  });
});

describe('compileValidator beside ajv', () => {
  const scalar: fc.Arbitrary<JsonSchema> = fc.oneof(
    fc.constantFrom<JsonSchema>(
      { type: 'boolean' },
      { type: 'null' },
      { type: 'integer' },
      {},
      { enum: [1, 'a', null, { a: 1 }] },
    ),
    fc.record({
      type: fc.constant('string'),
      minLength: fc.nat(2),
      pattern: fc.constantFrom('^a', '.b', '[^a]c?', '😀'),
    }),
    fc.record({ type: fc.constant('number'), minimum: fc.nat(3), multipleOf: fc.constantFrom(1, 2) }),
    fc.constantFrom('date', 'time', 'date-time', 'ipv4', 'uuid', 'email').map((format) => ({ type: 'string', format })),
  );
  const { schema } = fc.letrec<{ schema: JsonSchema }>((tie) => ({
    schema: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      scalar,
      fc.record({ type: fc.constant('array'), items: tie('schema'), uniqueItems: fc.boolean(), minItems: fc.nat(1) }),
      fc.record({
        type: fc.constant('object'),
        properties: fc.dictionary(fc.constantFrom('a', 'b', 'toString'), tie('schema'), { maxKeys: 2 }),
        required: fc.subarray(['a', 'b']),
        additionalProperties: fc.oneof(fc.boolean(), tie('schema')),
      }),
      fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ oneOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ not: tie('schema') }),
      fc.record({ if: tie('schema'), [THEN]: tie('schema'), else: tie('schema') }),
    ),
  }));
  const text = fc.constantFrom(
    '',
    'a',
    'ab',
    'b',
    '😀',
    '2024-02-30',
    '2024-02-29',
    '2024-02-29T23:59:60Z',
    '10:00:00Z',
    '1.2.3.4',
    'a@b.co',
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.integer({ min: -1, max: 4 }),
      fc.constantFrom(null, true, 1.5),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3 }),
    ),
  }));

  it('accepts what the interpreted schema accepts', async () => {
    await fc.assert(
      fc.asyncProperty(schema, fc.array(value, { minLength: 5, maxLength: 10 }), async (candidate, values) => {
        const ajv = new Ajv2020({ strict: false, ownProperties: true });
        // Two published copies of ajv's types meet here.
        (addFormats as unknown as (instance: unknown) => void)(ajv);
        const expected = ajv.compile(candidate);
        const validate = await load(candidate);
        for (const input of values) expect([input, validate(input) === true]).toEqual([input, expected(input)]);
      }),
      { numRuns: 100 },
    );
  });
});
