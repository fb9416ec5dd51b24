import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import * as mini from 'zod/mini';
import { compileValidator } from './compile-validator.ts';
import { zodValidation } from './zod-validation.ts';

type Validator = (input: unknown) => true | readonly unknown[];

async function compile(schema: z.core.$ZodType): Promise<{ readonly exact: boolean; readonly validate: Validator }> {
  const { schema: validation, exact } = zodValidation(schema as never);
  const text = compileValidator(validation, { name: 'test' });
  const module: { readonly default: Validator } = await import(`data:text/javascript,${encodeURIComponent(text)}`);
  return { exact, validate: module.default };
}

/** Where the translation is exact, both agree and leave the same value; otherwise zod accepts nothing that is refused. */
async function agree(schema: z.ZodType, inputs: readonly unknown[], compiled = compile(schema)): Promise<void> {
  const { exact, validate } = await compiled;
  for (const input of inputs) {
    const ours = { value: structuredClone(input) };
    const accepted = validate(ours.value) === true;
    const zods = schema.safeParse(structuredClone(input));
    if (!exact) {
      if (zods.success) expect([input, accepted]).toEqual([input, true]);
      expect(ours.value).toEqual(input);
      continue;
    }
    expect([input, accepted]).toEqual([input, zods.success]);
    if (zods.success) expect(ours.value).toEqual(zods.data);
  }
}

const EXACT: readonly (readonly [string, z.ZodType])[] = [
  ['an object', z.object({ a: z.string(), b: z.number().optional() })],
  ['a strict object', z.strictObject({ a: z.string() })],
  ['a loose object', z.looseObject({ a: z.string() })],
  ['a catchall', z.object({ a: z.string() }).catchall(z.number())],
  ['defaults', z.object({ a: z.number().default(3), b: z.object({ c: z.string().default('x') }).default({ c: 'y' }) })],
  ['a prefault', z.object({ a: z.string().prefault('x') })],
  ['nullable and optional', z.object({ a: z.string().nullable().optional(), b: z.string().nullish() })],
  ['an optional default', z.object({ a: z.string().default('x').optional() })],
  ['a nullable object', z.object({ a: z.object({ b: z.number().default(1) }).nullable() })],
  ['scalars in a union', z.object({ a: z.union([z.string().min(2), z.number().int(), z.null()]) })],
  ['enumerations', z.object({ a: z.enum(['x', 'y']), b: z.literal([1, null, 'z']) })],
  [
    'lists',
    z.object({
      a: z
        .array(z.object({ b: z.string().optional() }))
        .min(1)
        .max(2),
    }),
  ],
  ['a tuple', z.object({ a: z.tuple([z.string(), z.number()]) })],
  ['a record', z.object({ a: z.record(z.string().max(1), z.number()) })],
  ['a record of names', z.object({ a: z.record(z.enum(['x', 'y']), z.number()) })],
  ['integers', z.object({ a: z.int(), b: z.int32(), c: z.number().multipleOf(5).gt(0).lte(20) })],
  ['text formats', z.object({ a: z.email(), b: z.uuid(), c: z.iso.date(), d: z.iso.datetime() }).partial()],
  ['patterns', z.object({ a: z.string().regex(/^A.B$/i).startsWith('a').endsWith('b').includes('.') }).partial()],
  ['lengths in UTF-16', z.object({ a: z.string().min(1).max(2) })],
  ['a template', z.object({ a: z.templateLiteral(['v', z.number()]) })],
  [
    'a discriminated union',
    z.object({
      a: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('x'), n: z.number().default(1) }),
        z.strictObject({ kind: z.enum(['y', 'z']), t: z.string() }),
      ]),
    }),
  ],
  ['anything and nothing', z.object({ a: z.unknown(), b: z.any(), c: z.never().optional() })],
  ['readonly', z.object({ a: z.array(z.string()).readonly() })],
];

const INEXACT: readonly (readonly [string, z.ZodType])[] = [
  ['a transform', z.object({ a: z.string().transform((text) => text.length) })],
  ['a refinement', z.object({ a: z.string().refine((text) => text.length > 1) })],
  ['a refinement of the object', z.object({ a: z.string() }).refine(({ a }) => a.length > 1)],
  ['trim', z.object({ a: z.string().trim().min(2) })],
  ['coercion', z.object({ a: z.coerce.number() })],
  ['preprocess', z.object({ a: z.preprocess((value) => value ?? 'x', z.string()) })],
  ['a pipe', z.object({ a: z.string().pipe(z.transform(Number)).pipe(z.number()) })],
  ['catch', z.object({ a: z.string().catch('x') })],
  ['a date that is asked for', z.object({ a: z.string().default(() => new Date().toISOString()) })],
  ['the environment', z.object({ a: z.string().default(() => process.env.HOME ?? 'x') })],
  ['a default that does not fit', z.object({ a: z.string().min(3).default('x') })],
  ['objects in a union', z.object({ a: z.union([z.object({ b: z.string() }), z.object({ c: z.number() })]) })],
  ['an intersection', z.object({ a: z.object({ b: z.string() }).and(z.object({ c: z.number() })) })],
  ['a URL', z.object({ a: z.url() })],
  ['a fraction as a step', z.object({ a: z.number().multipleOf(0.1) })],
];

const scalar = fc.oneof(
  fc.constantFrom(
    '',
    'x',
    'y',
    'ab',
    'a.B',
    'a.b',
    'A😀B',
    '😀',
    '😀😀',
    'v1',
    'x@y.co',
    'https://x.y',
    '2024-02-29',
    '2024-02-29T10:00:00Z',
    'z',
    '2024-02-30',
  ),
  fc.constantFrom<unknown>(null, true, 0, 1, 2, 5, 7, 20, 1.5, 0.3, -1, 2 ** 31, 2 ** 53),
  fc.constant('6ec0bd7f-11c0-43da-975e-2a8ad9ebae0b'),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'n', 't', 'x', 'y', 'xx', 'toString'), tie('value'), {
      maxKeys: 4,
    }),
    fc.record({ kind: fc.constantFrom('x', 'y', 'w'), t: scalar, n: scalar }, { requiredKeys: [] }),
  ),
}));
const input = fc.oneof(
  value,
  fc.record({ a: value, b: value, c: value, d: value }, { requiredKeys: [] }),
  fc.record({ a: value, b: scalar, c: scalar }),
);

describe('zodValidation', () => {
  it.each(EXACT)('says all of %s', async (_name, schema) => {
    const compiled = compile(schema);
    expect((await compiled).exact).toBe(true);
    await fc.assert(
      fc.asyncProperty(fc.array(input, { minLength: 30, maxLength: 30 }), (inputs) => agree(schema, inputs, compiled)),
      { numRuns: 8 },
    );
  });

  it.each(INEXACT)('leaves %s to zod', async (_name, schema) => {
    const compiled = compile(schema);
    expect((await compiled).exact).toBe(false);
    await fc.assert(
      fc.asyncProperty(fc.array(input, { minLength: 30, maxLength: 30 }), (inputs) => agree(schema, inputs, compiled)),
      { numRuns: 4 },
    );
  });

  it('follows a schema that holds itself', async () => {
    const Node = z.object({
      name: z.string().default('n'),
      get children() {
        return z.array(Node).optional();
      },
    });
    const { exact } = await compile(Node);
    expect(exact).toBe(true);
    await agree(Node, [
      { children: [{ extra: 1, children: [{}] }] },
      { children: [{ children: [1] }] },
      {},
      { name: 1 },
    ]);
  });

  it('reads zod/mini as well', async () => {
    const schema = mini.object({ a: mini.string().check(mini.minLength(2)), b: mini._default(mini.number(), 4) });
    const { exact, validate } = await compile(schema);
    const given = { a: 'xy', c: 1 };
    expect([exact, validate(given), given]).toEqual([true, true, { a: 'xy', b: 4 }]);
  });

  it('agrees with zod on __proto__ as a key', async () => {
    const inputs = ['{"__proto__":{"x":1},"a":{"__proto__":1,"x":2}}', '{"a":{"y":1}}'].map((text): unknown =>
      JSON.parse(text),
    );
    await agree(z.object({ a: z.looseObject({}) }), inputs);
    await agree(z.object({ a: z.record(z.string(), z.number()) }), inputs);
    await agree(z.object({ a: z.object({}) }), inputs);
  });

  it('agrees with zod on random schemas', async () => {
    const leaf = fc.constantFrom<z.ZodType>(
      z.string(),
      z.string().min(1).max(2),
      z.number().int(),
      z.boolean().default(true),
      z.enum(['x', 'y']),
      z.literal(1),
      z.null(),
      z.string().optional(),
      z.string().trim(),
      z.unknown(),
    );
    const { schema } = fc.letrec<{ schema: z.ZodType }>((tie) => ({
      schema: fc.oneof(
        { maxDepth: 3 },
        leaf,
        tie('schema').map((inner) => z.array(inner)),
        tie('schema').map((inner) => inner.nullable()),
        tie('schema').map((inner) => inner.optional()),
        tie('schema').map((inner) => inner.readonly()),
        tie('schema').map((inner) => z.record(z.string(), inner)),
        fc.tuple(tie('schema'), tie('schema')).map(([a, b]) => z.union([a, b])),
        fc.tuple(tie('schema'), tie('schema')).map(([a, b]) => z.tuple([a, b])),
        fc.tuple(tie('schema'), tie('schema')).map(([a, b]) => z.object({ a, b })),
        fc
          .tuple(tie('schema'), tie('schema'))
          .map(([a, b]) => z.strictObject({ a, b }).default({ a: 1, b: 'x' } as never)),
      ),
    }));
    const object = fc.tuple(schema, schema).map(([a, b]) => z.object({ a, b }));
    await fc.assert(
      fc.asyncProperty(object, fc.array(input, { minLength: 10, maxLength: 20 }), (candidate, inputs) =>
        agree(candidate, inputs),
      ),
      {
        numRuns: 150,
      },
    );
  });
});
