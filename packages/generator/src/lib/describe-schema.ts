import { schemaFault } from './definition-fault.ts';
import { asJson, shownText } from './definition-reader.ts';
import type { JsonSchema } from './description.ts';
import { messageOf, quote } from './errors.ts';
import { checkJsonSchema, checkObjectAtTop } from './json-schema-check.ts';
import { patternFlags } from './pattern-flags.ts';
import { rewriteSchema, visitSchema } from './rewrite-schema.ts';
import { typeName } from './type-name.ts';
import { isUnsafePattern } from './unsafe-pattern.ts';
import { LENGTH_KEYWORD, UNKNOWN_KEYWORD } from './validation-keywords.ts';
import { isZodNode, type ZodNode } from './zod-node.ts';
import { zodValidation } from './zod-validation.ts';

export interface SchemaDescription {
  /** As clients see it. */
  readonly listing: JsonSchema;
  /** For `compileValidator`; undefined when every value is valid. */
  readonly validation: JsonSchema | undefined;
  /** The schema itself must have the last word. */
  readonly parse: boolean;
}

/** Imports `zod/v4/core` as the project sees it, for schemas that cannot convert themselves. */
export type LoadZod = () => Promise<{ readonly toJSONSchema?: unknown }>;

export interface SchemaOptions {
  readonly field: 'input' | 'output';
  readonly warnings: string[];
  readonly loadZod: LoadZod;
}

/** Describes a schema of zod 4, of any other library with Standard JSON Schema, or plain JSON Schema. */
export async function describeSchema(schema: unknown, options: SchemaOptions): Promise<SchemaDescription> {
  const { field, warnings } = options;
  const isObject = typeof schema === 'object' || typeof schema === 'function';
  if (!isObject || schema === null || Array.isArray(schema)) {
    throw schemaFault(
      field,
      `expected a schema, got ${typeName(schema)}`,
      'Use zod 4, another Standard Schema, or JSON Schema.',
    );
  }
  const standard: unknown = Reflect.get(schema, '~standard');
  const described = isRecord(standard)
    ? await describeStandard(schema, standard, options)
    : describePlain(schema, field);
  const listing = shownSchema(described.listing, field, warnings);
  checkPatterns(listing, field, warnings);
  if (field === 'input') checkObjectAtTop(field, listing);
  else if (listing.type !== 'object') {
    warnings.push('output: the schema is not of type "object": clients of 2025 cannot read structured results of it');
  }
  return { ...described, listing };
}

/** A pattern that can run for ever is a way to stop the server: the validator cuts long texts, the author can do more. */
function checkPatterns(schema: JsonSchema, field: string, warnings: string[]): void {
  visitSchema(schema, (keyword, value) => {
    const names = keyword === 'patternProperties' && isRecord(value) ? Object.keys(value) : [];
    for (const pattern of keyword === 'pattern' && typeof value === 'string' ? [value] : names) {
      if (!isValidPattern(pattern)) {
        const hint = 'Write it as JavaScript does, without the slashes and flags around it.';
        throw schemaFault(field, `the pattern ${quote(pattern)} is not a regular expression`, hint);
      }
      if (!isUnsafePattern(pattern)) continue;
      const advice = 'write it without a repetition inside another that matches the same text';
      warnings.push(`${field}: the pattern ${quote(pattern)} can take exponential time, ${advice}`);
    }
  });
}

function isValidPattern(pattern: string): boolean {
  try {
    return new RegExp(pattern, patternFlags(pattern)) instanceof RegExp;
  } catch {
    return false;
  }
}

function describePlain(schema: object, field: string): SchemaDescription {
  if (Reflect.get(schema, '_def') !== undefined) {
    throw schemaFault(field, 'the schema is of zod 3', 'Use zod 4: npm install zod@4.');
  }
  const written = asJson(schema, field) as JsonSchema;
  const validation = checkJsonSchema(field, written);
  // What the author wrote reaches clients as it stands, the dialect too.
  const listing = written.$schema === undefined ? validation : { $schema: written.$schema, ...validation };
  return { listing, validation, parse: false };
}

async function describeStandard(
  schema: object,
  standard: JsonSchema,
  { field, warnings, loadZod }: SchemaOptions,
): Promise<SchemaDescription> {
  const json = await convert(schema, standard, field, loadZod);
  const listing = checkJsonSchema(field, asJson(json, field) as JsonSchema);
  if (!isZodNode(schema)) return { listing, validation: withoutDefaults(listing), parse: field === 'input' };
  return describeZod(schema, withoutSafeBounds(listing), field, warnings);
}

function describeZod(
  schema: ZodNode,
  listing: JsonSchema,
  field: 'input' | 'output',
  warnings: string[],
): SchemaDescription {
  const { schema: validation, exact } = zodValidation(schema);
  if (field === 'input') return { listing, validation: isEmpty(validation) ? undefined : validation, parse: !exact };
  if (exact) return { listing, validation, parse: false };
  warnings.push('output: its transforms and refinements do not run, results are checked against its JSON Schema alone');
  return { listing, validation: listing, parse: false };
}

async function convert(
  schema: object,
  standard: JsonSchema,
  field: 'input' | 'output',
  loadZod: LoadZod,
): Promise<unknown> {
  const own = standard.jsonSchema;
  const method: unknown = isRecord(own) ? own[field] : undefined;
  try {
    if (typeof method === 'function') return method.call(own, { target: 'draft-2020-12' });
    if (isZodNode(schema)) return await convertZod(schema, field, loadZod);
  } catch (cause) {
    const state = cause instanceof RangeError ? 'it is nested too deeply' : messageOf(cause);
    throw schemaFault(
      field,
      `the schema cannot be written as JSON Schema: ${state}`,
      'Use a type that JSON can carry, and convert it in the handler.',
    );
  }
  const vendor = String(standard.vendor);
  if (vendor === 'zod') throw schemaFault(field, 'the schema is of zod 3', 'Use zod 4: npm install zod@4.');
  const hint =
    vendor === 'valibot'
      ? 'Wrap it in toStandardJsonSchema of @valibot/to-json-schema.'
      : 'Write the input as JSON Schema.';
  throw schemaFault(field, `the schema of ${JSON.stringify(vendor)} does not give its JSON Schema`, hint);
}

async function convertZod(schema: ZodNode, io: 'input' | 'output', loadZod: LoadZod): Promise<unknown> {
  const { toJSONSchema } = await loadZod();
  if (typeof toJSONSchema !== 'function') throw new Error('zod/v4/core has no toJSONSchema');
  return toJSONSchema(schema, { io, target: 'draft-2020-12' });
}

/** Another library's defaults are its own to fill in. */
function withoutDefaults(schema: JsonSchema): JsonSchema {
  return rewriteSchema(schema, (keyword, value) => (keyword === 'default' ? undefined : [keyword, value]));
}

/** Every `z.int()` says that its numbers are exact in JavaScript: two long numbers that models would read each time. */
function withoutSafeBounds(schema: JsonSchema): JsonSchema {
  return rewriteSchema(schema, (keyword, value) => {
    const bound =
      keyword === 'minimum' ? Number.MIN_SAFE_INTEGER : keyword === 'maximum' ? Number.MAX_SAFE_INTEGER : undefined;
    return bound !== undefined && value === bound ? undefined : [keyword, value];
  });
}

/** Descriptions and titles within a schema reach the model as well. */
function shownSchema(schema: JsonSchema, field: string, warnings: string[]): JsonSchema {
  return rewriteSchema(schema, (keyword, value, path) => {
    const isText = typeof value === 'string' && (keyword === 'description' || keyword === 'title');
    return [keyword, isText ? shownText(value, `${field}${path} ${keyword}`, warnings) : value];
  });
}

function isEmpty(schema: JsonSchema): boolean {
  return Object.keys(schema).every(
    (key) => key === LENGTH_KEYWORD || (key === UNKNOWN_KEYWORD && schema[key] === 'keep'),
  );
}

function isRecord(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
